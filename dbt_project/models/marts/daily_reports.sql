{{
    config(
        pre_hook=[
            "{{ claim_loads() }}",
            "{{ resolve_authors() }}",
            "{{ adopt_authors() }}",
            "{{ rekey_authors() }}",
        ],
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    staged as (
        select *
        from {{ ref("stg_raw__daily_reports") }}
        where
            _dlt_load_id in (
                {{ loads_to_apply("daily_reports") }}
                union all
                {{ loads_of_rekeyed_authors() }}
            )
    ),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    of_team as (
        select
            staged.row_id,
            staged.source_path,
            staged.report_date,
            staged.content,
            staged.checksum_sha256,
            staged.line_number,
            staged.blob_key,
            staged.blob_url,
            staged.loaded_at,
            {{ team_id_or_error() }} as team_id,
            team_folders.team_key,
            team_folders.organization_key,
            coalesce(spellings.author_name, staged.author_name) as author_name,
            coalesce(spellings.person_key, staged.author_name) as person_key
        from staged
        left join team_folders on staged.team_folder = team_folders.folder
        left join
            bookkeeping.spellings as spellings
            on team_folders.team_id = spellings.team_id
            and staged.author_name = spellings.spelling
        -- Days of the people concerned, from loads that are read again.
        where
            staged._dlt_load_id in ({{ loads_to_apply("daily_reports") }})
            or spellings.rekeyed_by = '{{ invocation_id }}'
    ),

    latest as (
        {{
            deduplicate(
                "of_team",
                partition_by=["team_id", "author_name", "report_date"],
                order_by=[latest_day_first("of_team")],
            )
        }}
    ),

    identified as (
        select *, {{ daily_report_id("person_key", "report_date") }} as natural_id
        from latest
    ),

    {% if is_incremental() %}
        -- A row that once had this name may already have the id.
        taken as (
            select identified.natural_id
            from identified
            inner join {{ this }} as holders on identified.natural_id = holders.id
            where
                identified.team_id <> holders.team_id
                or identified.author_name <> holders.author_name
                or identified.report_date <> holders.report_date
        ),
    {% endif %}

    daily_reports as (
        select
            {% if is_incremental() %}
                case
                    when natural_id in (select natural_id from taken)
                    then
                        {{
                            daily_report_id(
                                "person_key",
                                "report_date",
                                ["cast(row_id as text)"],
                            )
                        }}
                    else natural_id
                end
            {% else %} natural_id
            {% endif %} as id,
            team_id,
            report_date,
            content,
            blob_key,
            blob_url,
            author_name,
            checksum_sha256,
            loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from identified
    )

select *
from daily_reports
