with

    source as (
        select *
        from {{ source("raw", "meeting_participants") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__meeting_participants as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            checksum_sha256,
            position,
            name,
            turns,
            words,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__meeting_participants
