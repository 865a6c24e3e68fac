with

    source as (
        select *
        from {{ source("raw", "daily_reports") }}
        where _dlt_load_id in ({{ finished_loads() }})
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
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__daily_reports
