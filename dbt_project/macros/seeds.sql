{#
The organizations, teams and folders in the seeds. A row's key stays when its name changes; an empty
key means the name. If a text may be a key or a name, the key takes precedence, as in
loader/workspace/teams.py: an edit of only names moves nothing.
#}
{# Query: the organizations of the seed. #}
{% macro seeded_organizations() %}
    select coalesce(key, name) as key, name, description
    from {{ ref("seed_organizations").render() }}
{% endmacro %}

{#
Query: the teams of the seed. Ids are made from the key of the team and that of its first
organization, so that a team that moves keeps them in every environment.
#}
{% macro seeded_teams() %}
    select
        coalesce(teams.key, teams.name) as key,
        teams.name,
        teams.description,
        coalesce(by_key.name, by_name.name) as organization_name,
        coalesce(teams.first_organization, by_key.key, by_name.key) as organization_key
    from {{ ref("seed_teams").render() }} as teams
    left join
        ({{ seeded_organizations() }}) as by_key on teams.organization = by_key.key
    left join
        ({{ seeded_organizations() }}) as by_name on teams.organization = by_name.name
{% endmacro %}

{#
Query: the possible folder names of a team, with its key. Each folder once, in the order key, alias,
name.
#}
{% macro seeded_folders() %}
    select folder, team_key
    from
        (
            select
                folder,
                team_key,
                row_number() over (partition by folder order by rank, team_key) as place
            from
                (
                    select key as folder, key as team_key, 1 as rank
                    from ({{ seeded_teams() }}) as teams
                    union all
                    select aliases.alias, coalesce(by_key.key, by_name.key), 2
                    from {{ ref("seed_team_aliases").render() }} as aliases
                    left join
                        ({{ seeded_teams() }}) as by_key on aliases.team = by_key.key
                    left join
                        ({{ seeded_teams() }}) as by_name on aliases.team = by_name.name
                    union all
                    select name, key, 3
                    from ({{ seeded_teams() }}) as teams
                ) as named
            where team_key is not null
        ) as ranked
    where place = 1
{% endmacro %}
