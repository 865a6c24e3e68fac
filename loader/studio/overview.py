"""The first page: who reported when, what each week has, what was loaded when. Data to HTML."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape

from loader.database.queries import FINISHED
from loader.database.sessions import Session, Sessions

_WEEKS = 6
_DAYS = """
    select teams.name, days.author_name, days.report_date
    from daily_reports as days
    inner join teams as teams on days.team_id = teams.id
    where
        days.report_date >= %s
        and days.report_date <= %s
        and (cast(%s as text) is null or teams.name = %s)
"""
# A day that a mistyped year puts into the future is not the last one.
_LAST_DAY = """
    select max(days.report_date)
    from daily_reports as days
    inner join teams as teams on days.team_id = teams.id
    where days.report_date <= current_date and (cast(%s as text) is null or teams.name = %s)
"""
# All may have been silent since.
_LAST_WEEK = """
    select max(week_start)
    from reporting.team_week
    where
        week_start >= %s
        and week_start <= current_date
        and (cast(%s as text) is null or team = %s)
        and (daily_reports > 0 or days_missing > 0)
"""
_MISSING = """
    select team, cast(days_missing_by_author as text)
    from reporting.team_week
    where week_start >= %s and week_start <= %s and (cast(%s as text) is null or team = %s)
"""
_TEAM_WEEKS = """
    select
        week_start,
        cast(sum(daily_reports) as bigint),
        cast(sum(transcripts) as bigint),
        cast(sum(jira_snapshots) as bigint),
        cast(sum(slack_captures) as bigint)
    from reporting.team_week
    where week_start >= %s and week_start <= %s and (cast(%s as text) is null or team = %s)
    group by week_start
    order by week_start
"""
_LOADED = f"""
    select
        readings.loaded_at,
        readings.files,
        coalesce(refused.rejections, 0)
    from
        (
            select run_id, max(loaded_at) as loaded_at, count(*) as files
            from raw.files
            where {FINISHED}
            group by run_id
            order by max(loaded_at) desc
            limit 30
        ) as readings
    left join
        (
            select run_id, count(*) as rejections
            from raw.rejections
            where severity = 'rejected'
            group by run_id
        ) as refused
        on readings.run_id = refused.run_id
    order by readings.loaded_at
"""  # noqa: S608 - constants only
_TEAMS = "select distinct name from teams order by name"
STYLE = """
<style>
.studio { --there: #2f9e63; --missing: #d9480f; --line: #d8dee4; --soft: #6b7580; font-size: 14px; }
.dark .studio { --there: #51cf8a; --missing: #ff922b; --line: #3a424a; --soft: #9aa5b1; }
.studio .title { font-size: 20px; margin: 22px 0 8px; }
.studio table { border-collapse: separate; border-spacing: 2px; }
.studio th { font-weight: 500; color: var(--soft); text-align: left; padding: 0 8px 0 0; }
.studio th.week { text-align: center; padding: 0 0 2px; }
.studio td.day { width: 17px; height: 17px; border-radius: 3px; border: 1px solid var(--line); }
.studio td.there { background: var(--there); border-color: var(--there); }
.studio td.missing { border: 2px solid var(--missing); }
.studio td.gap { width: 8px; }
.studio td.number { text-align: right; padding: 2px 14px 2px 0; }
.studio .bars { display: flex; align-items: flex-end; gap: 4px; height: 90px; }
.studio .bar { width: 18px; background: var(--there); border-radius: 2px 2px 0 0; }
.studio .bar.refused { background: var(--missing); border-radius: 0; }
.studio .legend { color: var(--soft); margin-top: 6px; }
.studio .legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px;
    margin: 0 5px 0 12px; vertical-align: -1px; border: 1px solid var(--line); }
</style>
"""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which of a range's weekdays each author reported.

    Args:
        mondays: Of the weeks.
        there: Days by team and author.
        missing: Days that are missing, likewise.
    """

    mondays: list[date]
    there: dict[tuple[str, str], set[date]]
    missing: dict[tuple[str, str], set[date]]


def teams(connections: Sessions) -> list[str]:
    """The teams' names."""
    with connections.reading() as session:
        return [name for (name,) in session.fetch(_TEAMS).rows]


def render(connections: Sessions, team: str | None) -> str:
    """The page for a team, or for all.

    Raises:
        WarehouseError: The final tables are not built, or not to be read.
    """
    with connections.reading() as session:
        calendar = _calendar(session, team)
        weeks = _weeks(session, calendar.mondays, team)
        loads = session.fetch(_LOADED).rows if _may_read_raw(session) else None
    parts = [STYLE, '<div class="studio">', *_calendar_html(calendar), *_weeks_html(weeks)]
    return "\n".join([*parts, *_loads_html(loads), "</div>"])


def _calendar(session: Session, team: str | None) -> Calendar:
    ((last,),) = session.fetch(_LAST_DAY, [team, team]).rows
    if last is None:
        return Calendar([], {}, {})
    monday = last - timedelta(days=last.weekday())
    ((monday,),) = session.fetch(_LAST_WEEK, [monday, team, team]).rows
    mondays = [monday - timedelta(weeks=n) for n in reversed(range(_WEEKS))]
    there: dict[tuple[str, str], set[date]] = defaultdict(set)
    missing: dict[tuple[str, str], set[date]] = defaultdict(set)
    until = monday + timedelta(days=6)
    for name, author, day in session.fetch(_DAYS, [mondays[0], until, team, team]).rows:
        there[name, author].add(day)
    for name, absent in session.fetch(_MISSING, [mondays[0], monday, team, team]).rows:
        for author, days in json.loads(absent).items():
            missing[name, author] |= {date.fromisoformat(day) for day in days}
    first = min(day for found in (there, missing) for days in found.values() for day in days)
    return Calendar(
        [m for m in mondays if m + timedelta(days=6) >= first], dict(there), dict(missing)
    )


def _weeks(session: Session, mondays: list[date], team: str | None) -> list[tuple[object, ...]]:
    if not mondays:
        return []
    return session.fetch(_TEAM_WEEKS, [mondays[0], mondays[-1], team, team]).rows


def _may_read_raw(session: Session) -> bool:
    query = (
        "select count(*) from information_schema.tables"
        " where table_schema = 'raw' and table_name in ('files', 'rejections', 'runs')"
    )
    return bool(session.fetch(query).rows[0][0] == 3)  # noqa: PLR2004


def _calendar_html(calendar: Calendar) -> Iterator[str]:
    yield _title("Daily reports")
    if not calendar.mondays:
        yield "<p>No daily report yet.</p>"
        return
    yield "<table><tr><th></th><th></th>"
    for monday in calendar.mondays:
        yield f'<th class="week" colspan="7">{monday}</th><td class="gap"></td>'
    yield "</tr><tr><th></th><th></th>"
    for _ in calendar.mondays:
        yield "".join(f'<th class="week">{letter}</th>' for letter in "MTWTFSS")
        yield '<td class="gap"></td>'
    yield "</tr>"
    for name, author in sorted({*calendar.there, *calendar.missing}):
        yield f"<tr><th>{escape(name)}</th><th>{escape(author)}</th>"
        for monday in calendar.mondays:
            for day in (monday + timedelta(days=n) for n in range(7)):
                yield _day_html(day, calendar, (name, author))
            yield '<td class="gap"></td>'
        yield "</tr>"
    yield "</table>"
    yield (
        '<div class="legend"><i style="background:var(--there)"></i>there'
        '<i style="border:2px solid var(--missing)"></i>missing<i></i>not expected</div>'
    )


def _title(text: str) -> str:
    return f'<div class="title">{text}</div>'


def _day_html(day: date, calendar: Calendar, who: tuple[str, str]) -> str:
    kind, word = "", "not expected"
    if day in calendar.there.get(who, ()):
        kind, word = " there", "there"
    elif day in calendar.missing.get(who, ()):
        kind, word = " missing", "missing"
    return f'<td class="day{kind}" title="{escape(who[1])}, {day:%a %Y-%m-%d}: {word}"></td>'


def _weeks_html(weeks: list[tuple[object, ...]]) -> Iterator[str]:
    yield _title("Weeks") + "<table><tr>"
    for name in ("week", "daily reports", "transcripts", "Jira snapshots", "Slack captures"):
        yield f"<th>{name}</th>"
    yield "</tr>"
    for monday, *counts in weeks:
        cells = "".join(f'<td class="number">{count:,}</td>' for count in counts)
        yield f"<tr><th>{monday}</th>{cells}</tr>"
    yield "</table>"


def _loads_html(loads: Iterable[tuple[datetime, int, int]] | None) -> Iterator[str]:
    yield _title("Loads")
    if loads is None:
        yield "<p>This user may not read the raw tables.</p>"
        return
    found = list(loads)
    if not found:
        yield "<p>Nothing was loaded yet.</p>"
        return
    most = max(files for _, files, _ in found)
    yield '<div class="bars">'
    for at, files, refused in found:
        title = f"{at:%Y-%m-%d %H:%M} UTC: {files:,} readings, {refused:,} rejections"
        height, red = (
            max(2, round(80 * n / most)) if n else 0 for n in (files, min(refused, files))
        )
        yield (
            f'<div title="{title}"><div class="bar refused" style="height:{red}px"></div>'
            f'<div class="bar" style="height:{height - red}px"></div></div>'
        )
    yield "</div>"
    yield (
        f'<div class="legend">{found[0][0]:%Y-%m-%d} to {found[-1][0]:%Y-%m-%d}'
        '<i style="background:var(--there)"></i>files read'
        '<i style="background:var(--missing)"></i>rejections</div>'
    )
