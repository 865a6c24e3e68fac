{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['slack_captures']) }}",
            "{{ remove_contents() }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__slack_messages") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as ({{ parents_with_contents("slack_messages") }}),

    contents as ({{ latest_parsing("staged", "parents") }}),

    slack_messages as (
        select
            {{ content_id("slack_messages", "parents.text_id", "contents.position") }}
            as id,
            parents.id as slack_capture_id,
            parents.team_id,
            coalesce(
                cast(contents.sent_at at time zone 'UTC' as date),
                parents.collected_week_start
            ) as day,
            aliases.person_id,
            contents.position,
            contents.sent_at,
            contents.author,
            contents.thread_position,
            contents.text,
            contents.reactions,
            contents.search_text,
            contents.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
            {{ from_contents("slack_messages") }}
    )

select *
from slack_messages
