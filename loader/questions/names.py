"""Find teams and people by the names that a caller gives."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from loader.database.sessions import Session
from loader.errors import WarehouseError

_MOST_CANDIDATES = 12
_TEAMS = """
    select teams.id, teams.name, organizations.name
    from teams
    inner join organizations on teams.organization_id = organizations.id
    order by teams.name, organizations.name
"""
_PEOPLE = """
    select people.id, people.full_name, teams.name
    from content.people as people
    left join teams on people.team_id = teams.id
"""
_SPELLED = f"""{_PEOPLE}
    where
        people.id in (
            select person_id
            from content.people_aliases
            where cast(%s as uuid) is null or team_id = cast(%s as uuid)
        )
        and (
            people.id in (
                select person_id
                from content.people_aliases
                where
                    lower(alias) = lower(%s)
                    and (cast(%s as uuid) is null or team_id = cast(%s as uuid))
            )
            or lower(people.full_name) = lower(%s)
            or lower(people.key) = lower(%s)
        )
    order by people.full_name, people.id
"""  # noqa: S608 - a constant
_BY_ID = f"{_PEOPLE} where people.id = cast(%s as uuid)"
_SPELLINGS = "select distinct alias from content.people_aliases where person_id is not null"
_NOBODY = "select 1 from content.people_aliases where lower(alias) = lower(%s) limit 1"


class UnknownNameError(WarehouseError):
    """A name is unknown or ambiguous; the message lists similar names."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person.

    Args:
        id: The `id` in `content.people`.
        name: The full name.
        team: The team in which the person was last seen.
    """

    id: str
    name: str
    team: str | None


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the database."""

    id: UUID
    name: str


def find_team(session: Session, name: str | None) -> Team | None:
    """Return the team with this name; None if no name is given.

    Args:
        session: Connects to the database.
        name: The name in any letter case; `organization/team` if several teams have it.

    Raises:
        WarehouseError: No name, or several, match; the message lists the candidates.
    """
    if name is None:
        return None
    rows = session.fetch(_TEAMS).rows
    wanted = _plain(name)
    exact = [row for row in rows if wanted in {row[1], f"{row[2]}/{row[1]}"}]
    found = exact or [
        row
        for row in rows
        if wanted.casefold() in {row[1].casefold(), f"{row[2]}/{row[1]}".casefold()}
    ]
    if len(found) == 1:
        return Team(found[0][0], found[0][1])
    if found:
        several = ", ".join(f"{organization}/{team}" for _, team, organization in found)
        raise UnknownNameError(f"Several teams are named {name!r}: {several}. Name one of these.")
    raise UnknownNameError(f"No team is named {name!r}. There are: {_listed(r[1] for r in rows)}.")


def find_person(session: Session, name: str, team: Team | None = None) -> Person:
    """Return the person with this name, in any spelling from texts, seeds or mapping files.

    Args:
        session: Connects to the database.
        name: A spelling in any letter case, or the person's id.
        team: The team in whose texts the name was written; None for all teams.

    Raises:
        WarehouseError: Nobody matches, or several people do; the message lists the candidates.
    """
    wanted = _plain(name)
    id_ = str(team.id) if team else None
    if _is_uuid(wanted):
        rows = session.fetch(_BY_ID, [wanted]).rows
    else:
        rows = session.fetch(_SPELLED, [id_, id_, wanted, id_, id_, wanted, wanted]).rows
    if len(rows) == 1:
        return _person(rows[0])
    if rows:
        several = "; ".join(f"{name} of {team or 'no team'}, id {key}" for key, name, team in rows)
        raise UnknownNameError(f"Several people are named {name!r}: {several}. Give the id.")
    spellings = sorted(row[0] for row in session.fetch(_SPELLINGS).rows)
    close = [each for each in spellings if wanted.casefold() in each.casefold()]
    close += get_close_matches(wanted, spellings, _MOST_CANDIDATES, 0.6)
    known = f" Similar: {_listed(dict.fromkeys(close))}." if close else ""
    if session.fetch(_NOBODY, [wanted]).rows:
        message = f"Texts have the name {name!r}, but no known person has it.{known}"
        raise UnknownNameError(message)
    raise UnknownNameError(
        f"Nobody is named {name!r}.{known or ' `content.people` has all names.'}"
    )


def monday(day: date) -> date:
    """Return the Monday of a day's week."""
    return date.fromordinal(day.toordinal() - day.weekday())


def _person(row: tuple[Any, ...]) -> Person:
    return Person(id=str(row[0]), name=row[1], team=row[2])


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split()))


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _listed(names: Iterable[str]) -> str:
    every = list(names)
    rest = f" and {len(every) - _MOST_CANDIDATES} more" if len(every) > _MOST_CANDIDATES else ""
    return (", ".join(every[:_MOST_CANDIDATES]) or "none") + rest
