"""Search in what the texts say: entries, turns, issues and messages.

On PostgreSQL, a GIN index finds the texts that may be hits. Which of them are, and their rank, is
the same SQL on both engines. See docs/search.md.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from loader.errors import SearchError
from loader.parsing.search_query import Query, parse_query
from loader.parsing.snippets import snippet_of
from loader.reading import search_queries as queries
from loader.reading.search_people import Ask, PeopleFilter, people_filter
from loader.reading.search_queries import SOURCES

# The newest hits of each kind are ranked.
MOST_RANKED = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that was found.

    Args:
        kind: `entry`, `turn`, `issue` or `message`.
        id: Of the row in the table of this kind.
        date: Of the report, meeting or message; the last day of the week of an issue's snapshot.
        team: The team's name.
        person: Who wrote, spoke or is assigned: the full name, or the name as written.
        source: The file of a transcript; otherwise the blob that has the text.
        position: Its place in that text, from 1.
        offset_seconds: Of a turn: seconds from the beginning of the meeting.
        snippet: The text around what was found, with `«` and `»` around that.
        rank: From 0 to 1: the mean over the words and phrases of n/(n + 1), for n occurrences.
    """

    kind: str
    id: UUID
    date: dt.date
    team: str
    person: str | None
    source: str | None
    position: int
    offset_seconds: int | None
    snippet: str
    rank: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """What is searched.

    Args:
        team: Only this team, by name.
        person: Only what this person wrote, said or is assigned, by any known spelling.
        since: The first day.
        until: The last day.
        kinds: Only these kinds; empty for all.
        limit: How many hits to return.
    """

    team: str | None = None
    person: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    kinds: Collection[str] = ()
    limit: int = 20


def search(ask: Ask, words: str, options: SearchOptions, *, is_postgres: bool) -> list[Hit]:
    """Return the hits with the highest rank, the newest first among equals.

    Raises:
        SearchError: The words, the team, the person or a kind cannot be searched for.
    """
    found = find(ask, words, options, is_postgres=is_postgres)
    return describe(ask, words, found[: options.limit])


def find(
    ask: Ask, words: str, options: SearchOptions, *, is_postgres: bool
) -> list[tuple[str, UUID, float]]:
    """Return kind, id and rank of hits, as `search` orders them.

    Raises:
        SearchError: The words, the team, the person or a kind cannot be searched for.
    """
    query = parse_query(words)
    if unknown := set(options.kinds) - set(SOURCES):
        raise SearchError(f"no kind {min(unknown)!r}. There are: {', '.join(SOURCES)}.")
    if options.limit < 1:
        raise SearchError(f"a limit of {options.limit} gives nothing. Use 1 or more.")
    teams = _team_ids(ask, options.team) if options.team is not None else None
    person = people_filter(ask, options.person, teams) if options.person is not None else None
    statement, params = queries.ranked(
        query,
        [kind for kind in SOURCES if kind in options.kinds or not options.kinds],
        _filters(options, teams, person),
        is_postgres=is_postgres,
        most_ranked=max(MOST_RANKED, options.limit),
    )
    return [
        (kind, id_, rank) for kind, id_, rank in ask(statement, params | {"limit": options.limit})
    ]


def describe(ask: Ask, words: str, found: Sequence[tuple[str, UUID, float]]) -> list[Hit]:
    """Return hits with their texts.

    Args:
        ask: Asks the database.
        words: What was searched for.
        found: Some of what `find` gives.
    """
    query = parse_query(words)
    details: dict[str, dict[str, Any]] = {}
    for kind in SOURCES:
        if ids := [str(id_) for each, id_, _ in found if each == kind]:
            details |= _details(ask, kind, ids, query)
    return [Hit(kind=kind, rank=round(rank, 4), **details[str(id_)]) for kind, id_, rank in found]


def _team_ids(ask: Ask, team: str) -> list[str]:
    teams = ask(queries.TEAMS, {})
    ids = [str(id_) for id_, name in teams if name == team]
    if not ids:
        known = ", ".join(sorted({name for _, name in teams})) or "none"
        raise SearchError(f"no team {team!r}. There are: {known}.")
    return ids


def _filters(
    options: SearchOptions, teams: Sequence[str] | None, person: PeopleFilter | None
) -> dict[str, object]:
    """Return the values of the filters that are given, by name."""
    values = {
        "teams": teams,
        "person": person and person.id,
        "names": person and person.names,
        "since": options.since,
        "until": options.until,
    }
    return {name: value for name, value in values.items() if value is not None}


def _details(ask: Ask, kind: str, ids: Sequence[str], query: Query) -> dict[str, dict[str, Any]]:
    """Return what is shown of hits, by the ids of the rows that were found.

    A row that was found may stand for a run of turns: then it is the turn that has the words.
    """
    runs: dict[str, list[tuple[Any, ...]]] = {}
    for found, *row in ask(queries.details(kind), {"ids": ids}):
        run = runs.setdefault(str(found), [])
        position = row[1]
        if not run or position == run[-1][1] + 1:
            run.append(tuple(row))
    details = {}
    for found, run in runs.items():
        snippet = snippet_of([row[-1] for row in run], query)
        id_, position, offset, day, team, person, source, _ = run[snippet.of]
        details[found] = {
            "id": UUID(str(id_)),
            "date": day,
            "team": team,
            "person": person,
            "source": source,
            "position": position,
            "offset_seconds": offset,
            "snippet": snippet.text,
        }
    return details
