{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['meeting_transcripts']) }}",
            "{{ remove_contents({'meeting_transcripts': ('meeting_transcript_id', 'transcript_turns')}) }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__transcript_turns") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as (
        {{
            touched_parents(
                "transcript_turns", "meeting_transcripts", ref("meeting_transcripts")
            )
        }}
    ),

    parsed as ({{ latest_parsing("staged", "parents") }}),

    transcript_turns as (
        select
            {{ content_id("transcript_turns", "parents.id", "parsed.position") }} as id,
            parents.id as meeting_transcript_id,
            parents.team_id,
            cast(parents.transcript_date as date) as day,
            aliases.person_id,
            parsed.position,
            parsed.speaker,
            parsed.offset_seconds,
            parsed.text,
            parsed.search_text,
            parsed.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from parsed
        inner join parents on parsed.checksum_sha256 = parents.checksum_sha256
        left join
            aliases
            on parents.team_id = aliases.team_id
            and parsed.speaker = aliases.alias
    )

select *
from transcript_turns
