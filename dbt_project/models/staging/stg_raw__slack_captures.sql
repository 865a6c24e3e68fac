with

    source as (
        select *
        from {{ source("raw", "slack_captures") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__slack_captures as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            channel,
            collected_week_start,
            collected_week_end,
            byte_size,
            checksum_sha256,
            blob_key,
            blob_url,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__slack_captures
