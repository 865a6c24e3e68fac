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

    seen as (
        select
            known.organization_id,
            known.folded_key,
            known.team_id,
            days.first_day,
            days.last_day
        from days
        inner join
            known on days.team_id = known.team_id and days.author_name = known.name
        union all
        select organization_id, folded_key, team_id, first_day, last_day
        from named
        where folded_key is not null
    ),

    spans as (
        select
            organization_id,
            folded_key,
            min(first_day) as first_seen,
            max(last_day) as last_seen
        from seen
        group by organization_id, folded_key
    ),

    teams_by_day as (
        select
            organization_id,
            folded_key,
            team_id,
            row_number() over (
                partition by organization_id, folded_key
                order by last_day desc nulls last, team_id
            ) as place
        from
            (
                select organization_id, folded_key, team_id, last_day
                from seen
                union all
                select organization_id, folded_key, team_id, null
                from known
            ) as all_teams
    ),

    names as (
        select
            organization_id,
            folded_key,
            min(person_key) as person_key,
            min(name) as full_name
        from known
        group by organization_id, folded_key
    ),

    people as (
        select
            {{
                natural_key_uuid(
                    "people",
                    ["cast(names.organization_id as text)", "names.folded_key"],
                )
            }} as id,
            names.organization_id,
            teams_by_day.team_id,
            names.person_key as key,
            names.full_name,
            spans.first_seen,
            spans.last_seen,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from names
        inner join
            teams_by_day
            on names.organization_id = teams_by_day.organization_id
            and names.folded_key = teams_by_day.folded_key
            and teams_by_day.place = 1
        left join
            spans
            on names.organization_id = spans.organization_id
            and names.folded_key = spans.folded_key
    )

select *
from people
