{#
The content tables: the content of the final tables' texts. The loader parses each text into rows of
`raw` with the text's checksum. A content table joins them with the rows of its parent that have
this text. So a text that comes back, or that a second row has, is not parsed again. A build
replaces only the contents of parents that its loads change.
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
    columns     the columns that are needed; texts would be copied
#}
{% macro touched_parents(model_name, parent, relation, table=none, columns=["id"]) %}
    {% set texts = texts_of_loads(model_name, parent, table) %}
    select {{ columns | join(", ") }}
    from {{ relation }}
    where
        {% if parent != "daily_reports" %} checksum_sha256 in ({{ texts }})
        {% else %}
            -- Not with `or`: PostgreSQL would read all texts again for each row.
            id in (
                select id
                from {{ relation }}
                where checksum_sha256 in ({{ texts }})
                union
                -- Rows that were renamed in this build may have another text for the
                -- person's day.
                select renamed.id
                from {{ relation }} as renamed
                inner join
                    bookkeeping.spellings as spellings
                    on renamed.team_id = spellings.team_id
                    and renamed.author_name = spellings.author_name
                where spellings.rekeyed_by = '{{ invocation_id }}'
            )
        {% endif %}
{% endmacro %}

{#
Query: the rows of the final table that get the contents, with `text_id`, from which the ids of the
contents are made. Each run appends a row for the same week, mostly with the text of the previous
run. In a sequence of equal texts, the last row has the contents, with the ids from the first one.

    model_name  the content table
    table       the raw table with the contents, if it has another name
#}
{% macro parents_with_contents(model_name, table=none) %}
    {% set its = content_tables()[table or model_name] %}
    {% set columns = ["id", "team_id", "checksum_sha256"] + its.columns %}
    {% set touched = touched_parents(
        model_name, its.parent, ref(its.parent), table, columns
    ) %}
    {% if not its.collected %}
        select touched.*, touched.id as text_id from ({{ touched }}) as touched
    {% else %}
        {% set week = "team_id, " ~ its.collected | join(", ") %}
        {% set in_order = "order by loaded_at nulls first, id" %}
        select touched.*, texts.text_id
        from ({{ touched }}) as touched
        inner join
            (
                select
                    id,
                    is_repeated,
                    first_value(id) over (
                        partition by {{ week }}, text_number {{ in_order }}
                    ) as text_id
                from
                    (
                        select
                            *,
                            sum(case when is_new then 1 else 0 end) over (
                                partition by {{ week }} {{ in_order }}
                            ) as text_number
                        from
                            (
                                select
                                    id,
                                    {{ week }},
                                    loaded_at,
                                    checksum_sha256
                                    is distinct from lag(checksum_sha256) over (
                                        partition by {{ week }} {{ in_order }}
                                    ) as is_new,
                                    checksum_sha256
                                    is not distinct from lead(checksum_sha256) over (
                                        partition by {{ week }} {{ in_order }}
                                    ) as is_repeated
                                from {{ ref(its.parent) }}
                            ) as compared
                    ) as numbered
            ) as texts
            on touched.id = texts.id
            and not texts.is_repeated
    {% endif %}
{% endmacro %}

{#
Query: the contents of texts. If a text was parsed twice, the later parsing counts.

    staged   CTE with the raw rows
    parents  CTE with the rows that have the texts
    keys     columns that identify a row of a text
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
    -- One condition: with two, PostgreSQL expects very few rows, and joins the
    -- parents by a nested loop.
    where greatest(parsing, place) = 1
{% endmacro %}

{#
The content tables of texts, by name:

    parent         the final table with the texts
    parent_id      the column that refers to it
    columns        columns of the parent that the contents take
    name           the column with the person's name in the text or its parent, if any:
                   loader/tables/contents.py
    has_mentions   whether a row can contain references
    collected      columns besides the team for which each run appends a row, if it does
#}
{% macro content_tables() %}
    {% do return(
        {
            "report_entries": {
                "parent": "daily_reports",
                "parent_id": "daily_report_id",
                "columns": ["report_date", "author_name"],
                "name": "parents.author_name",
                "has_mentions": true,
            },
            "transcript_turns": {
                "parent": "meeting_transcripts",
                "parent_id": "meeting_transcript_id",
                "columns": ["transcript_date"],
                "name": "contents.speaker",
                "has_mentions": true,
            },
            "meeting_participants": {
                "parent": "meeting_transcripts",
                "parent_id": "meeting_transcript_id",
                "columns": [],
                "name": "contents.name",
                "has_mentions": false,
            },
            "jira_issues": {
                "parent": "jira_snapshots",
                "parent_id": "jira_snapshot_id",
                "columns": ["collected_week_end"],
                "name": "contents.assignee",
                "has_mentions": true,
                "collected": ["collected_week_start", "collected_week_end"],
            },
            "slack_messages": {
                "parent": "slack_captures",
                "parent_id": "slack_capture_id",
                "columns": ["collected_week_start"],
                "name": "contents.author",
                "has_mentions": true,
                "collected": [
                    "channel",
                    "collected_week_start",
                    "collected_week_end",
                ],
            },
        }
    ) %}
{% endmacro %}

{#
The content tables whose rows feed a model, by name: its own; for `mentions`, all that can contain
references.
#}
{% macro contents_of(model_name) %}
    {% set found = {} %}
    {% for table, its in content_tables().items() if table == model_name or (
        model_name == "mentions" and its.has_mentions
    ) %}
        {% do found.update({table: its}) %}
    {% endfor %}
    {% do return(found) %}
{% endmacro %}

{#
The end of a content table's select: the contents for each row that has the text, with the person.
It needs the CTEs `contents`, `parents` and `aliases`.
#}
{% macro from_contents(model_name) %}
    from contents
    inner join parents on contents.checksum_sha256 = parents.checksum_sha256
    left join
        aliases
        on parents.team_id = aliases.team_id
        and {{ content_tables()[model_name].name }} = aliases.alias
{% endmacro %}

{# Pre-hook, after the claim: remove the contents of the parents that the build replaces. #}
{% macro remove_contents() %}
    {% if is_incremental() %}
        {{ lock_people(is_shared=True) }}
        {% for contents, its in contents_of(this.identifier).items() %}
            {% set table = ref(its.parent).render() %}
            delete from {{ this }}
            where
                {{ its.parent_id }}
                in ({{ touched_parents(this.identifier, its.parent, table, contents) }})
            ;
            {% if target.type == "duckdb" %}
                -- DuckDB has no foreign key that deletes them.
                delete from {{ this }}
                where
                    {{ its.parent_id }} is not null
                    and {{ its.parent_id }} not in (select id from {{ table }})
                ;
            {% endif %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# The id of a content row: a hash of the table, the parent and the position in its text. #}
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

{# Keep other builds from changing or adding names of people until the transaction ends. #}
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
Post-hook of people_aliases: update existing rows whose name now refers to another person, or to
nobody. Then delete people whom no name refers to any more.
#}
{% macro update_people() %}
    {% set changed %} select 1 from {{ this }} where changed_by = '{{ invocation_id }}' limit 1 {% endset %}
    {% if is_incremental() and run_query(changed) | length > 0 %}
        {% for table, its in content_tables().items() if its.name %}
            {% set contents = this.incorporate(path={"identifier": table}) %}
            {% if adapter.get_relation(contents.database, contents.schema, table) %}
                update {{ contents }} as contents
                set person_id = aliases.person_id, updated_at = current_timestamp
                from {{ this }} as aliases
                inner join
                {{ target.schema }}.{{ its.parent }} as parents
                    on aliases.team_id = parents.team_id
                where
                    aliases.changed_by = '{{ invocation_id }}'
                    and contents.{{ its.parent_id }} = parents.id
                    and {{ its.name }} = aliases.alias
                    and contents.person_id is distinct from aliases.person_id
                ;
            {% endif %}
        {% endfor %}
        delete from {{ ref("people").render() }} as people
        where
            not exists (
                select 1 from {{ this }} as aliases where aliases.person_id = people.id
            )
        ;
    {% endif %}
{% endmacro %}
