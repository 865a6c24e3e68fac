{#
The team's id of a staged row that is left-joined to int_team_folders. A folder without a team stops
the model, whatever is selected: skipping the row, and marking its load as applied, would lose it.
The cast is the only way to raise an error on both engines; its text is the message.
#}
{% macro team_id_or_error() %}
    coalesce(
        team_folders.team_id,
        cast(
            'no seed has a team for the folder '
            || staged.team_folder
            || ', or it has another name since: build organizations and teams, too'
            as uuid
        )
    )
{% endmacro %}

{# Query: the team that a folder belongs to, for hooks, which cannot read an ephemeral model. #}
{% macro folders_of_teams() %}
    {% set teams, organizations = (
        ref("teams").render(),
        ref("organizations").render(),
    ) %}
    select
        folders.folder,
        teams.id as team_id,
        seed_teams.key as team_key,
        seed_teams.organization_key
    from ({{ seeded_folders() }}) as folders
    inner join ({{ seeded_teams() }}) as seed_teams on folders.team_key = seed_teams.key
    inner join
        {{ organizations }} as organizations
        on seed_teams.organization_name = organizations.name
    inner join
        {{ teams }} as teams
        on seed_teams.name = teams.name
        and organizations.id = teams.organization_id
{% endmacro %}
