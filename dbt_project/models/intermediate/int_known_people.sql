with

    teams as (select * from {{ ref("teams") }}),

    -- after daily_reports, which fills `bookkeeping.spellings`
    daily_reports as (select * from {{ ref("daily_reports") }}),

    spellings as (
        select
            team_id,
            author_name as name,
            coalesce(person_key, author_name) as person_key,
            spelling,
            spelling_key
        from bookkeeping.spellings
        where author_name is not null
    ),

    -- Most spellings are the name itself, and have its key.
    int_known_people as (
        select distinct
            teams.organization_id,
            spellings.team_id,
            spellings.name,
            spellings.person_key,
            case
                when spellings.spelling = spellings.name
                then spellings.spelling_key
                else {{ person_key("spellings.name") }}
            end as name_key,
            case
                when spellings.spelling = spellings.person_key
                then spellings.spelling_key
                else {{ person_key("spellings.person_key") }}
            end as folded_key
        from spellings
        inner join teams on spellings.team_id = teams.id
    )

select *
from int_known_people
