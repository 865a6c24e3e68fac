with

    folders as (select * from {{ ref("stg_seeds__team_folders") }}),

    teams as (select * from {{ ref("teams") }}),

    organizations as (select * from {{ ref("organizations") }}),

    int_team_folders as (
        select
            folders.folder,
            teams.id as team_id,
            folders.team_key,
            folders.organization_key
        from folders
        inner join organizations on folders.organization_name = organizations.name
        inner join
            teams
            on folders.team_name = teams.name
            and organizations.id = teams.organization_id
    )

select *
from int_team_folders
