-- DuckDB has no foreign keys here: each content row belongs to a row of its final
-- table, and to an existing person.
{{ config(enabled=target.type == "duckdb") }}

{% set parents = {
    "daily_reports": ("daily_report_id", ["report_entries", "mentions"]),
    "meeting_transcripts": (
        "meeting_transcript_id",
        ["transcript_turns", "meeting_participants", "mentions"],
    ),
    "jira_snapshots": ("jira_snapshot_id", ["jira_issues", "mentions"]),
    "slack_captures": ("slack_capture_id", ["slack_messages", "mentions"]),
    "people": (
        "person_id",
        [
            "people_aliases",
            "report_entries",
            "transcript_turns",
            "meeting_participants",
            "jira_issues",
            "slack_messages",
        ],
    ),
} %}

with
    orphans as (
        {% for parent, (column, tables) in parents.items() %}
            {% set last_parent = loop.last %}
            {% for table in tables %}
                select
                    '{{ table }}' as table_name,
                    cast({{ column }} as text) as missing_id
                from {{ ref(table) }}
                where
                    {{ column }} is not null
                    and {{ column }} not in (select id from {{ ref(parent) }})
                    {{ "union all" if not (last_parent and loop.last) }}
            {% endfor %}
        {% endfor %}
    )

select *
from orphans
