with

    source as (
        select *
        from {{ raw_table("daily_reports") }}
        where _dlt_load_id in ({{ loads_to_apply("daily_reports") }})
    ),

    deduplicated as (
        {{ deduplicate("source", partition_by=["row_id"], order_by=["_dlt_load_id"]) }}
    ),

    stg_raw__daily_reports as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            author_name,
            cast(report_date as date) as report_date,
            content,
            checksum_sha256,
            line_number,
            blob_key,
            blob_url,
            loaded_at
        from deduplicated
    )

select *
from stg_raw__daily_reports
