{% set tables = contents_of("mentions") %}
{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['report_entries', 'transcript_turns', 'jira_issues', 'slack_messages']) }}",
            "{{ remove_contents() }}",
        ],
        post_hook="{{ mark_loads_applied() }}",
    )
}}
-- depends_on: {{ ref("report_entries") }}, {{ ref("transcript_turns") }}
-- depends_on: {{ ref("jira_issues") }}, {{ ref("slack_messages") }}
with

    {% for contents, its in tables.items() %}
        {{ its.parent }} as ({{ parents_with_contents("mentions", contents) }}),

        {{ contents }} as (select * from {{ ref("stg_raw__" ~ contents) }}),

        parsed_{{ contents }} as ({{ latest_parsing(contents, its.parent) }}),
    {% endfor %}

    found as (
        {% for contents, its in tables.items() %}
            {{ "union all" if not loop.first }}
            select
                {% for other in tables.values() %}
                    {% if other == its %} parents.id
                    {% else %} cast(null as uuid)
                    {% endif %} as {{ other.parent_id }},
                {% endfor %}
                '{{ contents }}' as source_kind,
                {{ content_id(contents, "parents.text_id", "parsed.position") }}
                as source_id,
                lines.position,
                lines.line,
                parsed.loaded_at
            from parsed_{{ contents }} as parsed
            inner join
                {{ its.parent }} as parents
                on parsed.checksum_sha256 = parents.checksum_sha256
            cross join lateral unnest(string_to_array(parsed.mentions, chr(10)))
            with ordinality as lines(line, position)
        {% endfor %}
    ),

    mentions as (
        select
            {{ content_id("mentions", "source_id", "position") }} as id,
            {% for its in tables.values() %} {{ its.parent_id }},{% endfor %}
            source_kind,
            source_id,
            position,
            substr(line, 1, strpos(line, ' ') - 1) as ref_kind,
            substr(line, strpos(line, ' ') + 1) as ref,
            loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from found
    )

select *
from mentions
