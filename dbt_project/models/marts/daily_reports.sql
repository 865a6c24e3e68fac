{{
    config(
        pre_hook=["{{ claim_loads() }}", "{{ adopt_authors() }}"],
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    staged as (
        select *
        from {{ ref("stg_raw__daily_reports") }}
        where _dlt_load_id in ({{ loads_to_apply("daily_reports") }})
    ),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    of_team as (
        select
            staged.*,
            {{ team_id_or_error() }} as team_id,
            team_folders.team_key,
            team_folders.organization_key
        from staged
        left join team_folders on staged.team_folder = team_folders.folder
    ),

    latest as (
        {{
            deduplicate(
                "of_team",
                partition_by=["team_id", "author_name", "report_date"],
                order_by=[
                    "loaded_at desc",
                    by_code_point("source_path") ~ " desc",
                    "line_number desc",
                    "row_id desc",
                ],
            )
        }}
    ),

    daily_reports as (
        select
            {{
                natural_key_uuid(
                    "daily_reports",
                    [
                        "organization_key",
                        "team_key",
                        "author_name",
                        iso_date("report_date"),
                    ],
                )
            }} as id,
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
        from latest
    )

select *
from daily_reports
