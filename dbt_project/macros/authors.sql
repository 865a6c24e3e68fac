{#
Who wrote a daily report. Raw keeps each name as written, a spelling; the final rows have the person's full name. The people are
those of the seed and of the latest mapping file of each team, the seed first. `bookkeeping.spellings` remembers under which name
a spelling's rows are stored. So a build finds out what an alias changes, and touches the rows of these people alone.
#}
{% macro create_spellings() %}
    {# A database of an earlier release lists no such table. #}
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
Pre-hook of daily_reports, after the claim: learn the spellings of the claimed loads, and the names that others wrote into the
table; then find the person of each spelling. All that follows reads the answer from `bookkeeping.spellings`: a load that
finishes in the meantime cannot change it.
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
    {# For those who ask whom a text means. #}
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
Query: the spellings of the people of each team, from the seed and the latest mapping files. The lower the place, the better the
answer; those of the seed are below 4.
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
    -- A person of a mapping file may be one of the seed.
    left join
        seeded_people as seeded_too
        on mapped.team_id = seeded_too.team_id
        and mapped.full_name_key = seeded_too.spelling_key
{% endmacro %}

{#
Query: the person of each key, at the lowest place that has it. A spelling of several people there is nobody's.

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

{#
Pre-hook of daily_reports: the rows of people whose spellings changed get their new names, and keep their ids. Two rows of a day
that become one keep the id of the older row; its text is that of the later load, as the model itself says. A row that was two
people's stays the one's whose id it has. Links follow; those of the days of these people are looked at again.
#}
{% macro rekey_authors() %}
    {% set folders = folders_of_teams() %}
    {% set raw = source("raw", "daily_reports").render() %}
    {% set links = this.incorporate(path={"identifier": "report_data_links"}) %}
    {% set changed %}
        select 1 from bookkeeping.spellings where stored_as <> author_name limit 1
    {% endset %}
    {% set needed = [
        "team_id",
        "author_name",
        "report_date",
        "loaded_at",
        "checksum_sha256",
    ] %}
    {% if is_incremental() and has_columns(this, needed) and run_query(
        changed
    ) | length > 0 %}
        {# Another build may be linking these days. #}
        {{ take_lock(links.include(database=False)) }}
        update bookkeeping.spellings as known
        set rekeyed_by = '{{ invocation_id }}'
        where
            exists (
                select 1
                from bookkeeping.spellings as changed
                where
                    changed.stored_as <> changed.author_name
                    and changed.team_id = known.team_id
                    and (
                        known.stored_as in (changed.stored_as, changed.author_name)
                        or known.author_name
                        in (changed.stored_as, changed.author_name)
                    )
            )
        ;
        create temporary table rekeyed_texts as
        select
            spellings.team_id,
            spellings.stored_as,
            spellings.author_name,
        {{ daily_report_id("spellings.person_key", "loaded.report_date") }} as id,
            cast(loaded.report_date as date) as report_date,
            loaded.row_id,
            loaded._dlt_load_id as load_id,
            -- The same order as the model's.
            row_number() over (
                partition by
                    spellings.team_id, spellings.stored_as, loaded.report_date
                order by {{ latest_day_first("loaded") }}
            ) as place_before,
            row_number() over (
                partition by
                    spellings.team_id, spellings.author_name, loaded.report_date
                order by {{ latest_day_first("loaded") }}
            ) as place_after
        from {{ raw }} as loaded
        inner join ({{ folders }}) as folders on loaded.team = folders.folder
        inner join
            bookkeeping.spellings as spellings
            on folders.team_id = spellings.team_id
            and loaded.author_name = spellings.spelling
        where
            spellings.rekeyed_by = '{{ invocation_id }}'
            and loaded._dlt_load_id in (
                select load_id
                from bookkeeping.applied_loads
                where model = '{{ this.identifier }}' and applied_at is not null
            )
        ;
        create temporary table rekeyed_days as
        with
            placed as (
                select
                    stored.id,
                    stored.team_id,
                    stored.report_date,
                    stored.author_name as old_name,
                    stored.created_at,
                    stored.loaded_at,
                    coalesce(texts.author_name, own.author_name) as new_name,
                    row_number() over (
                        partition by stored.id
                        order by
                            case when texts.id = stored.id then 0 else 1 end,
                            case
                                when texts.author_name = stored.author_name
                                then 0
                                else 1
                            end,
                            texts.place_before
                    ) as place
                from {{ this }} as stored
                inner join
                    (
                        select team_id, stored_as as author_name
                        from bookkeeping.spellings
                        where rekeyed_by = '{{ invocation_id }}'
                        union
                        select team_id, author_name
                        from bookkeeping.spellings
                        where rekeyed_by = '{{ invocation_id }}'
                    ) as names
                    on stored.team_id = names.team_id
                    and stored.author_name = names.author_name
                left join
                    rekeyed_texts as texts
                    on stored.team_id = texts.team_id
                    and stored.author_name = texts.stored_as
                    and stored.report_date = texts.report_date
                -- A row without a text in raw, such as one of another system.
                left join
                    bookkeeping.spellings as own
                    on stored.team_id = own.team_id
                    and stored.author_name = own.spelling
            ),

            named as (
                select *, coalesce(new_name, old_name) as author_name
                from placed
                where place = 1
            )

        select
            named.id,
            named.old_name,
            named.author_name,
            first_value(named.id) over (
                partition by named.team_id, named.author_name, named.report_date
                order by
                    named.created_at,
                    case when named.old_name = named.author_name then 0 else 1 end,
                    named.id
            ) as kept_id,
            first_value(named.id) over (
                partition by named.team_id, named.author_name, named.report_date
                order by named.loaded_at desc nulls last, named.created_at desc, named.id
            ) as latest_id,
            after.row_id is not null as has_text,
            after.row_id is not null
            and after.row_id is distinct from before.row_id as has_other_text
        from named
        left join
            rekeyed_texts as before
            on named.team_id = before.team_id
            and named.old_name = before.stored_as
            and named.report_date = before.report_date
            and before.place_before = 1
        left join
            rekeyed_texts as after
            on named.team_id = after.team_id
            and named.author_name = after.author_name
            and named.report_date = after.report_date
            and after.place_after = 1
        ;
        {% if adapter.get_relation(links.database, links.schema, links.identifier) %}
            create temporary table rekeyed_links as
            select
                links.id,
                days.kept_id,
                row_number() over (
                    partition by links.generated_report_id, days.kept_id
                    order by
                        case when days.id = days.kept_id then 0 else 1 end, links.id
                ) as place
            from {{ links }} as links
            inner join rekeyed_days as days on links.daily_report_id = days.id
            ;
            delete from {{ links }}
            where id in (select id from rekeyed_links where place > 1)
            ;
            update {{ links }} as links
            set
                id = {{
                    natural_key_uuid(
                        "report_data_links",
                        [
                            "cast(links.generated_report_id as text)",
                            "'daily_report'",
                            "cast(moved.kept_id as text)",
                        ],
                    )
                }},
                daily_report_id = moved.kept_id,
                updated_at = current_timestamp
            from rekeyed_links as moved
            where
                links.id = moved.id
                and moved.place = 1
                and links.daily_report_id <> moved.kept_id
            ;
            drop table rekeyed_links
            ;
        {% endif %}
        -- Days that no file has any more: the later of two texts.
        update {{ this }} as kept
        set
            content = latest.content,
            checksum_sha256 = latest.checksum_sha256,
            blob_key = latest.blob_key,
            blob_url = latest.blob_url,
            loaded_at = latest.loaded_at
        from rekeyed_days as days
        inner join {{ this }} as latest on days.latest_id = latest.id
        where
            kept.id = days.id
            and days.id = days.kept_id
            and days.id <> days.latest_id
            and not days.has_text
        ;
        delete from {{ this }}
        where id in (select id from rekeyed_days where id <> kept_id)
        ;
        -- First a name that nobody has: two people may swap theirs.
        update {{ this }}
        set author_name = cast(id as text)
        where id in (select id from rekeyed_days where old_name <> author_name)
        ;
        -- Without `loaded_at`, a row takes the text that the model finds.
        update {{ this }} as stored
        set
            author_name = days.author_name,
            loaded_at = case when not days.has_other_text then stored.loaded_at end,
            updated_at = case
                when days.old_name <> days.author_name
                then current_timestamp
                else stored.updated_at
            end
        from rekeyed_days as days
        where
            stored.id = days.id
            and (days.old_name <> days.author_name or days.has_other_text)
        ;
        update bookkeeping.applied_loads
        set applied_at = null
        where
            model = 'report_data_links'
            and load_id in (
                select load_id from rekeyed_texts where stored_as <> author_name
            )
        ;
        drop table rekeyed_days
        ;
        drop table rekeyed_texts
        ;
    {% endif %}
    update bookkeeping.spellings
    set stored_as = author_name
    where stored_as is distinct from author_name
{% endmacro %}

{# Query: the loads that have texts of the people whose rows were renamed in this build. #}
{% macro loads_of_rekeyed_authors() %}
    select loaded._dlt_load_id
    from {{ source("raw", "daily_reports").render() }} as loaded
    inner join bookkeeping.spellings as spellings on loaded.author_name = spellings.spelling
    where spellings.rekeyed_by = '{{ invocation_id }}'
{% endmacro %}

{# Which of two texts for a person and day wins, the winner first; the order is complete. #}
{% macro latest_day_first(relation) %}
    {{ relation }}.loaded_at desc,
    {{ by_code_point(relation ~ ".source_path") }} desc,
    {{ relation }}.line_number desc,
    cast({{ relation }}.row_id as uuid) desc
{% endmacro %}

{# The id of a new row of daily_reports. #}
{% macro daily_report_id(person_key, report_date, also=[]) %}
    {{
        natural_key_uuid(
            "daily_reports",
            [
                "organization_key",
                "team_key",
                person_key,
                iso_date(report_date),
            ]
            + also,
        )
    }}
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

{# Whether a table has all columns of a list. One that lacks some is left to the check of its contract. #}
{% macro has_columns(relation, names) %}
    {% set there = (
        adapter.get_columns_in_relation(relation)
        | map(attribute="name")
        | list
    ) %}
    {% do return(names | reject("in", there) | list | length == 0) %}
{% endmacro %}
