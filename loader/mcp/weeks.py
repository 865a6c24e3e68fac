"""A person's week."""

from datetime import date, timedelta

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.mcp.asked import Asked, Part
from loader.mcp.issues import issues_of_person
from loader.mcp.items import Person
from loader.mcp.limits import MOST_ROWS
from loader.mcp.meetings import attended
from loader.mcp.names import Team, monday
from loader.mcp.reports import daily_reports, missing_days
from loader.mcp.results import PersonWeek

_LAST_SEEN = "select last_seen from content.people where id = cast(%s as uuid)"
_NAMES = """
    select distinct alias from content.people_aliases where person_id = cast(%s as uuid)
    union
    select full_name from content.people where id = cast(%s as uuid)
"""
_MESSAGES = """
    select coalesce(sum(messages), 0)
    from reporting.person_week
    where person_id = cast(%s as uuid) and week_start = %s
"""


def person_week(
    session: Session, person: Person, day: date | None, team: Team | None
) -> PersonWeek:
    """Return what a person did in a week.

    Args:
        session: To the database.
        person: Whose week it is.
        day: Any day of the week; None for the week in which the person was last seen.
        team: Only reports and missing days of this team; None for all.

    Raises:
        WarehouseError: The person was never seen, and no day is given.
    """
    day = day or session.fetch(_LAST_SEEN, [person.id]).rows[0][0]
    if day is None:
        raise WarehouseError(f"{person.name} was seen on no day: name one as `week`.")
    first = monday(day)
    last = first + timedelta(days=6)
    asked = Asked(team, person, first, last)
    reports = daily_reports(session, asked, Part(MOST_ROWS))
    names = {name for (name,) in session.fetch(_NAMES, [person.id, person.id]).rows}
    missing = missing_days(session, asked)
    more = "Ask `daily_reports` for the rest of the reports." if reports.truncated else None
    return PersonWeek(
        person=person,
        week_start=first,
        reports=reports.reports,
        days_missing=sorted({d for each in missing if each.author in names for d in each.days}),
        meetings=attended(session, person.id, first, last),
        issues=issues_of_person(session, person.id, first, last),
        messages=int(session.fetch(_MESSAGES, [person.id, first]).rows[0][0]),
        truncated=reports.truncated,
        more=more,
    )
