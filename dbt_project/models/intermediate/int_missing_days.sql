with

    daily_reports as (select * from {{ ref("daily_reports") }}),

    runs as (select * from {{ source("raw", "runs") }}),

    -- A day is not missing before a run that could have loaded it.
    last_run as (
        select cast(max(started_at) at time zone 'UTC' as date) as last_run_date
        from runs
        where finished_at is not null
    ),

    -- Days from one report to the next, or until the author has left.
    silences as (
        select
            team_id,
            author_name,
            report_date + 1 as first_day,
            least(
                report_date + 7 * {{ leaves_after_weeks() }},
                -- Null after the last report, which `least` ignores. DuckDB 1
                -- cannot read a view of DuckDB 2 in which `lead` has a default.
                lead(report_date) over (
                    partition by team_id, author_name order by report_date
                )
                - 1,
                last_run_date - 1
            ) as last_day
        from daily_reports
        cross join last_run
        where last_run_date is not null
    ),

    silent_days as (
        select
            team_id,
            author_name,
            {{ each_day("first_day", "last_day") }} as missing_date
        from silences
        where first_day <= last_day
    ),

    int_missing_days as (
        select
            team_id,
            author_name,
            {{ week_of("missing_date") }} as week_start,
            missing_date
        from silent_days
        where extract(isodow from missing_date) < 6
    )

select *
from int_missing_days
