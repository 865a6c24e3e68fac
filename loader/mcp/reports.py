"""Daily reports, weeks of teams, and missing reports."""

from dataclasses import asdict
from itertools import groupby
from operator import itemgetter

from loader.database.sessions import Session
from loader.mcp.items import DailyReport, Entry, Missing, Source, TeamWeek
from loader.mcp.limits import Budget
from loader.mcp.results import DailyReports, TeamWeeks, WhoIsMissing
from loader.questions import days
from loader.questions.asked import Asked, Part
from loader.questions.conditions import BY_ID, PAGE, where
from loader.questions.origins import Origins

_WEEKS = """
    select
        team,
        week_start,
        daily_reports,
        authors,
        days_missing,
        transcripts,
        jira_snapshots,
        slack_captures,
        last_loaded_at
    from reporting.team_week
"""
_MISSING = """
    select team, person, person_id, week_start, missing_date
    from reporting.missing_days
"""
_LATEST_WEEKS = " order by week_start desc, team"


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
    """Return the numbers of each team and week, for weeks with a day in the range."""
    clause, params = where(
        (BY_ID.format("team_id"), asked.team_id),
        ("week_start + 6 >= %s", asked.since),
        ("week_start <= %s", asked.until),
    )
    found = session.fetch(_WEEKS + clause + _LATEST_WEEKS + PAGE, [*params, *part.params])
    source = Source(table="reporting.team_week")
    weeks = [
        TeamWeek(**dict(zip(found.columns, row, strict=True)), source=source)
        for row in found.rows[: part.limit]
    ]
    more = Budget().rest(len(found.rows), len(weeks), part.offset)
    return TeamWeeks(weeks=weeks, truncated=bool(more), more=more)


def who_is_missing(session: Session, asked: Asked, part: Part) -> WhoIsMissing:
    """Return the missing days of people in a range, the latest week first."""
    clause, params = where(
        (BY_ID.format("team_id"), asked.team_id),
        ("missing_date >= %s", asked.since),
        ("missing_date <= %s", asked.until),
    )
    rows = session.fetch(
        _MISSING + clause + _LATEST_WEEKS + ", person, person_id, missing_date", params
    ).rows
    source = Source(table="reporting.missing_days")
    found = [
        Missing(team=team, author=person, week_start=week, days=[r[-1] for r in of], source=source)
        for (team, person, _, week), of in groupby(rows, key=itemgetter(0, 1, 2, 3))
    ][part.offset :]
    kept = Budget().fitting(found[: part.limit])
    more = Budget().rest(len(found), len(kept), part.offset)
    return WhoIsMissing(missing=kept, truncated=bool(more), more=more)
