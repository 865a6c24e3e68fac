with

    source as (
        select *
        from {{ source("raw", "meeting_transcripts") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__meeting_transcripts as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            filename,
            cast(transcript_date as timestamp) as transcript_date,
            started_at,
            transcript_text,
            byte_size,
            checksum_sha256,
            blob_key,
            blob_url,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__meeting_transcripts
