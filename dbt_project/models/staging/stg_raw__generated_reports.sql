with

    source as (
        select *
        from {{ source("raw", "generated_reports") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__generated_reports as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            filename,
            generated_at,
            cast(date_range_start as date) as date_range_start,
            triggered_by,
            output,
            content_hash,
            blob_key,
            blob_url,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__generated_reports
