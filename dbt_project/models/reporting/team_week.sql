with

    teams as (select * from {{ ref("teams") }}),

    daily_reports as (select * from {{ ref("daily_reports") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    weekly_sources as (select * from {{ ref("int_weekly_sources") }}),

    missing_days as (select * from {{ ref("int_missing_days") }}),

    rows_of_weeks as (
        select
            'daily_reports' as kind,
            team_id,
            {{ week_of("report_date") }} as week_start,
            author_name,
            loaded_at
        from daily_reports
        union all
        select
            'meeting_transcripts',
            team_id,
            {{ week_of("transcript_date") }},
            null,
            loaded_at
        from meeting_transcripts
        union all
        select
            source_kind, team_id, {{ week_of("collected_week_start") }}, null, loaded_at
        from weekly_sources
        union all
        select distinct
            'nothing', team_id, week_start, null, cast(null as timestamp with time zone)
        from missing_days
    ),

    counts as (
        select
            team_id,
            week_start,
            count(case when kind = 'daily_reports' then 1 end) as daily_reports,
            count(distinct author_name) as authors,
            count(case when kind = 'meeting_transcripts' then 1 end) as transcripts,
            count(case when kind = 'jira_snapshots' then 1 end) as jira_snapshots,
            count(case when kind = 'slack_captures' then 1 end) as slack_captures,
            max(loaded_at) as last_loaded_at
        from rows_of_weeks
        group by team_id, week_start
    ),

    missing_of_authors as (
        select
            team_id,
            week_start,
            author_name,
            count(*) as number_of_days,
            {{ json_array_of("cast(missing_date as text)") }} as days
        from missing_days
        group by team_id, week_start, author_name
    ),

    missing as (
        select
            team_id,
            week_start,
            cast(sum(number_of_days) as bigint) as days_missing,
            {{ json_object_of("author_name", "days") }} as days_missing_by_author
        from missing_of_authors
        group by team_id, week_start
    ),

    team_week as (
        select
            counts.team_id,
            teams.name as team,
            counts.week_start,
            counts.daily_reports,
            counts.authors,
            coalesce(missing.days_missing, 0) as days_missing,
            coalesce(
                missing.days_missing_by_author, {{ as_json("'{}'") }}
            ) as days_missing_by_author,
            counts.transcripts,
            counts.jira_snapshots,
            counts.slack_captures,
            counts.last_loaded_at
        from counts
        inner join teams on counts.team_id = teams.id
        left join
            missing
            on counts.team_id = missing.team_id
            and counts.week_start = missing.week_start
    )

select *
from team_week
