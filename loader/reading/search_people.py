"""Find the person that a name in a search refers to."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from loader.errors import SearchError
from loader.parsing.search_words import words_of
from loader.reading import search_queries as queries

# Returns the rows of a query with parameters.
Ask = Callable[[str, Mapping[str, object]], list[tuple[Any, ...]]]
_MOST_SHOWN = 10


class PeopleFilter(NamedTuple):
    """The condition on a hit's person.

    Args:
        id: The person's id; None if the person is unknown.
        names: The names as written in texts, if the person is unknown.
    """

    id: str | None = None
    names: list[str] | None = None


class _Name(NamedTuple):
    name: str
    team: str
    person_id: object
    full_name: str | None


def people_filter(ask: Ask, person: str, teams: Sequence[str] | None) -> PeopleFilter:
    """Return the filter for a name, in any known spelling.

    Args:
        ask: Queries the database.
        person: A full name or another spelling.
        teams: Ids of teams; None for all.

    Raises:
        SearchError: Nobody has the name, or several people do.
    """
    statement, params = queries.names(teams)
    names = [_Name(*row) for row in ask(statement, params)]
    wanted = words_of(person)
    same = [each for each in names if words_of(each.name) == wanted]
    known = [each for each in same if each.person_id]
    # A first name that several people of a team have identifies nobody.
    meant = known or (
        [each for each in names if each.person_id and set(wanted) <= set(words_of(each.name))]
        if same
        else []
    )
    people = {str(each.person_id): each for each in meant}
    if len(people) > 1:
        raise SearchError(_several(person, list(people.values())))
    if known:
        return PeopleFilter(id=str(known[0].person_id))
    if same:
        return PeopleFilter(names=sorted({each.name for each in same}))
    raise SearchError(_nobody(person, names))


def _several(person: str, people: Sequence[_Name]) -> str:
    shown = sorted({f"{each.full_name} ({each.team})" for each in people})
    names = {each.full_name for each in people}
    hint = "Give the full name." if len(names) > 1 else "Give the team, too."
    return f"{person!r} is the name of several people: {', '.join(shown[:_MOST_SHOWN])}. {hint}"


def _nobody(person: str, names: Sequence[_Name]) -> str:
    wanted = set(words_of(person))
    there = {each.full_name or each.name for each in names}
    alike = [name for name in sorted(there) if wanted & set(words_of(name))]
    alike = alike or difflib.get_close_matches(person, there)
    alike = alike or sorted({each.full_name for each in names if each.full_name})
    shown = ", ".join(alike[:_MOST_SHOWN])
    return f"Nobody has the name {person!r}." + (f" There are: {shown}." if shown else "")
