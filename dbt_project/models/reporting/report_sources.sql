with

    reports as (select * from {{ ref("generated_reports") }}),

    report_types as (select * from {{ ref("report_types") }}),

    teams as (select * from {{ ref("teams") }}),

    links as (select * from {{ ref("report_data_links") }}),

    daily_reports as (select * from {{ ref("daily_reports") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    jira_snapshots as (select * from {{ ref("jira_snapshots") }}),

    slack_captures as (select * from {{ ref("slack_captures") }}),

    sources as (
        select
            'daily report' as source_kind,
            id as source_id,
            report_date as source_date,
            author_name as title,
            blob_url
        from daily_reports
        union all
        select 'transcript', id, cast(transcript_date as date), filename, blob_url
        from meeting_transcripts
        union all
        select
            'Jira snapshot',
            id,
            collected_week_start,
            'week until ' || cast(collected_week_end as text),
            blob_url
        from jira_snapshots
        union all
        select 'Slack capture', id, collected_week_start, channel, blob_url
        from slack_captures
    ),

    report_sources as (
        select
            reports.id as generated_report_id,
            reports.output ->> 'filename' as report,
            teams.name as team,
            report_types.name as report_type,
            reports.generated_at,
            sources.source_kind,
            sources.source_id,
            sources.source_date,
            sources.title,
            sources.blob_url
        from reports
        inner join report_types on reports.report_type_id = report_types.id
        inner join teams on reports.team_id = teams.id
        inner join links on reports.id = links.generated_report_id
        inner join
            sources
            on sources.source_id = coalesce(
                links.daily_report_id,
                links.meeting_transcript_id,
                links.jira_snapshot_id,
                links.slack_capture_id
            )
    )

select *
from report_sources
