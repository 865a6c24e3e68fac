with

    missing_days as (select * from {{ ref("int_missing_days") }}),

    daily_reports as (select * from {{ ref("daily_reports") }}),

    people as (select * from {{ ref("people") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    known as (
        select
            aliases.team_id,
            aliases.alias,
            aliases.person_id,
            people.full_name as person
        from aliases
        inner join people on aliases.person_id = people.id
    ),

    -- A person may have two names in a team: one day is missing once.
    days_of_people as (
        select distinct
            missing_days.team_id,
            known.person_id,
            coalesce(known.person, missing_days.author_name) as person,
            missing_days.week_start,
            missing_days.missing_date
        from missing_days
        left join
            known
            on missing_days.team_id = known.team_id
            and missing_days.author_name = known.alias
    ),

    -- A report under the other name counts.
    reported as (
        select known.team_id, known.person_id, daily_reports.report_date
        from daily_reports
        inner join
            known
            on daily_reports.team_id = known.team_id
            and daily_reports.author_name = known.alias
    ),

    int_missing_days_of_people as (
        select days.*
        from days_of_people as days
        where
            not exists (
                select 1
                from reported
                where
                    reported.team_id = days.team_id
                    and reported.person_id = days.person_id
                    and reported.report_date = days.missing_date
            )
    )

select *
from int_missing_days_of_people
