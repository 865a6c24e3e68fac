with

    jira_snapshots as (select * from {{ ref("jira_snapshots") }}),

    slack_captures as (select * from {{ ref("slack_captures") }}),

    int_weekly_sources as (
        select
            'jira_snapshots' as source_kind,
            id as source_id,
            team_id,
            '' as channel,
            collected_week_start,
            collected_week_end,
            loaded_at
        from jira_snapshots
        union all
        select
            'slack_captures',
            id,
            team_id,
            channel,
            collected_week_start,
            collected_week_end,
            loaded_at
        from slack_captures
    )

select *
from int_weekly_sources
