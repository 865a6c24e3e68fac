with

    teams as (select * from {{ ref("teams") }}),

    days as (select * from {{ ref("int_missing_days_of_people") }}),

    missing_days as (
        select
            days.team_id,
            teams.name as team,
            days.person_id,
            days.person,
            days.week_start,
            days.missing_date
        from days
        inner join teams on days.team_id = teams.id
    )

select *
from missing_days
