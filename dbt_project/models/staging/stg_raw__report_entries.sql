with

    source as (
        select *
        from {{ source("raw", "report_entries") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__report_entries as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            checksum_sha256,
            position,
            project,
            section,
            section_kind,
            text,
            search_text,
            mentions,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__report_entries
