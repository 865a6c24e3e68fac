{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['meeting_transcripts']) }}",
            "{{ remove_contents() }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__transcript_turns") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as ({{ parents_with_contents("transcript_turns") }}),

    contents as ({{ latest_parsing("staged", "parents") }}),

    transcript_turns as (
        select
            {{ content_id("transcript_turns", "parents.text_id", "contents.position") }}
            as id,
            parents.id as meeting_transcript_id,
            parents.team_id,
            cast(parents.transcript_date as date) as day,
            aliases.person_id,
            contents.position,
            contents.speaker,
            contents.offset_seconds,
            contents.text,
            contents.search_text,
            contents.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
            {{ from_contents("transcript_turns") }}
    )

select *
from transcript_turns
