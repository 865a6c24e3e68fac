{#
The authors of daily reports. Raw keeps each name as written, a spelling; final rows have the
person's full name. The people are those in the seed and in the latest mapping file of each team;
the seed takes precedence. `bookkeeping.spellings` records the name under which a spelling's rows
are stored. So a build detects the effect of an alias, and changes only the rows of these people.
#}
{% macro create_spellings() %}
    {# A database of an earlier release has not recorded this table. #}
    {{ record_object("bookkeeping", "spellings") }}
    create table if not exists bookkeeping.spellings (
        team_id uuid not null,
        spelling text not null,
        spelling_key text not null,
        author_name text,
        person_key text,
        stored_as text,
        rekeyed_by text,
        primary key (team_id, spelling)
    );
{% endmacro %}

{#
Pre-hook of daily_reports, after the claim: record the spellings of the claimed loads, and the names
that others wrote into the table; then find the person of each spelling. All later steps read the
result from `bookkeeping.spellings`: a load that finishes in the meantime cannot change it.
#}
{% macro resolve_authors() %}
    {% set folders, names, people = (
        folders_of_teams(),
        people_names(),
        people_by_key(),
    ) %}
    {% set raw = source("raw", "daily_reports").render() %}
    {% if not is_incremental() %}
        delete from bookkeeping.spellings
        ;
    {% elif has_columns(this, ["team_id", "author_name"]) %}
        insert into bookkeeping.spellings (team_id, spelling, spelling_key, stored_as)
        select
            stored.team_id,
            stored.author_name,
        {{ person_key("stored.author_name") }},
            stored.author_name
        from (select distinct team_id, author_name from {{ this }}) as stored
        where
            not exists (
                select 1
                from bookkeeping.spellings as known
                where
                    known.team_id = stored.team_id
                    and known.stored_as = stored.author_name
            )
        on conflict (team_id, spelling) do update set stored_as = excluded.stored_as;
    {% endif %}
    insert into bookkeeping.spellings (team_id, spelling, spelling_key)
    select team_id, author_name, {{ person_key("author_name") }}
    from
        (
            select distinct folders.team_id, loaded.author_name
            from {{ raw }} as loaded
            inner join ({{ folders }}) as folders on loaded.team = folders.folder
            where loaded._dlt_load_id in ({{ loads_to_apply("daily_reports") }})
        ) as loaded
    on conflict (team_id, spelling) do nothing
    ;
    {# For models that resolve names in texts. #}
    insert into bookkeeping.spellings (team_id, spelling, spelling_key)
    select distinct team_id, spelling, spelling_key
    from ({{ names }}) as names
    where spelling_key <> ''
    on conflict (team_id, spelling) do nothing
    ;
    update bookkeeping.spellings as known
    set author_name = found.author_name, person_key = found.person_key
    from ({{ people }}) as found
    where
        known.team_id = found.team_id
        and known.spelling = found.spelling
        and (
            known.author_name is distinct from found.author_name
            or known.person_key is distinct from found.person_key
        );
{% endmacro %}

{#
Query: the spellings of the people of each team, from the seed and the latest mapping files. A lower
place takes precedence; places of the seed are below 4.
#}
{% macro people_names() %}
    {% set folders = folders_of_teams() %}
    {% set seed, teams, mapped = (
        ref("seed_people").render(),
        ref("teams").render(),
        source("raw", "people").render(),
    ) %}
    with
        folders as ({{ folders }}),

        seeded as (
            select
                nullif(trim(team), '') as team,
                {{ nfc("trim(full_name)") }} as full_name,
                coalesce(
                    nullif(trim(key), ''), {{ nfc("trim(full_name)") }}
                ) as person_key,
                aliases
            from {{ seed }}
            where
                {{ person_key("full_name") }}
                not in ('', 'undefined', 'null', 'none', 'nan', 'n/a')
        ),

        seeded_names as (
            select team, full_name, person_key, full_name as spelling, 0 as place
            from seeded
            union all
            select team, full_name, person_key, person_key, 0
            from seeded
            union all
            select team, full_name, person_key, unnest(string_to_array(aliases, ';')), 1
            from seeded
        ),

        versions as (
            select
                *,
                rank() over (
                    partition by team, source_path order by loaded_at desc
                ) as version
            from {{ mapped }}
            where _dlt_load_id in ({{ finished_loads() }})
        ),

        names as (
            select
                folders.team_id,
                names.full_name,
                names.person_key,
                names.spelling,
                names.place
            from seeded_names as names
            inner join folders on names.team = folders.folder
            union all
            select
                teams.id,
                names.full_name,
                names.person_key,
                names.spelling,
                names.place + 2
            from seeded_names as names
            cross join {{ teams }} as teams
            where names.team is null
            union all
            select
                folders.team_id,
                versions.full_name,
                versions.full_name,
                versions.spelling,
                case when versions.spelling = versions.full_name then 4 else 5 end
            from versions
            inner join folders on versions.team = folders.folder
            where versions.version = 1 and versions.full_name is not null
        )

    select
        team_id,
        full_name,
        person_key,
        {{ nfc("trim(spelling)") }} as spelling,
        {{ person_key("spelling") }} as spelling_key,
        place
    from names
{% endmacro %}

{# Query: the name and the key of the person of each spelling in `bookkeeping.spellings`. #}
{% macro people_by_key() %}
    with
        names as ({{ people_names() }}),

        seeded_people as ({{ one_person_per_key("names where place < 4") }}),

        mapped_people as ({{ one_person_per_key("names where place >= 4") }}),

        mapped_with_keys as (
            select *, {{ person_key("full_name") }} as full_name_key from mapped_people
        )

    select
        known.team_id,
        known.spelling,
        coalesce(
            seeded.full_name, seeded_too.full_name, mapped.full_name, known.spelling
        ) as author_name,
        coalesce(
            seeded.person_key, seeded_too.person_key, mapped.person_key, known.spelling
        ) as person_key
    from bookkeeping.spellings as known
    left join
        seeded_people as seeded
        on known.team_id = seeded.team_id
        and known.spelling_key = seeded.spelling_key
    left join
        mapped_with_keys as mapped
        on known.team_id = mapped.team_id
        and known.spelling_key = mapped.spelling_key
    -- A person of a mapping file may also be in the seed.
    left join
        seeded_people as seeded_too
        on mapped.team_id = seeded_too.team_id
        and mapped.full_name_key = seeded_too.spelling_key
{% endmacro %}

{#
Query: the person of each key, at the lowest place that has it. A spelling that several people share
there resolves to nobody.

    relation  a CTE of people_names, with a condition
#}
{% macro one_person_per_key(relation) %}
    select
        team_id,
        spelling_key,
        min(full_name) as full_name,
        min(person_key) as person_key
    from
        (
            select
                *, min(place) over (partition by team_id, spelling_key) as lowest_place
            from {{ relation }}
        ) as placed
    where place = lowest_place and spelling_key <> ''
    group by team_id, spelling_key
    having count(distinct full_name) = 1
{% endmacro %}
