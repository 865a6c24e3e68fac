with

    source as (
        select *
        from {{ source("raw", "slack_messages") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__slack_messages as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            checksum_sha256,
            position,
            sent_at,
            author,
            thread_position,
            text,
            reactions,
            search_text,
            mentions,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__slack_messages
