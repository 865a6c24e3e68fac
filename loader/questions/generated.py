"""Generated reports and their sources."""

from dataclasses import dataclass
from datetime import date, datetime

from loader.database.sessions import Session
from loader.questions.asked import Asked, Part
from loader.questions.conditions import BY_ID, PAGE, where

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
_REPORTS = """
    select
        reports.id,
        reports.output ->> 'filename',
        report_types.name,
        teams.id,
        teams.name,
        organizations.name,
        reports.generated_at,
        reports.output ->> 'date_range_start',
        reports.output ->> 'date_range_end',
        reports.triggered_by,
        cast(reports.output as text),
        cast(reports.model_info as text),
        reports.blob_url
    from generated_reports as reports
    inner join report_types on reports.report_type_id = report_types.id
    inner join teams on reports.team_id = teams.id
    inner join organizations on teams.organization_id = organizations.id
"""


@dataclass(frozen=True, slots=True)
class Report:
    """A generated report.

    Args:
        id: The `id` in `generated_reports`.
        name: The name of its file; None if it was not recorded.
        type: The name of its type.
        team_id: The team's id.
        team: The team's name.
        organization: The organization's name.
        generated_at: The time when it was generated.
        first: The first day of its range, as YYYY-MM-DD.
        last: The last day of its range.
        triggered_by: The user who generated it.
        output: The stored output, as JSON.
        model_info: The model that generated it, as JSON.
        blob_url: The address of the blob with its file.
    """

    id: str
    name: str | None
    type: str
    team_id: str
    team: str
    organization: str
    generated_at: datetime
    first: str | None
    last: str | None
    triggered_by: str | None
    output: str | None
    model_info: str | None
    blob_url: str | None


@dataclass(frozen=True, slots=True)
class ReportSource:
    """A source of a generated report.

    Args:
        report_id: The `id` in `generated_reports`.
        report: The name of the report's file.
        team: The team's name.
        report_type: The name of the report's type.
        generated_at: The time when the report was generated.
        kind: `daily_report`, `meeting_transcript`, `jira_snapshot` or `slack_capture`.
        day: The day of the report or meeting; the first day of a snapshot's or capture's week.
        title: The author or the file.
        id: The `id` of the row in the table of this kind.
        blob_url: The address of the blob with the text.
        blob_key: The blob's name, or None.
        checksum: SHA-256 of the text.
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


def reports(session: Session, asked: Asked, part: Part, *, id_: str | None = None) -> list[Report]:
    """Return generated reports, the latest first; one more than the limit if there are more.

    Args:
        session: Connects to the database.
        asked: Filters for the team, and the days of generation.
        part: The page.
        id_: Only the report of this id.
    """
    clause, params = where(
        ("cast(reports.id as text) = lower(%s)", id_),
        (BY_ID.format("reports.team_id"), asked.team_id),
        ("cast(reports.generated_at as date) >= %s", asked.since),
        ("cast(reports.generated_at as date) <= %s", asked.until),
    )
    order = " order by reports.generated_at desc, teams.name, reports.id"
    rows = session.fetch(_REPORTS + clause + order + PAGE, [*params, *part.params]).rows
    return [_report(row) for row in rows]


def reports_about(session: Session, team: str, first: date, last: date) -> list[Report]:
    """Return the generated reports of a team whose range overlaps some days."""
    clause, params = where(
        (BY_ID.format("reports.team_id"), team),
        ("reports.output ->> 'date_range_start' <= %s", last.isoformat()),
        ("reports.output ->> 'date_range_end' >= %s", first.isoformat()),
    )
    order = " order by reports.generated_at desc, reports.id"
    return [_report(row) for row in session.fetch(_REPORTS + clause + order, params).rows]


def report_sources(
    session: Session, report: str | None, asked: Asked, part: Part
) -> list[ReportSource]:
    """Return the sources of generated reports, the latest report first.

    Args:
        session: Connects to the database.
        report: The report's id, or its file name; None for all reports.
        asked: Filters for the reports, and for the days of the sources.
        part: The page of sources; one more than the limit if there are more.
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


def _report(row: tuple[object, ...]) -> Report:
    values: list[object] = [*row]
    values[0], values[3] = str(row[0]), str(row[3])
    return Report(*values)  # type: ignore[arg-type]


def _source(row: tuple[object, ...]) -> ReportSource:
    values: list[object] = [*row]
    values[0], values[7], values[8] = str(row[0]), row[7] or "", str(row[8])
    return ReportSource(*values)  # type: ignore[arg-type]
