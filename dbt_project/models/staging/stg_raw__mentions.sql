with

    source as (
        select *
        from {{ source("raw", "mentions") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__mentions as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            checksum_sha256,
            kind,
            part_position,
            position,
            ref_kind,
            ref,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__mentions
