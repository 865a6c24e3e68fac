with

    reports as (select * from {{ ref("generated_reports") }}),

    report_types as (select * from {{ ref("report_types") }}),

    teams as (select * from {{ ref("teams") }}),

    links as (select * from {{ ref("report_data_links") }}),

    sources as (select * from {{ ref("int_sources") }}),

    report_sources as (
        select
            reports.id as generated_report_id,
            reports.output ->> 'filename' as report,
            teams.name as team,
            report_types.name as report_type,
            reports.generated_at,
            sources.source_kind,
            sources.source_id,
            sources.first_day as source_date,
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
