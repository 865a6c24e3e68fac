with

    daily_reports as (select * from {{ ref("daily_reports") }}),

    known as (select * from {{ ref("int_known_people") }}),

    named as (select * from {{ ref("int_named_people") }}),

    days as (
        select
            team_id,
            author_name,
            min(report_date) as first_day,
            max(report_date) as last_day
        from daily_reports
        group by team_id, author_name
    ),

    -- Each name of a person, and each span in which somebody saw it.
    seen as (
        select
            organization_id,
            folded_key,
            team_id,
            name,
            person_key,
            cast(null as date) as first_day,
            cast(null as date) as last_day
        from known
        union all
        select
            known.organization_id,
            known.folded_key,
            known.team_id,
            null,
            null,
            days.first_day,
            days.last_day
        from days
        inner join
            known on days.team_id = known.team_id and days.author_name = known.name
        union all
        select organization_id, folded_key, team_id, null, null, first_day, last_day
        from named
        where folded_key is not null
    ),

    people as (
        select
            {{
                natural_key_uuid(
                    "people", ["cast(organization_id as text)", "folded_key"]
                )
            }} as id,
            organization_id,
            (array_agg(team_id order by last_day desc nulls last, team_id))[
                1
            ] as team_id,
            min(person_key) as key,
            min(name) as full_name,
            min(first_day) as first_seen,
            max(last_day) as last_seen,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from seen
        group by organization_id, folded_key
    )

select *
from people
