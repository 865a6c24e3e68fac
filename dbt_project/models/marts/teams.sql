{{ config(pre_hook="{{ adopt_teams() }}") }}

with

    seed_teams as (select * from {{ ref("seed_teams") }}),

    organizations as (select * from {{ ref("organizations") }}),

    teams as (
        select
            {{ natural_key_uuid("teams", ["organizations.name", "seed_teams.name"]) }}
            as id,
            organizations.id as organization_id,
            seed_teams.name,
            seed_teams.description,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from seed_teams
        inner join organizations on seed_teams.organization = organizations.name
    )

select *
from teams
