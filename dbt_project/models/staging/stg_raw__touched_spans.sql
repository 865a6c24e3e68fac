{% set days = {
    "daily_reports": ["report_date", "report_date"],
    "meeting_transcripts": ["transcript_date", "transcript_date"],
    "jira_snapshots": ["collected_week_start", "collected_week_end"],
    "slack_captures": ["collected_week_start", "collected_week_end"],
} %}

with

    stg_raw__touched_spans as (
        {% for table, (first, last) in days.items() %}
            select
                team as team_folder,
                min(cast({{ first }} as date)) as first_day,
                max(cast({{ last }} as date)) as last_day
            from {{ raw_table(table) }}
            where _dlt_load_id in ({{ loads_to_apply("report_data_links") }})
            group by team {{ "union all" if not loop.last }}
        {% endfor %}
    )

select *
from stg_raw__touched_spans
