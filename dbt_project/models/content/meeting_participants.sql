{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['meeting_transcripts']) }}",
            "{{ remove_contents({'meeting_transcripts': ('meeting_transcript_id', 'meeting_participants')}) }}",
        ],
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    staged as (select * from {{ ref("stg_raw__meeting_participants") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as (
        {{
            touched_parents(
                "meeting_participants",
                "meeting_transcripts",
                ref("meeting_transcripts"),
            )
        }}
    ),

    parsed as ({{ latest_parsing("staged", "parents") }}),

    meeting_participants as (
        select
            {{ content_id("meeting_participants", "parents.id", "parsed.position") }}
            as id,
            parents.id as meeting_transcript_id,
            aliases.person_id,
            parsed.position,
            parsed.name,
            parsed.turns,
            parsed.words,
            parsed.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from parsed
        inner join parents on parsed.checksum_sha256 = parents.checksum_sha256
        left join
            aliases on parents.team_id = aliases.team_id and parsed.name = aliases.alias
    )

select *
from meeting_participants
