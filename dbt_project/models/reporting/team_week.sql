with

    teams as (select * from {{ ref("teams") }}),

    sources as (select * from {{ ref("int_sources") }}),

    missing_days as (select * from {{ ref("int_missing_days") }}),

    rows_of_weeks as (
        select
            team_id,
            {{ week_of("first_day") }} as week_start,
            source_kind,
            title,
            loaded_at
        from sources
        union all
        -- a week without data, although reports were expected
        select team_id, week_start, 'nothing', null, null
        from missing_days
    ),

    counts as (
        select
            team_id,
            week_start,
            {% for column, kind in {
                "daily_reports": "daily_report",
                "transcripts": "meeting_transcript",
            }.items() %}
                count(case when source_kind = '{{ kind }}' then 1 end) as {{ column }},
            {% endfor %}
            -- Each run appends Jira and Slack rows: once per week and channel. One of
            -- the replaced system has no channel.
            {% for column, kind in {
                "jira_snapshots": "jira_snapshot",
                "slack_captures": "slack_capture",
            }.items() %}
                count(
                    distinct case
                        when source_kind = '{{ kind }}' then coalesce(title, '')
                    end
                ) as {{ column }},
            {% endfor %}
            count(
                distinct case when source_kind = 'daily_report' then title end
            ) as authors,
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
            {{ json_array_of(iso_date("missing_date")) }} as days
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
