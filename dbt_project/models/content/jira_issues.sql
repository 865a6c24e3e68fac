{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['jira_snapshots']) }}",
            "{{ remove_contents() }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__jira_issues") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as ({{ parents_with_contents("jira_issues") }}),

    contents as ({{ latest_parsing("staged", "parents") }}),

    jira_issues as (
        select
            {{ content_id("jira_issues", "parents.text_id", "contents.position") }}
            as id,
            parents.id as jira_snapshot_id,
            parents.team_id,
            parents.collected_week_end as day,
            aliases.person_id,
            contents.position,
            contents.issue_key,
            contents.parent_key,
            contents.issue_type,
            contents.status,
            contents.priority,
            contents.assignee,
            contents.summary,
            contents.url,
            contents.search_text,
            contents.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
            {{ from_contents("jira_issues") }}
    )

select *
from jira_issues
