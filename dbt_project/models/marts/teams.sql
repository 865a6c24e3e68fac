{{ config(pre_hook="{{ follow_renames() }}", post_hook="{{ remember_keys() }}") }}

with

    seed_teams as ({{ seeded_teams() }}),

    organizations as (select * from {{ ref("organizations") }}),

    teams as (
        select
            {{
                natural_key_uuid(
                    "teams", ["seed_teams.organization_key", "seed_teams.key"]
                )
            }} as id,
            organizations.id as organization_id,
            seed_teams.name,
            seed_teams.description,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from seed_teams
        inner join organizations on seed_teams.organization_name = organizations.name
    )

select *
from teams
