with

    daily_reports as (select * from {{ ref("daily_reports") }}),

    sources as (select * from {{ ref("int_sources") }}),

    days as (
        select
            team_id,
            author_name,
            report_date,
            {{ week_of("report_date") }} as week_start
        from daily_reports
    ),

    -- A day is not missing before a load that could have brought it.
    last_loads as (
        select
            team_id, cast(max(loaded_at) at time zone 'UTC' as date) as last_load_date
        from sources
        group by team_id
    ),

    authors as (
        select
            team_id,
            author_name,
            min(week_start) as first_week,
            max(week_start) as last_week
        from days
        group by team_id, author_name
    ),

    weeks as (
        select
            team_id,
            author_name,
            {{ each_week("first_week", "last_week") }} as week_start
        from authors
    ),

    working_days as (
        select
            weeks.team_id,
            weeks.author_name,
            weeks.week_start,
            weeks.week_start + weekdays.days_after_monday as working_date
        from weeks
        cross join (values (0), (1), (2), (3), (4)) as weekdays(days_after_monday)
    ),

    int_missing_days as (
        select
            working_days.team_id,
            working_days.author_name,
            working_days.week_start,
            working_days.working_date as missing_date
        from working_days
        inner join last_loads on working_days.team_id = last_loads.team_id
        left join
            days
            on working_days.team_id = days.team_id
            and working_days.author_name = days.author_name
            and working_days.working_date = days.report_date
        where
            days.report_date is null
            and working_days.working_date < last_loads.last_load_date
    )

select *
from int_missing_days
