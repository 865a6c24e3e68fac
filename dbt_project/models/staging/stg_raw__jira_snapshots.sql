with

    source as ({{ rows_to_apply("jira_snapshots") }}),

    stg_raw__jira_snapshots as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            collected_week_start,
            collected_week_end,
            byte_size,
            checksum_sha256,
            blob_key,
            blob_url,
            loaded_at
        from source
    )

select *
from stg_raw__jira_snapshots
