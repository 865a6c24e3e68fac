"""The first page: reports by person and week, silent people, and the latest loads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.questions import loads
from loader.questions.asked import Part
from loader.questions.calendar import Author, Calendar, Week, calendar
from loader.studio.pages.asking import days_of, week_of
from loader.studio.rendering import page, studio_of

_WEEKS = 6
_LOADS = 6
_WORKDAYS = 5


@dataclass(frozen=True, slots=True)
class Cell:
    """A person's week: its days, and their text for screen readers."""

    week: date
    days: str
    label: str


def overview(request: Request) -> Response:
    """Show the first page."""
    week = week_of(request)
    studio = studio_of(request)
    with studio.reading() as session:
        found = calendar(session, week, _WEEKS, has_people=studio.has_contents(session))
        may_read = studio.can_read_raw(session)
        recent = loads.loads(session, Part(_LOADS)) if may_read else []
        rejections = loads.open_rejections(session) if may_read else []
    mondays = shown_weeks(found)
    last = mondays[-1] if mondays else None
    columns = _columns(found.authors)
    return page(
        request,
        "overview.html",
        week=last,
        mondays=mondays,
        columns=columns,
        teams=[
            (team, [(one, cells(one, mondays, columns)) for one in authors])
            for team, authors in groupby(found.authors, key=lambda each: each.team)
        ],
        weeks=found.weeks,
        years=years(found.weeks),
        earlier=_before(found.weeks, mondays),
        later=_after(found.weeks, mondays),
        silent=silent(found.authors, last) if last else [],
        counts=next((each for each in found.weeks if each.start == last), None),
        may_read=may_read,
        loads=recent[:_LOADS],
        has_more_loads=len(recent) > _LOADS,
        rejections=[each for each in rejections if each.severity == "rejected"],
    )


def shown_weeks(found: Calendar) -> list[date]:
    """Return the weeks to show: none before the first with a day."""
    days = [day for one in found.authors for day in (*one.there, *one.missing)]
    first = min(days, default=date.max)
    return [monday for monday in found.mondays if monday + timedelta(days=6) >= first] or (
        found.mondays[-1:]
    )


def silent(authors: Sequence[Author], week: date) -> list[Author]:
    """Return the authors who missed all their reports of a week, the longest silent first."""
    days = set(days_of(week))
    quiet = [one for one in authors if one.missing & days and not one.there.keys() & days]
    return sorted(quiet, key=lambda one: (one.last_day or date.min, one.team.name, one.name))


def cells(one: Author, mondays: Sequence[date], columns: int) -> list[Cell]:
    """Return the weeks of a person: `y` for a day with a report, `n` for a missing one."""
    found = []
    for monday in mondays:
        days = days_of(monday)
        marks = "".join(
            "y" if day in one.there else "n" if day in one.missing else "-" for day in days
        )
        label = f"{marks.count('y')} there, {marks.count('n')} missing"
        found.append(Cell(monday, marks[:columns], label))
    return found


def years(weeks: Sequence[Week]) -> list[tuple[int, list[Week]]]:
    """Return all weeks by year, the latest first."""
    return [(year, list(some)) for year, some in groupby(weeks, key=lambda each: each.start.year)]


def _columns(authors: Sequence[Author]) -> int:
    """Return the number of days per week to show: five, unless somebody reported on a weekend."""
    is_weekend = any(day.weekday() >= _WORKDAYS for one in authors for day in one.there)
    return 7 if is_weekend else _WORKDAYS


def _before(weeks: Sequence[Week], mondays: Sequence[date]) -> date | None:
    return next((each.start for each in weeks if mondays and each.start < mondays[0]), None)


def _after(weeks: Sequence[Week], mondays: Sequence[date]) -> date | None:
    """Return the last week of the next page of weeks."""
    later = [each.start for each in weeks if mondays and each.start > mondays[-1]]
    return later[-_WEEKS:][0] if later else None


ROUTES = [Route("/", overview)]
