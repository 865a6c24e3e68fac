{% set sources = {
    "daily_reports": ("daily_report_id", "report_entries"),
    "meeting_transcripts": ("meeting_transcript_id", "transcript_turns"),
    "jira_snapshots": ("jira_snapshot_id", "jira_issues"),
    "slack_captures": ("slack_capture_id", "slack_messages"),
} %}
{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['report_entries', 'transcript_turns', 'jira_issues', 'slack_messages']) }}",
            "{{ remove_contents({                 'daily_reports': 'daily_report_id',                 'meeting_transcripts': 'meeting_transcript_id',                 'jira_snapshots': 'jira_snapshot_id',                 'slack_captures': 'slack_capture_id',             }) }}",
        ],
        post_hook="{{ mark_loads_applied() }}",
    )
}}
-- depends_on: {{ ref("report_entries") }}, {{ ref("transcript_turns") }}
-- depends_on: {{ ref("jira_issues") }}, {{ ref("slack_messages") }}
with

    staged as (select * from {{ ref("stg_raw__mentions") }}),

    {% for parent in sources %}
        {{ parent }} as ({{ touched_parents("mentions", parent, ref(parent)) }}),

        of_{{ parent }} as (select * from staged where kind = '{{ parent }}'),

        parsed_{{ parent }} as (
            {{ latest_parsing("of_" ~ parent, parent, ["part_position", "position"]) }}
        ),
    {% endfor %}

    found as (
        {% for parent, (column, contents) in sources.items() %}
            {{ "union all" if not loop.first }}
            select
                {% for other, _ in sources.values() %}
                    {% if other == column %} {{ parent }}.id
                    {% else %} cast(null as uuid)
                    {% endif %} as {{ other }},
                {% endfor %}
                '{{ contents }}' as source_kind,
                {{
                    content_id(
                        contents,
                        parent ~ ".id",
                        "parsed_" ~ parent ~ ".part_position",
                    )
                }} as source_id,
                parsed_{{ parent }}.position,
                parsed_{{ parent }}.ref_kind,
                parsed_{{ parent }}.ref,
                parsed_{{ parent }}.loaded_at
            from parsed_{{ parent }}
            inner join
                {{ parent }}
                on parsed_{{ parent }}.checksum_sha256 = {{ parent }}.checksum_sha256
        {% endfor %}
    ),

    mentions as (
        select
            {{ content_id("mentions", "source_id", "position") }} as id,
            {% for column, _ in sources.values() %} {{ column }},{% endfor %}
            source_kind,
            source_id,
            position,
            ref_kind,
            ref,
            loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from found
    )

select *
from mentions
