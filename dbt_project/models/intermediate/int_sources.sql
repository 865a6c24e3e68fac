with

    daily_reports as (select * from {{ ref("daily_reports") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    jira_snapshots as (select * from {{ ref("jira_snapshots") }}),

    slack_captures as (select * from {{ ref("slack_captures") }}),

    int_sources as (
        select
            'daily_report' as source_kind,
            id as source_id,
            team_id,
            report_date as first_day,
            report_date as last_day,
            author_name as title,
            blob_url,
            loaded_at
        from daily_reports
        union all
        select
            'meeting_transcript',
            id,
            team_id,
            cast(transcript_date as date),
            cast(transcript_date as date),
            filename,
            blob_url,
            loaded_at
        from meeting_transcripts
        union all
        select
            'jira_snapshot',
            id,
            team_id,
            collected_week_start,
            collected_week_end,
            'week until ' || {{ iso_date("collected_week_end") }},
            blob_url,
            loaded_at
        from jira_snapshots
        union all
        select
            'slack_capture',
            id,
            team_id,
            collected_week_start,
            collected_week_end,
            channel,
            blob_url,
            loaded_at
        from slack_captures
    )

select *
from int_sources
