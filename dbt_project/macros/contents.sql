{#
The content tables: what the texts of the final tables say. The loader parses each text into rows of `raw` that name its
checksum; a content table joins them with the rows of its parent that have this text. So a text that comes back, or that a
second row has, needs no second parsing. A build replaces the rows of the parents that its loads touch, and no others.
#}
{# Query: the checksums of the texts in the loads that a content table applies. #}
{% macro texts_of_loads(model_name, parent, table=none) %}
    select checksum_sha256
    from {{ source("raw", parent).render() }}
    where _dlt_load_id in ({{ loads_to_apply(model_name) }})
    union
    select checksum_sha256
    from {{ source("raw", table or model_name).render() }}
    where _dlt_load_id in ({{ loads_to_apply(model_name) }})
{% endmacro %}

{#
Query: the rows of a final table whose contents a build replaces.

    model_name  the content table
    parent      the final table
    relation    the final table, or a CTE of it
    table       the raw table with the contents, if it has another name
#}
{% macro touched_parents(model_name, parent, relation, table=none) %}
    select *
    from {{ relation }}
    where
        checksum_sha256 in ({{ texts_of_loads(model_name, parent, table) }})
        {% if parent == "daily_reports" %}
            -- A day of people whose rows were renamed in this build may have another
            -- text.
            or (team_id, author_name) in (
                select team_id, author_name
                from bookkeeping.spellings
                where rekeyed_by = '{{ invocation_id }}'
            )
        {% endif %}
{% endmacro %}

{#
Query: the contents of texts. Of two parsings of a text, the later one counts.

    staged   CTE with the raw rows
    parents  CTE with the rows that have the texts
    keys     columns that tell the rows of a text apart
#}
{% macro latest_parsing(staged, parents, keys=["position"]) %}
    {% set latest = (
        "order by loaded_at desc, " ~ by_code_point("source_path") ~ " desc"
    ) %}
    select *
    from
        (
            select
                {{ staged }}.*,
                rank() over (partition by checksum_sha256 {{ latest }}) as parsing,
                row_number() over (
                    partition by
                        checksum_sha256, {{ keys | join(", ") }} {{ latest }}, row_id
                ) as place
            from {{ staged }}
            where checksum_sha256 in (select checksum_sha256 from {{ parents }})
        ) as parsed
    -- One condition: of two, PostgreSQL expects very few rows, and joins the
    -- parents by a nested loop.
    where greatest(parsing, place) = 1
{% endmacro %}

{#
The tables with what can refer to something: the column of its parent and its name, by final table.
#}
{% macro tables_with_mentions() %}
    {% do return(
        {
            "daily_reports": ("daily_report_id", "report_entries"),
            "meeting_transcripts": (
                "meeting_transcript_id",
                "transcript_turns",
            ),
            "jira_snapshots": ("jira_snapshot_id", "jira_issues"),
            "slack_captures": ("slack_capture_id", "slack_messages"),
        }
    ) %}
{% endmacro %}

{#
Pre-hook, after the claim: remove the contents of the parents that the build replaces.

    tables  the parent's column and the raw table with the contents, by final table
#}
{% macro remove_contents(tables) %}
    {% if is_incremental() %}
        {{ lock_people(is_shared=True) }}
        {% for parent, (column, contents) in tables.items() %}
            {% set table = ref(parent).render() %}
            delete from {{ this }}
            where
                {{ column }} in (
                    select id
                    from
                        (
                            {{
                                touched_parents(
                                    this.identifier, parent, table, contents
                                )
                            }}
                        ) as touched
                )
            ;
            {% if target.type == "duckdb" %}
                -- No foreign key removes them.
                delete from {{ this }}
                where
                    {{ column }} is not null
                    and {{ column }} not in (select id from {{ table }})
                ;
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# A content row's id: of the table, the parent and the position in its text. #}
{% macro content_id(table, parent, position) %}
    {{-
        return(
            natural_key_uuid(
                table,
                ["cast(" ~ parent ~ " as text)", "cast(" ~ position ~ " as text)"],
            )
        )
    -}}
{% endmacro %}

{# Keep others from changing whose names are whose, or from adding names in the meantime, until the transaction ends. #}
{% macro lock_people(is_shared=False) %}
    {% if target.type == "postgres" %}
        select
            pg_advisory_xact_lock{{ "_shared" if is_shared }} (
                hashtextextended('content.people', 0)
            )
        ;
    {% endif %}
{% endmacro %}

{#
Post-hook of people_aliases: names that have become another person's, or nobody's, in rows that are there. Then the people go
whom no name means any more.
#}
{% macro update_people() %}
    {% set changed %} select 1 from {{ this }} where changed_by = '{{ invocation_id }}' limit 1 {% endset %}
    {% if is_incremental() and run_query(changed) | length > 0 %}
        {% for table, parent, parent_id, name in [
            (
                "report_entries",
                "daily_reports",
                "daily_report_id",
                "parents.author_name",
            ),
            (
                "meeting_participants",
                "meeting_transcripts",
                "meeting_transcript_id",
                "contents.name",
            ),
            (
                "transcript_turns",
                "meeting_transcripts",
                "meeting_transcript_id",
                "contents.speaker",
            ),
            (
                "jira_issues",
                "jira_snapshots",
                "jira_snapshot_id",
                "contents.assignee",
            ),
            (
                "slack_messages",
                "slack_captures",
                "slack_capture_id",
                "contents.author",
            ),
        ] %}
            {% set contents = this.incorporate(path={"identifier": table}) %}
            {% if adapter.get_relation(contents.database, contents.schema, table) %}
                update {{ contents }} as contents
                set person_id = aliases.person_id, updated_at = current_timestamp
                from {{ this }} as aliases
                inner join
                {{ target.schema }}.{{ parent }} as parents
                    on aliases.team_id = parents.team_id
                where
                    aliases.changed_by = '{{ invocation_id }}'
                    and contents.{{ parent_id }} = parents.id
                    and {{ name }} = aliases.alias
                    and contents.person_id is distinct from aliases.person_id
                ;
            {% endif %}
        {% endfor %}
        delete from {{ ref("people").render() }}
        where id not in (select person_id from {{ this }} where person_id is not null)
        ;
    {% endif %}
{% endmacro %}
