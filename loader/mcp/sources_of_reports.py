"""Sources of generated reports."""

from loader.database.sessions import Session
from loader.mcp.items import ReportSource, Source
from loader.mcp.limits import Budget
from loader.mcp.results import ReportSources
from loader.questions import generated
from loader.questions.asked import Asked, Part
from loader.questions.origins import Origins


def report_sources(session: Session, report: str | None, asked: Asked, part: Part) -> ReportSources:
    """Return the sources of generated reports, the latest report first.

    Args:
        session: Connects to the database.
        report: The report's id, or its file name; None for all reports.
        asked: Filters for the reports, and for the days of the sources.
        part: The page of sources.
    """
    rows = generated.report_sources(session, report, asked, part)
    origins = Origins(session, (row.blob_key for row in rows), has_days=True)
    names = [name for name in ReportSource.model_fields if name != "source"]
    found = []
    for row in rows:
        path, line = origins.line(row.blob_key, row.day, row.checksum)
        source = Source(
            table=generated.TABLES[row.kind],
            id=row.id,
            path=path,
            line=line,
            blob_url=row.blob_url,
        )
        found.append(ReportSource(**{name: getattr(row, name) for name in names}, source=source))
    kept = Budget().fitting(found[: part.limit])
    more = Budget().rest(len(rows), len(kept), part.offset)
    return ReportSources(sources=kept, truncated=bool(more), more=more)
