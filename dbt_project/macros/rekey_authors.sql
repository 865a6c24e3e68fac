{#
Pre-hook of daily_reports: rows of people whose spellings changed get the new names, and keep their
ids. If two rows of a day are merged, the result has the id of the older row and the text of the
later load, as in the model itself. A row of two people stays with the person that its id belongs
to. Links follow, and the links to days of these people are checked again.
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
    {% if is_incremental() and not flags.EMPTY and has_columns(
        this, needed
    ) and run_query(changed) | length > 0 %}
        {# Another build may be creating links to these days. #}
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
                -- A row without a text in raw, such as one from another system.
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
        -- For days that no file has any more, keep the later of two texts.
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
        -- Use a temporary name first, because two people may swap names.
        update {{ this }}
        set author_name = cast(id as text)
        where id in (select id from rekeyed_days where old_name <> author_name)
        ;
        -- Without `loaded_at`, a row gets the text that the model selects.
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
    select distinct loaded._dlt_load_id
    from {{ source("raw", "daily_reports").render() }} as loaded
    inner join bookkeeping.spellings as spellings on loaded.author_name = spellings.spelling
    where spellings.rekeyed_by = '{{ invocation_id }}'
{% endmacro %}
