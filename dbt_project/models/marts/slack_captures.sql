{{ config(pre_hook="{{ claim_loads() }}", post_hook="{{ mark_loads_applied() }}") }}

with

    staged as (
        select *
        from {{ ref("stg_raw__slack_captures") }}
        where _dlt_load_id in ({{ loads_to_apply("slack_captures") }})
    ),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    slack_captures as (
        select
            staged.row_id as id,
            {{ team_id_or_error() }} as team_id,
            staged.channel,
            staged.collected_week_start,
            staged.collected_week_end,
            staged.blob_key,
            staged.blob_url,
            staged.byte_size,
            staged.checksum_sha256,
            staged.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from staged
        left join team_folders on staged.team_folder = team_folders.folder
    )

select *
from slack_captures
