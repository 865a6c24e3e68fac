"""Search over a session: hits with their counts and the ids that pages link to."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from loader.database.sessions import Session
from loader.questions.names import monday
from loader.reading.search import MOST_RANKED, Hit, SearchOptions, describe, find
from loader.reading.search_queries import SOURCES

_PARAM = re.compile(r"%\((\w+)\)s")
_PLACES = """
    select stored.id, stored.{parent_id}, stored.person_id, {key}
    from content.{table} as stored
    where stored.id = any(cast(%s as uuid[]))
"""
_COUNTED = """
    select teams.name, coalesce(people.full_name, {written}), stored.day
    from content.{table} as stored
    inner join {parent} as parent on stored.{parent_id} = parent.id
    inner join teams on stored.team_id = teams.id
    left join content.people as people on stored.person_id = people.id
    where stored.id = any(cast(%s as uuid[]))
"""


@dataclass(frozen=True, slots=True)
class Place:
    """The ids that a hit's page needs.

    Args:
        parent_id: The `id` of the report, meeting, snapshot or capture.
        person_id: The person's id, if known.
        issue_key: The issue's key, if the hit is an issue.
    """

    parent_id: str
    person_id: str | None
    issue_key: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a search.

    Args:
        total: The number of hits counted.
        is_cut: Whether there may be more, because only the newest hits of each kind are ranked.
        hits: A page of hits, the best first.
        places: The ids for links, by the hit's id.
        kinds: The number of hits of each kind.
        teams: The number of hits of each team, the most frequent first.
        people: The number of hits of each person, likewise.
        weeks: The number of hits of each week, by its Monday, the latest first.
    """

    total: int
    is_cut: bool
    hits: list[Hit]
    places: dict[UUID, Place]
    kinds: list[tuple[str, int]]
    teams: list[tuple[str, int]]
    people: list[tuple[str, int]]
    weeks: list[tuple[date, int]]


def search_page(
    session: Session,
    words: str,
    options: SearchOptions,
    offset: int,
    *,
    is_postgres: bool,
) -> Found:
    """Return a page of hits with their counts.

    Args:
        session: Connects to the database.
        words: The search words.
        options: The filters and the size of a page.
        offset: The number of hits to skip.
        is_postgres: Whether there is an index.

    Raises:
        SearchError: A word, the team, the person or a kind is not valid.
    """

    def ask(statement: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
        values: list[object] = []

        def place(match: re.Match[str]) -> str:
            values.append(params[match[1]])
            return "%s"

        return session.fetch(_PARAM.sub(place, statement), values).rows

    every = SearchOptions(
        team=options.team,
        person=options.person,
        since=options.since,
        until=options.until,
        kinds=options.kinds,
        limit=MOST_RANKED * len(SOURCES),
    )
    found = find(ask, words, every, is_postgres=is_postgres)
    hits = describe(ask, words, found[offset : offset + options.limit])
    kinds = Counter(kind for kind, *_ in found)
    teams: Counter[str] = Counter()
    people: Counter[str] = Counter()
    weeks: Counter[date] = Counter()
    for kind in kinds:
        ids = [str(id_) for each, id_, _ in found if each == kind]
        for team, person, day in session.fetch(_of(kind, _COUNTED), [ids]).rows:
            teams[team] += 1
            weeks[monday(day)] += 1
            if person:
                people[person] += 1
    return Found(
        total=len(found),
        is_cut=any(count >= MOST_RANKED for count in kinds.values()),
        hits=hits,
        places=_places(session, hits),
        kinds=kinds.most_common(),
        teams=teams.most_common(),
        people=people.most_common(),
        weeks=sorted(weeks.items(), reverse=True),
    )


def _places(session: Session, hits: Sequence[Hit]) -> dict[UUID, Place]:
    places: dict[UUID, Place] = {}
    for kind in {hit.kind for hit in hits}:
        key = "stored.issue_key" if kind == "issue" else "cast(null as text)"
        ids = [str(hit.id) for hit in hits if hit.kind == kind]
        for id_, parent, person, issue in session.fetch(_of(kind, _PLACES, key), [ids]).rows:
            places[UUID(str(id_))] = Place(str(parent), str(person) if person else None, issue)
    return places


def _of(kind: str, query: str, key: str = "") -> str:
    source = SOURCES[kind]
    return query.format(
        table=source.table,
        parent=source.parent,
        parent_id=source.parent_id,
        written=source.written.format(row="stored"),
        key=key,
    )
