{#
A database that another system filled: what its rows name otherwise gets our names, and keeps its ids. Rows that a build of ours
wrote are never looked at: those carry `loaded_at`, and no team of theirs is named by an alias.
#}
{# Pre-hook of teams: a team that is there under an alias is the seed's team. Of several, the first by name. #}
{% macro adopt_teams() %}
    {% set teams, aliases, organizations = (
        ref("seed_teams"),
        ref("seed_team_aliases"),
        ref("organizations"),
    ) %}
    {% if is_incremental() %}
        update {{ this }} as stored
        set name = named.team_name
        from
            (
                select
                    organizations.id as organization_id,
                    teams.name as team_name,
                    min(aliased.name) as alias
                from {{ this }} as aliased
                inner join {{ aliases }} as aliases on aliased.name = aliases.alias
                inner join {{ teams }} as teams on aliases.team = teams.name
                inner join
        {{ organizations }} as organizations
                    on teams.organization = organizations.name
                    and aliased.organization_id = organizations.id
                left join
        {{ this }} as known
                    on teams.name = known.name
                    and organizations.id = known.organization_id
                where known.id is null
                group by organizations.id, teams.name
            ) as named
        where
            stored.organization_id = named.organization_id
            and stored.name = named.alias
    {% endif %}
{% endmacro %}

{#
Pre-hook of daily_reports, behind the claim: a row under the first word of a name, whose team, date and checksum are those of a
row that is being applied, is that row's, and gets its full name. A table that is not as its contract says is left to the check
of its columns, which comes after this hook.
#}
{% macro adopt_authors() %}
    {% set seed_teams, aliases, teams, organizations = (
        ref("seed_teams"),
        ref("seed_team_aliases"),
        ref("teams"),
        ref("organizations"),
    ) %}
    {% set needed = ["author_name", "checksum_sha256", "loaded_at"] %}
    {% set there = [] %}
    {% set columns = (
        adapter.get_columns_in_relation(this) if is_incremental() else []
    ) %}
    {% for column in columns if column.name in needed %}
        {% do there.append(column.name) %}
    {% endfor %}
    {% if there | length == needed | length %}
        update {{ this }} as stored
        set author_name = named.author_name
        from
            (
                select
                    teams.id as team_id,
                    cast(loaded.report_date as date) as report_date,
                    loaded.checksum_sha256,
                    split_part(loaded.author_name, ' ', 1) as first_word,
                    min(loaded.author_name) as author_name
                from {{ source("raw", "daily_reports") }} as loaded
                inner join
                    (
                        select name as folder, name as team
                        from {{ seed_teams }}
                        union
                        select alias, team
                        from {{ aliases }}
                    ) as folders
                    on loaded.team = folders.folder
                inner join {{ seed_teams }} as seed_teams on folders.team = seed_teams.name
                inner join
        {{ organizations }} as organizations
                    on seed_teams.organization = organizations.name
                inner join
        {{ teams }} as teams
                    on seed_teams.name = teams.name
                    and organizations.id = teams.organization_id
                where loaded._dlt_load_id in ({{ loads_to_apply("daily_reports") }})
                group by 1, 2, 3, 4
            ) as named
        where
            stored.loaded_at is null
            and stored.team_id = named.team_id
            and stored.report_date = named.report_date
            and stored.checksum_sha256 = named.checksum_sha256
            and stored.author_name = named.first_word
            and named.author_name <> named.first_word
            and not exists (
                select 1
                from {{ this }} as known
                where
                    known.team_id = named.team_id
                    and known.report_date = named.report_date
                    and known.author_name = named.author_name
            )
    {% endif %}
{% endmacro %}
