{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['slack_captures']) }}",
            "{{ remove_contents({'slack_captures': ('slack_capture_id', 'slack_messages')}) }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__slack_messages") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as (
        {{ touched_parents("slack_messages", "slack_captures", ref("slack_captures")) }}
    ),

    parsed as ({{ latest_parsing("staged", "parents") }}),

    slack_messages as (
        select
            {{ content_id("slack_messages", "parents.id", "parsed.position") }} as id,
            parents.id as slack_capture_id,
            parents.team_id,
            coalesce(
                cast(parsed.sent_at at time zone 'UTC' as date),
                parents.collected_week_start
            ) as day,
            aliases.person_id,
            parsed.position,
            parsed.sent_at,
            parsed.author,
            parsed.thread_position,
            parsed.text,
            parsed.reactions,
            parsed.search_text,
            parsed.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from parsed
        inner join parents on parsed.checksum_sha256 = parents.checksum_sha256
        left join
            aliases
            on parents.team_id = aliases.team_id
            and parsed.author = aliases.alias
    )

select *
from slack_messages
