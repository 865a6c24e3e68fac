{% set measures = {
    "reports": ["daily_reports", "authors"],
    "missing": ["days_missing"],
    "entries": ["done", "todo", "blockers"],
    "meetings_held": ["meetings", "turns", "words"],
    "messages_sent": ["messages"],
    "issues_held": ["issues"],
    "generated": ["generated_reports"],
} %}
{% set columns = measures.values() | sum(start=[]) %}

with

    teams as (select * from {{ ref("teams") }}),

    -- Used twice: PostgreSQL would materialize all rows with their texts.
    daily_reports as not materialized(select * from {{ ref("daily_reports") }}),

    report_entries as (select * from {{ ref("report_entries") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    meeting_participants as (select * from {{ ref("meeting_participants") }}),

    slack_captures as (select * from {{ ref("slack_captures") }}),

    slack_messages as (select * from {{ ref("slack_messages") }}),

    jira_snapshots as (select * from {{ ref("jira_snapshots") }}),

    jira_issues as (select * from {{ ref("jira_issues") }}),

    generated_reports as (select * from {{ ref("generated_reports") }}),

    missing_days as (select * from {{ ref("int_missing_days_of_people") }}),

    latest_captures as ({{ latest_captures("slack_captures") }}),

    latest_snapshots as ({{ latest_snapshots("jira_snapshots") }}),

    reports as (
        select
            team_id,
            {{ week_of("report_date") }} as week_start,
            count(*) as daily_reports,
            count(distinct author_name) as authors
        from daily_reports
        group by 1, 2
    ),

    missing as (
        select team_id, week_start, count(*) as days_missing
        from missing_days
        group by 1, 2
    ),

    entries as (
        select
            daily_reports.team_id,
            {{ week_of("daily_reports.report_date") }} as week_start,
            count(case when section_kind = 'done' then 1 end) as done,
            count(case when section_kind = 'todo' then 1 end) as todo,
            count(case when section_kind = 'blocker' then 1 end) as blockers
        from report_entries
        inner join daily_reports on report_entries.daily_report_id = daily_reports.id
        group by 1, 2
    ),

    spoken as (
        select meeting_transcript_id, sum(turns) as turns, sum(words) as words
        from meeting_participants
        group by meeting_transcript_id
    ),

    meetings_held as (
        select
            meetings.team_id,
            {{ week_of("meetings.transcript_date") }} as week_start,
            count(*) as meetings,
            coalesce(sum(spoken.turns), 0) as turns,
            coalesce(sum(spoken.words), 0) as words
        from meeting_transcripts as meetings
        left join spoken on meetings.id = spoken.meeting_transcript_id
        group by 1, 2
    ),

    messages_sent as (
        select
            captures.team_id,
            {{ week_of(sent_on()) }} as week_start,
            count(*) as messages
        from slack_messages
        inner join
            latest_captures as captures on slack_messages.slack_capture_id = captures.id
        group by 1, 2
    ),

    issues_held as (
        select
            snapshots.team_id,
            snapshots.week_start,
            count(distinct jira_issues.issue_key) as issues
        from jira_issues
        inner join
            latest_snapshots as snapshots on jira_issues.jira_snapshot_id = snapshots.id
        group by 1, 2
    ),

    -- A report without days counts in the week in which it was generated.
    days_of_reports as (
        select
            team_id,
            coalesce(
                cast(output ->> 'date_range_start' as date),
                cast(generated_at at time zone 'UTC' as date)
            ) as first_day
        from generated_reports
    ),

    generated as (
        select
            team_id,
            {{ week_of("first_day") }} as week_start,
            count(*) as generated_reports
        from days_of_reports
        group by 1, 2
    ),

    all_measures as ({{ stacked(measures, ["team_id", "week_start"]) }}),

    counts as (
        select
            team_id,
            week_start,
            {% for column in columns %}
                cast(sum({{ column }}) as bigint) as {{ column }}
                {{ "," if not loop.last }}
            {% endfor %}
        from all_measures
        group by team_id, week_start
    ),

    weekly_activity as (
        select
            counts.team_id,
            teams.name as team,
            counts.week_start,
            {% for column in columns %}
                counts.{{ column }} {{ "," if not loop.last }}
            {% endfor %}
        from counts
        inner join teams on counts.team_id = teams.id
    )

select *
from weekly_activity
