"""People: where and when texts mention them."""

from dataclasses import dataclass
from datetime import date

from loader.database.sessions import Session
from loader.questions.asked import Asked
from loader.questions.conditions import BY_ID, where
from loader.questions.names import Person

_LAST_SEEN = "select last_seen from content.people where id = cast(%s as uuid)"
_MISSING = "select distinct missing_date from reporting.missing_days"
# The view takes longer than the rest of a page.
_HAS_WRITTEN = "select 1 from content.slack_messages where person_id = cast(%s as uuid) limit 1"
_MESSAGES = """
    select coalesce(sum(messages), 0)
    from reporting.person_week
    where person_id = cast(%s as uuid) and week_start = %s
"""
_ALL = """
    select
        people.id,
        people.full_name,
        teams.name,
        organizations.name,
        people.first_seen,
        people.last_seen
    from content.people as people
    left join teams on people.team_id = teams.id
    left join organizations on teams.organization_id = organizations.id
"""
_IN_ORDER = " order by organizations.name, teams.name, people.full_name, people.id"
_SPELLINGS = """
    select distinct aliases.alias
    from content.people_aliases as aliases
    inner join content.people as people on aliases.person_id = people.id
    where aliases.person_id = cast(%s as uuid) and aliases.alias <> people.full_name
    order by aliases.alias
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A person, with the days in texts.

    Args:
        id: The `id` in `content.people`.
        name: The full name.
        team: The team in which the person was last seen.
        organization: The team's organization.
        first: The first day in any text.
        last: The last day in any text.
    """

    id: str
    name: str
    team: str | None
    organization: str | None
    first: date | None
    last: date | None


def everybody(session: Session) -> list[Seen]:
    """Return all people, by organization, team and name."""
    return [Seen(str(id_), *row) for id_, *row in session.fetch(_ALL + _IN_ORDER).rows]


def seen(session: Session, person: Person) -> Seen:
    """Return the team and the days in which texts mention a person."""
    ((id_, *row),) = session.fetch(f"{_ALL} where people.id = cast(%s as uuid)", [person.id]).rows
    return Seen(str(id_), *row)


def spellings(session: Session, person: Person) -> list[str]:
    """Return the other names of a person in texts, seeds and mapping files."""
    return [name for (name,) in session.fetch(_SPELLINGS, [person.id]).rows]


def last_seen(session: Session, person: Person) -> date | None:
    """Return the last day on which any text mentions a person."""
    day: date | None = session.fetch(_LAST_SEEN, [person.id]).rows[0][0]
    return day


def days_missing(session: Session, person: Person, asked: Asked) -> list[date]:
    """Return the days of a range on which a person's report is missing."""
    clause, params = where(
        (BY_ID.format("person_id"), person.id),
        (BY_ID.format("team_id"), asked.team_id),
        ("missing_date >= %s", asked.since),
        ("missing_date <= %s", asked.until),
    )
    rows = session.fetch(f"{_MISSING}{clause} order by missing_date", params).rows
    return [day for (day,) in rows]


def messages(session: Session, person: Person, monday: date) -> int:
    """Return the number of a person's Slack messages in the latest captures of a week."""
    if not session.fetch(_HAS_WRITTEN, [person.id]).rows:
        return 0
    return int(session.fetch(_MESSAGES, [person.id, monday]).rows[0][0])
