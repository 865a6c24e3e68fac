"""Issues: their state in each Jira snapshot, and the texts that mention them."""

from collections.abc import Sequence
from datetime import date

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.mcp.items import Issue, IssueMention, Source
from loader.mcp.limits import Budget
from loader.mcp.results import IssueHistory
from loader.questions import issues
from loader.questions.asked import Part
from loader.questions.origins import Origins


def issue_history(session: Session, key: str, part: Part) -> IssueHistory:
    """Return an issue's state in each snapshot, and the texts that mention it.

    Raises:
        WarehouseError: No text or snapshot has the key.
    """
    budget = Budget()
    rows = issues.snapshots_of(session, key, part)
    snapshots = budget.fitting(_issues(session, rows[: part.limit]))
    found = issues.mentions_of(session, key, part)
    mentions = budget.fitting(_mentions(session, found[: part.limit], budget))
    if not (rows or found or part.offset):
        raise WarehouseError(f"No snapshot and no text has the issue {key!r}.")
    # Both lists are paged together: they end at the same item.
    pairs = ((len(snapshots), len(rows)), (len(mentions), len(found)))
    cut = [kept for kept, every in pairs if kept < every]
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
    return _issues(session, issues.issues_of_person(session, person, first, last))


def _issues(session: Session, rows: Sequence[issues.Issue]) -> list[Issue]:
    origins = Origins(session, (row.blob_key for row in rows))
    names = [name for name in Issue.model_fields if name != "source"]
    found = []
    for row in rows:
        source = Source(
            table="jira_snapshots",
            id=row.snapshot_id,
            path=origins.path(row.blob_key),
            position=row.position,
            blob_url=row.blob_url,
        )
        found.append(Issue(**{name: getattr(row, name) for name in names}, source=source))
    return found


def _mentions(
    session: Session, rows: Sequence[issues.Mention], budget: Budget
) -> list[IssueMention]:
    origins = Origins(session, (row.blob_key for row in rows), has_days=True)
    mentions = []
    for row in rows:
        path, line = origins.line(row.blob_key, row.day, row.checksum)
        source = Source(
            table=f"content.{row.kind}",
            id=row.id,
            path=path,
            line=line,
            position=row.position,
            offset_seconds=row.offset_seconds,
            blob_url=row.blob_url,
        )
        mentions.append(
            IssueMention(
                kind=row.kind,
                team=row.team,
                day=row.day,
                person=row.person,
                text=budget.text(row.text),
                source=source,
            )
        )
    return mentions
