"""Search in the content of texts: entries, turns, issues and messages.

On PostgreSQL, a GIN index finds candidate texts. The same SQL selects and ranks the hits on both
engines. See docs/search.md.
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

# Only the newest hits of each kind are ranked.
MOST_RANKED = 1000


@dataclass(frozen=True, slots=True)
class Hit:
    """A search hit.

    Args:
        kind: `entry`, `turn`, `issue` or `message`.
        id: The id of the row in the table of this kind.
        date: The day of the report, meeting or message; for an issue, the last day of the
            snapshot's week.
        team: The team's name.
        person: The writer, speaker or assignee: the full name, or the name as written.
        source: A transcript's file name; otherwise the blob with the text.
        position: Its place in that text, from 1.
        offset_seconds: Seconds from the start of the meeting, for a turn.
        snippet: The text around the match, which `«` and `»` enclose.
        rank: From 0 to 1: the mean of n/(n + 1) over the words and phrases, for n occurrences.
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
    """Filters and limit of a search.

    Args:
        team: Only this team, by name.
        person: Only texts that this person wrote, said or is assigned, in any known spelling.
        since: The first day.
        until: The last day.
        kinds: Only these kinds; empty for all.
        limit: The maximum number of hits.
    """

    team: str | None = None
    person: str | None = None
    since: dt.date | None = None
    until: dt.date | None = None
    kinds: Collection[str] = ()
    limit: int = 20


def search(ask: Ask, words: str, options: SearchOptions, *, is_postgres: bool) -> list[Hit]:
    """Return the hits with the highest rank; the newest first if ranks are equal.

    Raises:
        SearchError: A word, the team, the person or a kind is not valid.
    """
    found = find(ask, words, options, is_postgres=is_postgres)
    return describe(ask, words, found[: options.limit])


def find(
    ask: Ask, words: str, options: SearchOptions, *, is_postgres: bool
) -> list[tuple[str, UUID, float]]:
    """Return kind, id and rank of the hits, in the order of `search`.

    Raises:
        SearchError: A word, the team, the person or a kind is not valid.
    """
    query = parse_query(words)
    if unknown := set(options.kinds) - set(SOURCES):
        raise SearchError(f"No kind {min(unknown)!r}. There are: {', '.join(SOURCES)}.")
    if options.limit < 1:
        raise SearchError(f"A limit of {options.limit} returns nothing. Use 1 or more.")
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
        ask: Queries the database.
        words: The search words.
        found: Hits from `find`.
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
        raise SearchError(f"No team {team!r}. There are: {known}.")
    return ids


def _filters(
    options: SearchOptions, teams: Sequence[str] | None, person: PeopleFilter | None
) -> dict[str, object]:
    """Return the values of the given filters, by name."""
    values = {
        "teams": teams,
        "person": person and person.id,
        "names": person and person.names,
        "since": options.since,
        "until": options.until,
    }
    return {name: value for name, value in values.items() if value is not None}


def _details(ask: Ask, kind: str, ids: Sequence[str], query: Query) -> dict[str, dict[str, Any]]:
    """Return the details of hits, by the ids of the found rows.

    A found row may represent a run of turns. The turn with the words is shown.
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
