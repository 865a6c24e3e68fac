"""Days with reports, and missing days, by week."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from loader.database.sessions import Session
from loader.questions.conditions import BY_ID, where

# The last week is the latest with a report or a missing day. Days in the future, which come from
# mistyped years, do not count. One query returns all weeks and the shown ones, because the view
# costs the same for both.
_WEEKS = """
    with weeks as (
        select
            team_id,
            week_start,
            daily_reports,
            days_missing,
            transcripts,
            days_missing_by_author,
            coalesce(
                cast(%s as date),
                max(
                    case
                        when
                            week_start <= current_date
                            and (daily_reports > 0 or days_missing > 0)
                        then week_start
                    end
                ) over (),
                max(week_start) over ()
            ) as last_week
        from reporting.team_week
    )

    select
        team_id,
        week_start,
        daily_reports,
        days_missing,
        transcripts,
        last_week,
        case
            when week_start > last_week - %s and week_start <= last_week
            then cast(days_missing_by_author as text)
        end
    from weeks
"""
_DAYS = """
    select days.id, days.team_id, days.author_name, days.report_date
    from daily_reports as days
"""
_ALIASES = """
    select aliases.team_id, aliases.alias, people.id, people.full_name
    from content.people_aliases as aliases
    inner join content.people as people on aliases.person_id = people.id
"""
_TEAMS = """
    select teams.id, teams.name, organizations.name
    from teams
    inner join organizations on teams.organization_id = organizations.id
    order by organizations.name, teams.name
"""
_LAST_DAYS = """
    select days.team_id, days.author_name, max(days.report_date)
    from daily_reports as days
"""


@dataclass(frozen=True, slots=True)
class Week:
    """The numbers of a week.

    Args:
        start: Its Monday.
        daily_reports: The number of daily reports.
        days_missing: The number of missing ones.
        transcripts: The number of transcribed meetings.
    """

    start: date
    daily_reports: int
    days_missing: int
    transcripts: int


@dataclass(frozen=True, slots=True)
class Team:
    """A team.

    Args:
        id: The `id` in `teams`.
        name: Its name.
        organization: The organization's name.
    """

    id: str
    name: str
    organization: str


@dataclass(slots=True)
class Author:
    """A person's days in a team.

    Args:
        name: The full name, or the name as written if the person is unknown.
        person_id: The person's id; None if the person is unknown.
        there: The id of the daily report, by day.
        missing: Days without an expected report.
        last_day: The last day with a report, up to the last shown day.
    """

    team: Team
    name: str
    person_id: str | None
    there: dict[date, str] = field(default_factory=dict)
    missing: set[date] = field(default_factory=set)
    last_day: date | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """Reports and missing days by person and day.

    Args:
        weeks: All weeks, the latest first.
        mondays: Mondays of the weeks whose days are included, in order.
        teams: All teams, by organization and name.
        authors: Authors with a day in the weeks, by team and name.
    """

    weeks: list[Week]
    mondays: list[date]
    teams: list[Team]
    authors: list[Author]


def teams(session: Session) -> list[Team]:
    """Return all teams, by organization and name."""
    return [Team(str(id_), *names) for id_, *names in session.fetch(_TEAMS).rows]


def calendar(
    session: Session,
    last: date | None,
    number: int,
    team: str | None = None,
    *,
    has_people: bool,
) -> Calendar:
    """Return the days of some weeks, and the numbers of all weeks.

    Args:
        session: Connects to the database.
        last: Monday of the last week; by default the latest with an expected report.
        number: The number of weeks.
        team: Only the team of this id.
        has_people: Whether the content tables exist, which resolve names to people.
    """
    every = teams(session)
    clause, params = where((BY_ID.format("team_id"), team))
    rows = session.fetch(_WEEKS + clause, [last, 7 * number, *params]).rows
    last = last or max((row[5] for row in rows), default=None)
    weeks = _counted(rows)
    if last is None:
        return Calendar(weeks, [], every, [])
    mondays = [last - timedelta(weeks=back) for back in reversed(range(number))]
    absent = [(str(row[0]), json.loads(row[6])) for row in rows if row[6]]
    known = _known(session) if has_people else {}
    authors = _authors(session, every, mondays, team, absent, known)
    return Calendar(weeks, mondays, every, authors)


def _counted(rows: Iterable[tuple[object, ...]]) -> list[Week]:
    counts: dict[date, list[int]] = {}
    for _, week, *numbers in (row[:5] for row in rows):
        sums = counts.setdefault(week, [0, 0, 0])  # type: ignore[arg-type]
        for index, number in enumerate(numbers):
            sums[index] += int(number)  # type: ignore[call-overload]
    return [Week(week, *counts[week]) for week in sorted(counts, reverse=True)]


def _known(session: Session) -> dict[tuple[str, str], tuple[str, str]]:
    """Return the person's id and full name, by team and name."""
    return {
        (str(team_id), alias): (str(id_), name)
        for team_id, alias, id_, name in session.fetch(_ALIASES).rows
    }


def _authors(  # noqa: PLR0913, PLR0917 - the parts of a calendar
    session: Session,
    every: Sequence[Team],
    mondays: Sequence[date],
    team: str | None,
    absent: Iterable[tuple[str, dict[str, list[str]]]],
    known: Mapping[tuple[str, str], tuple[str, str]],
) -> list[Author]:
    by_id = {each.id: each for each in every}
    found: dict[tuple[str, str], Author] = {}

    def author(team_id: object, written: str) -> Author:
        person_id, name = known.get((str(team_id), written), (None, written))
        key = (str(team_id), person_id or written)
        return found.setdefault(key, Author(by_id[str(team_id)], name, person_id))

    first, last = mondays[0], mondays[-1] + timedelta(days=6)
    clause, params = where(
        ("days.report_date >= %s", first),
        ("days.report_date <= %s", last),
        (BY_ID.format("days.team_id"), team),
    )
    for id_, team_id, written, day in session.fetch(_DAYS + clause, params).rows:
        author(team_id, written).there[day] = str(id_)
    for team_id, missing in absent:
        for written, days in missing.items():
            author(team_id, written).missing |= {date.fromisoformat(day) for day in days}
    for one in found.values():
        one.missing -= one.there.keys()
    clause, params = where(("days.report_date <= %s", last), (BY_ID.format("days.team_id"), team))
    last_days = session.fetch(f"{_LAST_DAYS}{clause} group by 1, 2", params).rows
    for team_id, written, day in last_days:
        person_id, _ = known.get((str(team_id), written), (None, ""))
        silent = found.get((str(team_id), person_id or written))
        if silent:
            silent.last_day = max(silent.last_day or day, day)
    return sorted(
        found.values(), key=lambda each: (each.team.organization, each.team.name, each.name)
    )
