with

    source as (
        select *
        from {{ raw_table("slack_captures") }}
        where _dlt_load_id in ({{ loads_to_apply("slack_captures") }})
    ),

    deduplicated as (
        {{ deduplicate("source", partition_by=["row_id"], order_by=["_dlt_load_id"]) }}
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
            loaded_at
        from deduplicated
    )

select *
from stg_raw__slack_captures
