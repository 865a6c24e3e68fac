{% set days = {
    "daily_reports": ["report_date", "report_date"],
    "meeting_transcripts": ["transcript_date", "transcript_date"],
    "jira_snapshots": ["collected_week_start", "collected_week_end"],
    "slack_captures": ["collected_week_start", "collected_week_end"],
} %}

with

    team_folders as (select * from {{ ref("int_team_folders") }}),

    spans as (
        {% for table, (first, last) in days.items() %}
            select
                team_folder,
                min(cast({{ first }} as date)) as first_day,
                max(cast({{ last }} as date)) as last_day
            from {{ ref("stg_raw__" ~ table) }}
            where _dlt_load_id in ({{ loads_to_apply("report_data_links") }})
            group by team_folder {{ "union all" if not loop.last }}
        {% endfor %}
    ),

    int_touched_spans as (
        select team_folders.team_id, spans.first_day, spans.last_day
        from spans
        -- The folder was removed from the seeds, so its team is unknown.
        left join team_folders on spans.team_folder = team_folders.folder
    )

select *
from int_touched_spans
