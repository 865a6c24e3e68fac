with

    teams as (select * from {{ ref("teams") }}),

    -- after daily_reports, which fills `bookkeeping.spellings`
    daily_reports as (select * from {{ ref("daily_reports") }}),

    int_known_people as (
        select distinct
            teams.organization_id,
            spellings.team_id,
            spellings.author_name as name,
            coalesce(spellings.person_key, spellings.author_name) as person_key,
            {{ person_key("coalesce(spellings.person_key, spellings.author_name)") }}
            as folded_key
        from bookkeeping.spellings as spellings
        inner join teams on spellings.team_id = teams.id
        where spellings.author_name is not null
    )

select *
from int_known_people
