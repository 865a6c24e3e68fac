with

    folders as ({{ seeded_folders() }}),

    teams as ({{ seeded_teams() }}),

    stg_seeds__team_folders as (
        select
            folders.folder,
            folders.team_key,
            teams.name as team_name,
            teams.organization_key,
            teams.organization_name
        from folders
        inner join teams on folders.team_key = teams.key
    )

select *
from stg_seeds__team_folders
