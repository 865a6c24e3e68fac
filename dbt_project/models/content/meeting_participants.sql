{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['meeting_transcripts']) }}",
            "{{ remove_contents() }}",
        ],
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    staged as (select * from {{ ref("stg_raw__meeting_participants") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as ({{ parents_with_contents("meeting_participants") }}),

    contents as ({{ latest_parsing("staged", "parents") }}),

    meeting_participants as (
        select
            {{
                content_id(
                    "meeting_participants", "parents.text_id", "contents.position"
                )
            }} as id,
            parents.id as meeting_transcript_id,
            aliases.person_id,
            contents.position,
            contents.name,
            contents.turns,
            contents.words,
            contents.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
            {{ from_contents("meeting_participants") }}
    )

select *
from meeting_participants
