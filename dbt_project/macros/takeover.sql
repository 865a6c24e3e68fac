{#
In a database that another system filled, rows get our names and keep their ids. Rows that a build
of ours wrote, which have `loaded_at`, are not changed. (For its teams, see renames.sql.)
#}
{#
Pre-hook of daily_reports, after the claim: a row stored under the first word of a name gets the
full name, if its team, date and checksum equal those of a row that is being applied. A table that
differs from its contract is left to the check of its columns, which comes after this hook.
#}
{% macro adopt_authors() %}
    {% set folders = folders_of_teams() %}
    {% set needed = ["author_name", "checksum_sha256", "loaded_at"] %}
    {% if is_incremental() and has_columns(this, needed) %}
        update {{ this }} as stored
        set author_name = named.author_name
        from
            (
                select
                    folders.team_id,
                    cast(loaded.report_date as date) as report_date,
                    loaded.checksum_sha256,
                    split_part(loaded.author_name, ' ', 1) as first_word,
                    min(spellings.author_name) as author_name
                from {{ source("raw", "daily_reports").render() }} as loaded
                inner join ({{ folders }}) as folders on loaded.team = folders.folder
                inner join
                    bookkeeping.spellings as spellings
                    on folders.team_id = spellings.team_id
                    and loaded.author_name = spellings.spelling
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
