with

    teams as (select * from {{ ref("seed_teams") }}),

    aliases as (select * from {{ ref("seed_team_aliases") }}),

    folders as (
        select name as folder, name as team_name
        from teams
        union
        select alias as folder, team as team_name
        from aliases
    ),

    stg_seeds__team_folders as (
        select
            folders.folder, folders.team_name, teams.organization as organization_name
        from folders
        inner join teams on folders.team_name = teams.name
    )

select *
from stg_seeds__team_folders
