{% set measures = {
    "reports": ["daily_reports"],
    "entries": ["done", "todo", "blockers"],
    "meetings_of_people": ["meetings", "turns", "words"],
    "messages_of_people": ["messages"],
    "issues_of_people": ["issues"],
    "missing": ["days_missing"],
} %}
{% set columns = measures.values() | sum(start=[]) %}

with

    teams as (select * from {{ ref("teams") }}),

    people as (select * from {{ ref("people") }}),

    -- Used twice: PostgreSQL would materialize all rows with their texts, and filter
    -- later.
    aliases as not materialized(select * from {{ ref("people_aliases") }}),

    daily_reports as not materialized(select * from {{ ref("daily_reports") }}),

    report_entries as (select * from {{ ref("report_entries") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    meeting_participants as (select * from {{ ref("meeting_participants") }}),

    slack_captures as (select * from {{ ref("slack_captures") }}),

    slack_messages as (select * from {{ ref("slack_messages") }}),

    jira_snapshots as (select * from {{ ref("jira_snapshots") }}),

    jira_issues as (select * from {{ ref("jira_issues") }}),

    missing_days as (select * from {{ ref("int_missing_days_of_people") }}),

    latest_captures as ({{ latest_captures("slack_captures") }}),

    latest_snapshots as ({{ latest_snapshots("jira_snapshots") }}),

    reports as (
        select
            aliases.person_id,
            daily_reports.team_id,
            {{ week_of("daily_reports.report_date") }} as week_start,
            count(*) as daily_reports
        from daily_reports
        inner join
            aliases
            on daily_reports.team_id = aliases.team_id
            and daily_reports.author_name = aliases.alias
        group by 1, 2, 3
    ),

    entries as (
        select
            report_entries.person_id,
            daily_reports.team_id,
            {{ week_of("daily_reports.report_date") }} as week_start,
            count(case when section_kind = 'done' then 1 end) as done,
            count(case when section_kind = 'todo' then 1 end) as todo,
            count(case when section_kind = 'blocker' then 1 end) as blockers
        from report_entries
        inner join daily_reports on report_entries.daily_report_id = daily_reports.id
        group by 1, 2, 3
    ),

    meetings_of_people as (
        select
            participants.person_id,
            meeting_transcripts.team_id,
            {{ week_of("meeting_transcripts.transcript_date") }} as week_start,
            count(distinct meeting_transcripts.id) as meetings,
            sum(participants.turns) as turns,
            sum(participants.words) as words
        from meeting_participants as participants
        inner join
            meeting_transcripts
            on participants.meeting_transcript_id = meeting_transcripts.id
        group by 1, 2, 3
    ),

    messages_of_people as (
        select
            slack_messages.person_id,
            captures.team_id,
            {{ week_of(sent_on()) }} as week_start,
            count(*) as messages
        from slack_messages
        inner join
            latest_captures as captures on slack_messages.slack_capture_id = captures.id
        group by 1, 2, 3
    ),

    issues_of_people as (
        select
            jira_issues.person_id,
            snapshots.team_id,
            snapshots.week_start,
            count(distinct jira_issues.issue_key) as issues
        from jira_issues
        inner join
            latest_snapshots as snapshots on jira_issues.jira_snapshot_id = snapshots.id
        group by 1, 2, 3
    ),

    missing as (
        select person_id, team_id, week_start, count(*) as days_missing
        from missing_days
        group by 1, 2, 3
    ),

    all_measures as ({{ stacked(measures, ["person_id", "team_id", "week_start"]) }}),

    counts as (
        select
            person_id,
            team_id,
            week_start,
            {% for column in columns %}
                cast(sum({{ column }}) as bigint) as {{ column }}
                {{ "," if not loop.last }}
            {% endfor %}
        from all_measures
        where person_id is not null
        group by person_id, team_id, week_start
        -- An issue may be assigned to somebody who has left.
        having sum(daily_reports + meetings + messages + days_missing) > 0
    ),

    person_week as (
        select
            counts.person_id,
            people.full_name as person,
            counts.team_id,
            teams.name as team,
            counts.week_start,
            {% for column in columns %}
                counts.{{ column }} {{ "," if not loop.last }}
            {% endfor %}
        from counts
        inner join people on counts.person_id = people.id
        inner join teams on counts.team_id = teams.id
    )

select *
from person_week
