"""What generated reports were made from."""

from loader.database.sessions import Session
from loader.mcp.asked import Asked, Part
from loader.mcp.conditions import PAGE, where
from loader.mcp.items import ReportSource, Source
from loader.mcp.limits import Budget
from loader.mcp.results import ReportSources
from loader.mcp.sources import Origins

_TABLES = {
    "daily_report": "daily_reports",
    "meeting_transcript": "meeting_transcripts",
    "jira_snapshot": "jira_snapshots",
    "slack_capture": "slack_captures",
}
_STORED = " union all ".join(
    map("select id, blob_key, checksum_sha256 from {}".format, _TABLES.values())
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


def report_sources(session: Session, report: str | None, asked: Asked, part: Part) -> ReportSources:
    """Return the sources of generated reports, the latest report first.

    Args:
        session: To the database.
        report: The report's id, or the name of its file; None for all reports.
        asked: Whose reports, and the days of the sources.
        part: Of the sources.
    """
    clause, params = where(
        ("%s in (cast(sources.generated_report_id as text), sources.report)", report),
        ("sources.team = %s", asked.team.name if asked.team else None),
        ("sources.source_date >= %s", asked.since),
        ("sources.source_date <= %s", asked.until),
    )
    order = " order by sources.generated_at desc, 1, sources.source_kind, 7, 8, 9"
    rows = session.fetch(_SOURCES + clause + order + PAGE, [*params, *part.params]).rows
    origins = Origins(session, (row[10] for row in rows), has_days=True)
    found = []
    for id_, name, team_name, type_, made, kind, day, title, source, url, key, checksum in rows:
        path, line = origins.line(key, day, checksum)
        found.append(
            ReportSource(
                report_id=str(id_),
                report=name,
                team=team_name,
                report_type=type_,
                generated_at=made,
                kind=kind,
                day=day,
                title=title or "",
                source=Source(
                    table=_TABLES[kind], id=str(source), path=path, line=line, blob_url=url
                ),
            )
        )
    kept = Budget().fitting(found[: part.limit])
    more = Budget().rest(len(rows), len(kept), part.offset)
    return ReportSources(sources=kept, truncated=bool(more), more=more)
