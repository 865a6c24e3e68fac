{{
    config(
        pre_hook=["{{ claim_loads() }}", "{{ move_transcripts() }}"],
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    staged as (
        select *
        from {{ ref("stg_raw__meeting_transcripts") }}
        where _dlt_load_id in ({{ loads_to_apply("meeting_transcripts") }})
    ),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    of_team as (
        select
            staged.*,
            {{ team_id_or_error() }} as team_id,
            team_folders.team_key,
            team_folders.organization_key
        from staged
        left join team_folders on staged.team_folder = team_folders.folder
    ),

    latest as (
        {{
            deduplicate(
                "of_team",
                partition_by=["team_id", "filename", "transcript_date"],
                order_by=[
                    "loaded_at desc",
                    by_code_point("source_path") ~ " desc",
                    "row_id desc",
                ],
            )
        }}
    ),

    meeting_transcripts as (
        select
            {{
                natural_key_uuid(
                    "meeting_transcripts",
                    [
                        "organization_key",
                        "team_key",
                        "filename",
                        iso_date("transcript_date"),
                    ],
                )
            }} as id,
            team_id,
            transcript_date,
            started_at,
            filename,
            transcript_text,
            blob_key,
            blob_url,
            byte_size,
            checksum_sha256,
            loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from latest
    )

select *
from meeting_transcripts
