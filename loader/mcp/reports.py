"""Daily reports, weeks of teams, and whose reports are missing."""

import json
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from loader.database.sessions import Session
from loader.mcp.asked import Asked, Part
from loader.mcp.conditions import ALIAS, BY_ID, PAGE, where
from loader.mcp.items import DailyReport, Entry, Missing, Source, TeamWeek
from loader.mcp.limits import Budget
from loader.mcp.results import DailyReports, TeamWeeks, WhoIsMissing
from loader.mcp.sources import Origins

_REPORTS = """
    select
        days.id,
        teams.name,
        days.author_name,
        days.report_date,
        days.content,
        days.checksum_sha256,
        days.blob_key,
        days.blob_url
    from daily_reports as days
    inner join teams on days.team_id = teams.id
"""
_ENTRIES = """
    select daily_report_id, position, project, section, section_kind, text
    from content.report_entries
    where daily_report_id = any(cast(%s as uuid[]))
    order by daily_report_id, position
"""
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
    select team, week_start, cast(days_missing_by_author as text)
    from reporting.team_week
"""
_VIEW = Source(table="reporting.team_week")


def daily_reports(session: Session, asked: Asked, part: Part) -> DailyReports:
    """Return daily reports with their entries, the latest day first."""
    budget = Budget()
    clause, params = where(
        (BY_ID.format("days.team_id"), asked.team_id),
        (ALIAS.format("days.team_id", "days.author_name"), asked.person_id),
        ("days.report_date >= %s", asked.since),
        ("days.report_date <= %s", asked.until),
    )
    order = " order by days.report_date desc, teams.name, days.author_name, days.id"
    rows = session.fetch(_REPORTS + clause + order + PAGE, [*params, *part.params]).rows
    found = _with_entries(session, rows[: part.limit], budget)
    kept = budget.fitting(found)
    more = budget.rest(len(rows), len(kept), part.offset)
    return DailyReports(reports=kept, truncated=bool(more), more=more)


def _with_entries(
    session: Session, rows: Sequence[tuple[Any, ...]], budget: Budget
) -> list[DailyReport]:
    entries: dict[str, list[Entry]] = defaultdict(list)
    for id_, position, project, section, kind, text in session.fetch(
        _ENTRIES, [[str(row[0]) for row in rows]]
    ).rows:
        entry = Entry(
            position=position,
            project=project,
            section=section,
            section_kind=kind,
            text=budget.text(text),
        )
        entries[str(id_)].append(entry)
    origins = Origins(session, (row[6] for row in rows), has_days=True)
    reports = []
    for id_, team, author, day, text, checksum, key, url in rows:
        path, line = origins.line(key, day, checksum)
        source = Source(table="daily_reports", id=str(id_), path=path, line=line, blob_url=url)
        reports.append(
            DailyReport(
                team=team,
                author=author,
                day=day,
                text=budget.text(text),
                entries=entries[str(id_)],
                source=source,
            )
        )
    return reports


def team_weeks(session: Session, asked: Asked, part: Part) -> TeamWeeks:
    """Return what there is of each team and week, of weeks with a day in the range."""
    clause, params = where(*_in_weeks(asked))
    order = " order by week_start desc, team"
    rows = session.fetch(_WEEKS + clause + order + PAGE, [*params, *part.params]).rows
    names = tuple(TeamWeek.model_fields)
    weeks = [
        TeamWeek(**dict(zip(names, row, strict=False)), source=_VIEW) for row in rows[: part.limit]
    ]
    more = Budget().rest(len(rows), len(weeks), part.offset)
    return TeamWeeks(weeks=weeks, truncated=bool(more), more=more)


def who_is_missing(session: Session, asked: Asked, part: Part) -> WhoIsMissing:
    """Return the missing days of authors in a range, the latest week first."""
    found = missing_days(session, asked)[part.offset :]
    kept = Budget().fitting(found[: part.limit])
    more = Budget().rest(len(found), len(kept), part.offset)
    return WhoIsMissing(missing=kept, truncated=bool(more), more=more)


def missing_days(session: Session, asked: Asked) -> list[Missing]:
    """Return the missing days of each author and week in a range."""
    clause, params = where(*_in_weeks(asked), ("days_missing > %s", 0))
    order = " order by week_start desc, team"
    found = []
    for name, week, by_author in session.fetch(_MISSING + clause + order, params).rows:
        for author, texts in sorted(json.loads(by_author).items()):
            days = sorted(map(date.fromisoformat, texts))
            days = [d for d in days if (asked.since or d) <= d <= (asked.until or d)]
            if days:
                found.append(
                    Missing(team=name, author=author, week_start=week, days=days, source=_VIEW)
                )
    return found


def _in_weeks(asked: Asked) -> tuple[tuple[str, object], ...]:
    return (
        (BY_ID.format("team_id"), asked.team_id),
        ("week_start + 6 >= %s", asked.since),
        ("week_start <= %s", asked.until),
    )
