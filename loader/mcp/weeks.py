"""A person's week."""

from dataclasses import asdict
from datetime import date, timedelta

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.mcp import items
from loader.mcp.issues import issues_of_person
from loader.mcp.limits import MOST_ROWS
from loader.mcp.meetings import attended
from loader.mcp.reports import daily_reports
from loader.mcp.results import PersonWeek
from loader.questions import people
from loader.questions.asked import Asked, Part
from loader.questions.names import Person, Team, monday


def person_week(
    session: Session, person: Person, day: date | None, team: Team | None
) -> PersonWeek:
    """Return a person's week.

    Args:
        session: Connects to the database.
        person: The person's name or id.
        day: Any day of the week; None for the week in which the person was last seen.
        team: Only reports and missing days of this team; None for all.

    Raises:
        WarehouseError: No day is given, and no text mentions the person.
    """
    day = day or people.last_seen(session, person)
    if day is None:
        raise WarehouseError(f"{person.name!r} has no day in this database. Give a day as `week`.")
    first = monday(day)
    last = first + timedelta(days=6)
    asked = Asked(team, person, first, last)
    reports = daily_reports(session, asked, Part(MOST_ROWS))
    more = "Ask `daily_reports` for the rest of the reports." if reports.truncated else None
    return PersonWeek(
        person=items.Person(**asdict(person)),
        week_start=first,
        reports=reports.reports,
        days_missing=people.days_missing(session, person, asked),
        meetings=attended(session, person.id, first, last),
        issues=issues_of_person(session, person.id, first, last),
        messages=people.messages(session, person, first),
        truncated=reports.truncated,
        more=more,
    )
