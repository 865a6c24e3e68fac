with

    teams as (select * from {{ ref("teams") }}),

    known as (select * from {{ ref("int_known_people") }}),

    -- Otherwise PostgreSQL would compute the key again for each pair of names.
    names as materialized(
        select *, {{ person_key("spelling") }} as spelling_key
        from {{ ref("int_names_in_texts") }}
    ),

    in_team as ({{ people_by_spelling("names", "known") }}),

    -- A guest from another team: by the full name, if one person has it there.
    in_organization as (
        select organization_id, name_key, min(folded_key) as folded_key
        from known
        group by organization_id, name_key
        -- One person; not with `=`, for the reason in people_by_spelling.
        having min(folded_key) >= max(folded_key)
    ),

    int_named_people as (
        select
            names.team_id,
            names.spelling,
            names.first_day,
            names.last_day,
            teams.organization_id,
            coalesce(known.folded_key, in_organization.folded_key) as folded_key
        from names
        inner join teams on names.team_id = teams.id
        left join
            in_team
            on names.team_id = in_team.team_id
            and names.spelling = in_team.spelling
        left join known on in_team.team_id = known.team_id and in_team.name = known.name
        left join
            in_organization
            on teams.organization_id = in_organization.organization_id
            and names.spelling_key = in_organization.name_key
    )

select *
from int_named_people
