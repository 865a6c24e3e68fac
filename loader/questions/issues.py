"""Issues: their state in each Jira snapshot, and the texts that mention them."""

from dataclasses import dataclass
from datetime import date, datetime

from loader.database.sessions import Session
from loader.questions.asked import Part
from loader.questions.conditions import PAGE

_ISSUES = """
    select
        issues.issue_key,
        teams.name,
        snapshots.collected_week_start,
        snapshots.loaded_at,
        issues.status,
        issues.issue_type,
        issues.priority,
        issues.assignee,
        people.full_name,
        issues.summary,
        issues.parent_key,
        issues.url,
        issues.position,
        snapshots.id,
        snapshots.blob_key,
        snapshots.blob_url,
        people.id
    from content.jira_issues as issues
    inner join jira_snapshots as snapshots on issues.jira_snapshot_id = snapshots.id
    inner join teams on snapshots.team_id = teams.id
    left join content.people as people on issues.person_id = people.id
"""
_OF_KEY = f"""{_ISSUES}
    where lower(issues.issue_key) = lower(%s)
    order by snapshots.collected_week_start, snapshots.loaded_at, snapshots.id, issues.position
"""
# Each run appends a snapshot of the same week. Only the latest counts.
_IN_WEEK = """
        and snapshots.collected_week_start <= %s
        and snapshots.collected_week_end >= %s
        and not exists (
            select 1
            from jira_snapshots as later
            where
                later.team_id = snapshots.team_id
                and later.collected_week_start = snapshots.collected_week_start
                and (later.loaded_at, later.id) > (snapshots.loaded_at, snapshots.id)
        )
"""
_OF_PERSON = f"""{_ISSUES}
    where
        issues.person_id = cast(%s as uuid)
        {_IN_WEEK}
    order by issues.issue_key, snapshots.id
"""
_OF_TEAM = f"""{_ISSUES}
    where
        snapshots.team_id = cast(%s as uuid)
        {_IN_WEEK}
    order by issues.position, snapshots.id
"""
_CHILDREN = f"""{_ISSUES}
    where
        lower(issues.parent_key) = lower(%s)
        {_IN_WEEK}
    order by issues.position, snapshots.id
"""
# For each table: the parent table, the parent's day, and the writer or speaker.
_MENTIONS = """
    select
        mentions.source_kind,
        teams.name,
        cast(coalesce(
            days.report_date,
            cast(meetings.transcript_date as date),
            snapshots.collected_week_start,
            captures.collected_week_start
        ) as date) as day,
        coalesce(people.full_name, turns.speaker, messages.author),
        coalesce(entries.text, turns.text, issues.summary, messages.text, ''),
        mentions.source_id,
        coalesce(entries.position, turns.position, issues.position, messages.position),
        turns.offset_seconds,
        coalesce(days.blob_key, meetings.blob_key, snapshots.blob_key, captures.blob_key),
        coalesce(days.blob_url, meetings.blob_url, snapshots.blob_url, captures.blob_url),
        days.checksum_sha256,
        coalesce(
            mentions.daily_report_id,
            mentions.meeting_transcript_id,
            mentions.jira_snapshot_id,
            mentions.slack_capture_id
        ),
        people.id
    from
        (
            select distinct
                source_kind,
                source_id,
                daily_report_id,
                meeting_transcript_id,
                jira_snapshot_id,
                slack_capture_id
            from content.mentions
            where ref_kind = 'jira_issue' and lower(ref) = lower(%s)
        ) as mentions
    left join daily_reports as days on mentions.daily_report_id = days.id
    left join meeting_transcripts as meetings on mentions.meeting_transcript_id = meetings.id
    left join jira_snapshots as snapshots on mentions.jira_snapshot_id = snapshots.id
    left join slack_captures as captures on mentions.slack_capture_id = captures.id
    left join content.report_entries as entries on mentions.source_id = entries.id
    left join content.transcript_turns as turns on mentions.source_id = turns.id
    left join content.jira_issues as issues on mentions.source_id = issues.id
    left join content.slack_messages as messages on mentions.source_id = messages.id
    left join
        content.people as people
        on coalesce(entries.person_id, turns.person_id, messages.person_id) = people.id
    inner join
        teams
        on coalesce(days.team_id, meetings.team_id, snapshots.team_id, captures.team_id) = teams.id
    order by day desc, mentions.source_kind, mentions.source_id
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue, as in a Jira snapshot.

    Args:
        issue_key: The key, such as ROCKS-214.
        team: The team whose snapshot it is.
        week_start: The first day of the snapshot's week.
        loaded_at: The time when the snapshot was loaded.
        status: The status in Jira, like the next fields.
        issue_type: The type, such as epic or story.
        assignee: The name as written.
        person: The assignee's full name, if known.
        summary: The title.
        parent_key: The key of the parent issue.
        url: The issue's address.
        position: Its place in the snapshot, from 1.
        snapshot_id: The `id` in `jira_snapshots`.
        blob_key: The name of the blob that has the snapshot, or None.
        blob_url: Its address.
        person_id: The assignee's id, if known.
    """

    issue_key: str
    team: str
    week_start: date
    loaded_at: datetime
    status: str | None
    issue_type: str | None
    priority: str | None
    assignee: str | None
    person: str | None
    summary: str | None
    parent_key: str | None
    url: str | None
    position: int
    snapshot_id: str
    blob_key: str | None
    blob_url: str | None
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A text that mentions an issue.

    Args:
        kind: The table of the text, such as `report_entries`, `transcript_turns` or `jira_issues`.
        team: The team's name.
        day: The day of the report or meeting; the first day of a snapshot's or capture's week.
        person: The writer or speaker.
        text: The entry, turn, summary or message.
        id: The `id` in that table.
        position: Its place in the text, from 1.
        offset_seconds: Seconds from the start of the meeting, for a turn.
        blob_key: The name of the blob that has the text, or None.
        blob_url: Its address.
        checksum: SHA-256 of the text of a day.
        parent_id: The `id` of the report, meeting, snapshot or capture.
        person_id: The person's id, if known.
    """

    kind: str
    team: str
    day: date
    person: str | None
    text: str
    id: str
    position: int
    offset_seconds: int | None
    blob_key: str | None
    blob_url: str | None
    checksum: str | None
    parent_id: str
    person_id: str | None


def snapshots_of(session: Session, key: str, part: Part) -> list[Issue]:
    """Return an issue as in each snapshot, the earliest first.

    Args:
        session: Connects to the database.
        key: The issue's key, in any letter case.
        part: The page; one more than the limit if there are more.
    """
    rows = session.fetch(_OF_KEY + PAGE, [key.strip(), *part.params]).rows
    return [_issue(row) for row in rows]


def mentions_of(session: Session, key: str, part: Part) -> list[Mention]:
    """Return the texts that mention an issue, the latest first.

    Args:
        session: Connects to the database.
        key: The issue's key, in any letter case.
        part: The page; one more than the limit if there are more.
    """
    rows = session.fetch(_MENTIONS + PAGE, [key.strip(), *part.params]).rows
    return [_mention(row) for row in rows]


def issues_of_person(session: Session, person: str, first: date, last: date) -> list[Issue]:
    """Return the issues that the latest snapshots of a week assign to a person."""
    return [_issue(row) for row in session.fetch(_OF_PERSON, [person, last, first]).rows]


def issues_of_team(session: Session, team: str, first: date, last: date) -> list[Issue]:
    """Return the issues of the latest snapshots of a team's week, in their order."""
    return [_issue(row) for row in session.fetch(_OF_TEAM, [team, last, first]).rows]


def children_of(session: Session, key: str, first: date, last: date) -> list[Issue]:
    """Return the child issues of an issue, from the latest snapshots of a week."""
    return [_issue(row) for row in session.fetch(_CHILDREN, [key, last, first]).rows]


def _issue(row: tuple[object, ...]) -> Issue:
    values: list[object] = [*row]
    values[13], values[16] = str(row[13]), _text(row[16])
    return Issue(*values)  # type: ignore[arg-type]


def _mention(row: tuple[object, ...]) -> Mention:
    values: list[object] = [*row]
    values[5], values[11], values[12] = str(row[5]), str(row[11]), _text(row[12])
    return Mention(*values)  # type: ignore[arg-type]


def _text(id_: object) -> str | None:
    return None if id_ is None else str(id_)
