with

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    jira_snapshots as (select * from {{ ref("jira_snapshots") }}),

    slack_captures as (select * from {{ ref("slack_captures") }}),

    participants as (
        select distinct checksum_sha256, name
        from {{ ref("stg_raw__meeting_participants") }}
    ),

    issues as (
        select distinct checksum_sha256, assignee as name
        from {{ ref("stg_raw__jira_issues") }}
    ),

    messages as (
        select
            checksum_sha256,
            author as name,
            min(cast(sent_at at time zone 'UTC' as date)) as first_day,
            max(cast(sent_at at time zone 'UTC' as date)) as last_day
        from {{ ref("stg_raw__slack_messages") }}
        group by checksum_sha256, author
    ),

    names as (
        select
            meeting_transcripts.team_id,
            participants.name,
            cast(meeting_transcripts.transcript_date as date) as first_day,
            cast(meeting_transcripts.transcript_date as date) as last_day
        from participants
        inner join
            meeting_transcripts
            on participants.checksum_sha256 = meeting_transcripts.checksum_sha256
        union all
        select
            slack_captures.team_id, messages.name, messages.first_day, messages.last_day
        from messages
        inner join
            slack_captures on messages.checksum_sha256 = slack_captures.checksum_sha256
        union all
        -- An issue may be assigned to somebody who has left.
        select jira_snapshots.team_id, issues.name, null, null
        from issues
        inner join
            jira_snapshots on issues.checksum_sha256 = jira_snapshots.checksum_sha256
    ),

    int_names_in_texts as (
        select
            team_id,
            name as spelling,
            min(first_day) as first_day,
            max(last_day) as last_day
        from names
        where name is not null
        group by team_id, name
    )

select *
from int_names_in_texts
