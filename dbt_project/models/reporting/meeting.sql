with

    teams as (select * from {{ ref("teams") }}),

    people as (select * from {{ ref("people") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    transcript_turns as (select * from {{ ref("transcript_turns") }}),

    meeting_participants as (select * from {{ ref("meeting_participants") }}),

    mentions as (select * from {{ ref("mentions") }}),

    -- A person may be in a meeting under several names.
    present as (
        select
            participants.meeting_transcript_id,
            participants.person_id,
            coalesce(people.full_name, participants.name) as name,
            sum(participants.words) as words
        from meeting_participants as participants
        left join people on participants.person_id = people.id
        group by 1, 2, 3
    ),

    attendance as (
        select
            meeting_transcript_id,
            count(*) as participants,
            count(*) - count(person_id) as unknown_participants,
            cast(sum(words) as bigint) as words,
            {{ json_array_of(by_code_point("name")) }} as people
        from present
        group by meeting_transcript_id
    ),

    spoken as (
        select
            meeting_transcript_id,
            count(*) as turns,
            max(offset_seconds) as duration_seconds
        from transcript_turns
        group by meeting_transcript_id
    ),

    referred as (
        select meeting_transcript_id, count(*) as mentions
        from mentions
        where meeting_transcript_id is not null
        group by meeting_transcript_id
    ),

    meeting as (
        select
            meetings.id as meeting_transcript_id,
            meetings.team_id,
            teams.name as team,
            cast(meetings.transcript_date as date) as meeting_date,
            meetings.started_at,
            meetings.filename,
            coalesce(attendance.participants, 0) as participants,
            coalesce(attendance.unknown_participants, 0) as unknown_participants,
            coalesce(spoken.turns, 0) as turns,
            coalesce(attendance.words, 0) as words,
            spoken.duration_seconds,
            coalesce(attendance.people, {{ as_json("'[]'") }}) as people,
            coalesce(referred.mentions, 0) as mentions
        from meeting_transcripts as meetings
        inner join teams on meetings.team_id = teams.id
        left join attendance on meetings.id = attendance.meeting_transcript_id
        left join spoken on meetings.id = spoken.meeting_transcript_id
        left join referred on meetings.id = referred.meeting_transcript_id
    )

select *
from meeting
