with

    source as (
        select *
        from {{ source("raw", "jira_issues") }}
        where _dlt_load_id in ({{ finished_loads() }})
    ),

    stg_raw__jira_issues as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            checksum_sha256,
            position,
            issue_key,
            parent_key,
            issue_type,
            status,
            priority,
            assignee,
            summary,
            url,
            search_text,
            mentions,
            loaded_at,
            _dlt_load_id
        from source
    )

select *
from stg_raw__jira_issues
