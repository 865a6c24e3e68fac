"""Daily reports, weeks of teams, and whose reports are missing."""

from dataclasses import asdict

from loader.database.sessions import Session
from loader.mcp.items import DailyReport, Entry, Missing, Source, TeamWeek
from loader.mcp.limits import Budget
from loader.mcp.results import DailyReports, TeamWeeks, WhoIsMissing
from loader.questions import days
from loader.questions.asked import Asked, Part
from loader.questions.origins import Origins

_VIEW = Source(table="reporting.team_week")


def daily_reports(session: Session, asked: Asked, part: Part) -> DailyReports:
    """Return daily reports with their entries, the latest day first."""
    budget = Budget()
    rows = days.days(session, asked, part)
    kept = budget.fitting(_with_entries(session, rows[: part.limit], budget))
    more = budget.rest(len(rows), len(kept), part.offset)
    return DailyReports(reports=kept, truncated=bool(more), more=more)


def _with_entries(session: Session, found: list[days.Day], budget: Budget) -> list[DailyReport]:
    entries = days.entries(session, [day.id for day in found])
    origins = Origins(session, (day.blob_key for day in found), has_days=True)
    reports = []
    for day in found:
        path, line = origins.line(day.blob_key, day.day, day.checksum)
        source = Source(
            table="daily_reports", id=day.id, path=path, line=line, blob_url=day.blob_url
        )
        listed = [
            Entry(**(asdict(entry) | {"text": budget.text(entry.text)}))
            for entry in entries.get(day.id, ())
        ]
        reports.append(
            DailyReport(
                team=day.team,
                author=day.author,
                day=day.day,
                text=budget.text(day.text),
                entries=listed,
                source=source,
            )
        )
    return reports


def team_weeks(session: Session, asked: Asked, part: Part) -> TeamWeeks:
    """Return what there is of each team and week, of weeks with a day in the range."""
    rows = days.team_weeks(session, asked, part)
    weeks = [TeamWeek(**asdict(row), source=_VIEW) for row in rows[: part.limit]]
    more = Budget().rest(len(rows), len(weeks), part.offset)
    return TeamWeeks(weeks=weeks, truncated=bool(more), more=more)


def who_is_missing(session: Session, asked: Asked, part: Part) -> WhoIsMissing:
    """Return the missing days of authors in a range, the latest week first."""
    found = [Missing(**asdict(each), source=_VIEW) for each in days.missing_days(session, asked)][
        part.offset :
    ]
    kept = Budget().fitting(found[: part.limit])
    more = Budget().rest(len(found), len(kept), part.offset)
    return WhoIsMissing(missing=kept, truncated=bool(more), more=more)
