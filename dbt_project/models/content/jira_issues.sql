{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['jira_snapshots']) }}",
            "{{ remove_contents({'jira_snapshots': ('jira_snapshot_id', 'jira_issues')}) }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__jira_issues") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as (
        {{ touched_parents("jira_issues", "jira_snapshots", ref("jira_snapshots")) }}
    ),

    parsed as ({{ latest_parsing("staged", "parents") }}),

    jira_issues as (
        select
            {{ content_id("jira_issues", "parents.id", "parsed.position") }} as id,
            parents.id as jira_snapshot_id,
            parents.team_id,
            parents.collected_week_end as day,
            aliases.person_id,
            parsed.position,
            parsed.issue_key,
            parsed.parent_key,
            parsed.issue_type,
            parsed.status,
            parsed.priority,
            parsed.assignee,
            parsed.summary,
            parsed.url,
            parsed.search_text,
            parsed.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from parsed
        inner join parents on parsed.checksum_sha256 = parents.checksum_sha256
        left join
            aliases
            on parents.team_id = aliases.team_id
            and parsed.assignee = aliases.alias
    )

select *
from jira_issues
