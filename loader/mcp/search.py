"""Search in the content of texts."""

from collections.abc import Iterable
from typing import Any

from loader.database.sessions import Session
from loader.mcp.items import Hit, Source
from loader.questions.origins import Origins
from loader.reading.search import Hit as Found

_ORIGINS = """
    select contents.id, parents.blob_key, parents.blob_url, {day}, parents.checksum_sha256
    from content.{table} as contents
    inner join {parent} as parents on contents.{key} = parents.id
    where contents.id = any(cast(%s as uuid[]))
"""
_TABLES = {
    "entry": ("report_entries", "daily_reports", "daily_report_id", "parents.report_date"),
    "turn": ("transcript_turns", "meeting_transcripts", "meeting_transcript_id", "null"),
    "issue": ("jira_issues", "jira_snapshots", "jira_snapshot_id", "null"),
    "message": ("slack_messages", "slack_captures", "slack_capture_id", "null"),
}
KINDS = tuple(_TABLES)


def with_sources(session: Session, found: Iterable[Found]) -> list[Hit]:
    """Return the hits with their files."""
    hits = list(found)
    rows: dict[str, tuple[Any, ...]] = {}
    for kind, (table, parent, key, day) in _TABLES.items():
        if ids := [str(hit.id) for hit in hits if hit.kind == kind]:
            query = _ORIGINS.format(table=table, parent=parent, key=key, day=day)
            rows |= {str(row[0]): row[1:] for row in session.fetch(query, [ids]).rows}
    origins = Origins(session, (row[0] for row in rows.values()), has_days=True)
    answers = []
    for hit in hits:
        key, url, day, checksum = rows.get(str(hit.id), (None, None, None, ""))
        path, line = origins.line(key, day, checksum)
        source = Source(
            table=f"content.{_TABLES[hit.kind][0]}",
            id=str(hit.id),
            path=path,
            line=line,
            position=hit.position,
            offset_seconds=hit.offset_seconds,
            blob_url=url,
        )
        answers.append(
            Hit(
                kind=hit.kind,
                team=hit.team,
                day=hit.date,
                person=hit.person,
                text=hit.snippet,
                source=source,
            )
        )
    return answers
