"""Issues: what each Jira snapshot says of them, and which texts mention them."""

from datetime import date
from typing import Any

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.mcp.asked import Part
from loader.mcp.conditions import PAGE
from loader.mcp.items import Issue, IssueMention, Source
from loader.mcp.limits import Budget
from loader.mcp.results import IssueHistory
from loader.mcp.sources import Origins

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
        snapshots.blob_url
    from content.jira_issues as issues
    inner join jira_snapshots as snapshots on issues.jira_snapshot_id = snapshots.id
    inner join teams on snapshots.team_id = teams.id
    left join content.people as people on issues.person_id = people.id
"""
_OF_KEY = f"""{_ISSUES}
    where lower(issues.issue_key) = lower(%s)
    order by snapshots.collected_week_start, snapshots.loaded_at, snapshots.id, issues.position
"""
# Each run appends a snapshot of the same week: the latest one counts.
_OF_PERSON = f"""{_ISSUES}
    where
        issues.person_id = cast(%s as uuid)
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
    order by issues.issue_key, snapshots.id
"""  # noqa: S608 - a constant
# By table: its parent, the parent's day, and who wrote or said it.
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
        days.checksum_sha256
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


def issue_history(session: Session, key: str, part: Part) -> IssueHistory:
    """Return what the snapshots say of an issue, and which texts mention it.

    Raises:
        WarehouseError: Nothing has the key.
    """
    budget = Budget()
    page = [key.strip(), *part.params]
    rows = session.fetch(_OF_KEY + PAGE, page).rows
    snapshots = budget.fitting(_issues(session, rows[: part.limit]))
    found = session.fetch(_MENTIONS + PAGE, page).rows
    mentions = budget.fitting(_mentions(session, found[: part.limit], budget))
    if not (rows or found or part.offset):
        raise WarehouseError(f"no snapshot and no text has the issue {key!r}.")
    # The two lists go on together: the shorter one decides where.
    cut = [
        len(kept)
        for kept, every in ((snapshots, rows), (mentions, found))
        if len(kept) < len(every)
    ]
    reached = min(cut, default=part.limit)
    more = budget.rest(reached + len(cut), reached, part.offset)
    return IssueHistory(
        issue_key=key,
        snapshots=snapshots[:reached] if cut else snapshots,
        mentions=mentions[:reached] if cut else mentions,
        truncated=bool(more),
        more=more,
    )


def issues_of_person(session: Session, person: str, first: date, last: date) -> list[Issue]:
    """Return the issues that the latest snapshots of a week assign to a person."""
    return _issues(session, session.fetch(_OF_PERSON, [person, last, first]).rows)


def _issues(session: Session, rows: list[tuple[Any, ...]]) -> list[Issue]:
    origins = Origins(session, (row[14] for row in rows))
    names = (
        *("issue_key", "team", "week_start", "loaded_at", "status", "issue_type", "priority"),
        *("assignee", "person", "summary", "parent_key", "url"),
    )
    issues = []
    for row in rows:
        position, id_, key, url = row[12:]
        source = Source(
            table="jira_snapshots",
            id=str(id_),
            path=origins.path(key),
            position=position,
            blob_url=url,
        )
        issues.append(Issue(**dict(zip(names, row, strict=False)), source=source))
    return issues


def _mentions(session: Session, rows: list[tuple[Any, ...]], budget: Budget) -> list[IssueMention]:
    origins = Origins(session, (row[8] for row in rows), has_days=True)
    mentions = []
    for kind, team, day, person, text, id_, position, seconds, key, url, checksum in rows:
        path, line = origins.line(key, day, checksum)
        source = Source(
            table=f"content.{kind}",
            id=str(id_),
            path=path,
            line=line,
            position=position,
            offset_seconds=seconds,
            blob_url=url,
        )
        mentions.append(
            IssueMention(
                kind=kind, team=team, day=day, person=person, text=budget.text(text), source=source
            )
        )
    return mentions
