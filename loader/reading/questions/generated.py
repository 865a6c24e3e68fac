"""What generated reports were made from."""

from dataclasses import dataclass
from datetime import date, datetime

from loader.database.sessions import Session
from loader.reading.questions.asked import Asked, Part
from loader.reading.questions.conditions import PAGE, where

TABLES = {
    "daily_report": "daily_reports",
    "meeting_transcript": "meeting_transcripts",
    "jira_snapshot": "jira_snapshots",
    "slack_capture": "slack_captures",
}
_STORED = " union all ".join(
    map("select id, blob_key, checksum_sha256 from {}".format, TABLES.values())
)
_SOURCES = f"""
    select
        sources.generated_report_id,
        coalesce(sources.report, ''),
        sources.team,
        sources.report_type,
        sources.generated_at,
        sources.source_kind,
        sources.source_date,
        sources.title,
        sources.source_id,
        sources.blob_url,
        stored.blob_key,
        stored.checksum_sha256
    from reporting.report_sources as sources
    left join
        (
            {_STORED}
        ) as stored
        on sources.source_id = stored.id
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class ReportSource:
    """A source of a generated report.

    Args:
        report_id: The `id` in `generated_reports`.
        report: The name of the report's file.
        team: The team's name.
        report_type: The name of the report's type.
        generated_at: When the report was generated.
        kind: `daily_report`, `meeting_transcript`, `jira_snapshot` or `slack_capture`.
        day: The day of the report or meeting; the first day of a snapshot's or capture's week.
        title: The author, the file or the like.
        id: The `id` of the row in the table of the kind.
        blob_url: The address of the blob that has the text.
        blob_key: Its name; None if there is none.
        checksum: Of the text.
    """

    report_id: str
    report: str
    team: str
    report_type: str
    generated_at: datetime
    kind: str
    day: date
    title: str
    id: str
    blob_url: str | None
    blob_key: str | None
    checksum: str | None


def report_sources(
    session: Session, report: str | None, asked: Asked, part: Part
) -> list[ReportSource]:
    """Return the sources of generated reports, the latest report first.

    Args:
        session: To the database.
        report: The report's id, or the name of its file; None for all reports.
        asked: Whose reports, and the days of the sources.
        part: Of the sources; one more than the limit if there are more.
    """
    clause, params = where(
        ("%s in (cast(sources.generated_report_id as text), sources.report)", report),
        ("sources.team = %s", asked.team.name if asked.team else None),
        ("sources.source_date >= %s", asked.since),
        ("sources.source_date <= %s", asked.until),
    )
    order = " order by sources.generated_at desc, 1, sources.source_kind, 7, 8, 9"
    rows = session.fetch(_SOURCES + clause + order + PAGE, [*params, *part.params]).rows
    return [_source(row) for row in rows]


def _source(row: tuple[object, ...]) -> ReportSource:
    values: list[object] = [*row]
    values[0], values[7], values[8] = str(row[0]), row[7] or "", str(row[8])
    return ReportSource(*values)  # type: ignore[arg-type]
