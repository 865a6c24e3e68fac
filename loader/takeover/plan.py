"""What each old row is, and which rows are one.

Two rows are one if all that names them is equal: an organization's name, a team's organization and
name, a daily report's team, author and day. Letter case, blanks and the aliases of the seeds do not
tell names apart. What a text leaves open stays as it is and is listed.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from loader.takeover.texts import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """An organization, a team or a report type.

    Args:
        parent: The team's organization.
        values: Its other columns.
        behind: How many rows of ours refer to it, by table.
        others: Tables of others that refer to it.
    """

    id: UUID
    name: str
    created_at: datetime
    parent: UUID | None = None
    values: dict[str, Any]
    behind: dict[str, int] = field(default_factory=dict)
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A daily report or a transcript; or a generated report, which is not read.

    Args:
        team: The team's id.
        name: The author's or the file's name; of a generated report, its type's id.
        day: Its day; of a generated report, the hash of its content.
        text: Hash of its text.
        is_loaded: Whether a load of ours wrote it.
        reading: What its text says; None if it was not read.
    """

    id: UUID
    team: UUID
    name: str
    day: date | str
    text: str
    has_blob: bool
    is_loaded: bool
    created_at: datetime
    updated_at: datetime
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of a table that become one.

    Args:
        table: The table.
        label: What it is, for the user.
        kept: The id that stays.
        gone: The ids that go; what refers to them refers to the kept one afterwards.
        source: The row with the newest text, if the kept one has another.
        behind: How many rows refer to each of them, by table; the kept one first.
    """

    table: str
    label: str
    kept: UUID
    gone: tuple[UUID, ...]
    source: UUID | None = None
    behind: dict[UUID, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """New values of a row: a name, or a name and a day."""

    table: str
    id: UUID
    before: tuple[Any, ...]
    after: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A row that stays as it is, or rows that cannot be one: `is_blocking`."""

    table: str
    ids: tuple[UUID, ...]
    label: str
    why: str
    is_blocking: bool = False


@dataclass(slots=True)
class Plan:
    """What the takeover of the rows will do."""

    joins: list[Join] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def keep_apart(self, teams: set[UUID]) -> None:
        """Join none of these teams: they have rows of equal keys that cannot be one."""
        self.joins = [
            join
            for join in self.joins
            if join.table != "teams" or teams.isdisjoint((join.kept, *join.gone))
        ]

    def kept(self, table: str) -> dict[UUID, UUID]:
        """The id that stays, by each id of the table that goes."""
        found = (join for join in self.joins if join.table == table)
        return {gone: join.kept for join in found for gone in join.gone}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.joins or self.changes)


_Row = TypeVar("_Row", Named, Stored)


def name_key(name: str) -> str:
    """What tells two names apart."""
    return " ".join(name.split()).casefold()


def join_named(
    plan: Plan, table: str, rows: Sequence[Named], seeds: dict[str, str], parents: dict[UUID, UUID]
) -> None:
    """Join rows of equal names, and give them the names of the seeds.

    Args:
        plan: Is added to.
        table: The table.
        rows: All its rows.
        seeds: The seed's name by `name_key` of each name or alias.
        parents: The id that stays, by the id of each parent that goes.
    """

    def true_name(row: Named) -> str:
        return seeds.get(name_key(row.name), row.name)

    def key(row: Named) -> Hashable:
        parent = parents.get(row.parent, row.parent) if row.parent else None
        return parent, name_key(true_name(row))

    for group in _groups(rows, key):
        # What others refer to stays; of the rest, what has the most values.
        kept, *gone = sorted(group, key=lambda row: (not row.others, _nulls(row), *_age(row)))
        label = f"{true_name(kept)!r}"
        ids = tuple(row.id for row in group)
        if problem := _not_one(kept, gone):
            plan.left.append(Left(table, ids, label, problem, is_blocking=True))
            continue
        if gone:
            behind = {row.id: row.behind for row in (kept, *gone)}
            ids = tuple(row.id for row in gone)
            plan.joins.append(Join(table, label, kept.id, ids, behind=behind))
        if kept.name != true_name(kept):
            plan.changes.append(Change(table, kept.id, (kept.name,), (true_name(kept),)))


def join_stored(plan: Plan, table: str, rows: Iterable[Stored]) -> set[UUID]:
    """Give rows the names and days of their texts, and join those that are one.

    Args:
        plan: Is added to, and knows the teams that are joined.
        table: The table.
        rows: All its rows.

    Returns:
        The teams of rows that cannot be one and could not be in one team either.
    """
    teams = plan.kept("teams")
    apart: set[UUID] = set()

    def key(row: Stored) -> Hashable:
        name, day = _true(row)
        return teams.get(row.team, row.team), name, day

    for group in _groups(rows, key):
        texts = {row.text for row in group}
        name, day = _true(group[0])
        label = f"{name}, {day}"
        open_ = [row for row in group if row.reading and row.reading.doubt]
        if open_ and len(texts) > 1:
            why = "equal names and days, and no text says who wrote it"
            ids = tuple(row.id for row in group)
            plan.left.append(Left(table, ids, label, why, is_blocking=True))
            apart |= {row.team for row in group}
            continue
        plan.left += [
            Left(table, (row.id,), label, row.reading.doubt)
            for row in open_
            if row.reading and row.reading.doubt
        ]
        # The id of an old row stays, of those one with a blob: others may have stored it.
        kept, *gone = sorted(group, key=lambda row: (row.is_loaded, not row.has_blob, *_age(row)))
        if gone:
            newest = max(group, key=lambda row: (row.is_loaded, row.updated_at, row.has_blob))
            source = newest.id if newest.is_loaded or newest.text != kept.text else None
            ids = tuple(row.id for row in gone)
            plan.joins.append(Join(table, label, kept.id, ids, source))
        if (kept.name, kept.day) != (name, day):
            plan.changes.append(Change(table, kept.id, (kept.name, kept.day), (name, day)))
    return apart


def _true(row: Stored) -> tuple[str, date | str]:
    if not row.reading:
        return row.name, row.day
    return row.reading.author_name or row.name, row.reading.day


def _age(row: Named | Stored) -> tuple[datetime, UUID]:
    return row.created_at, row.id


def _nulls(row: Named) -> int:
    return sum(value is None for value in row.values.values())


def _not_one(kept: Named, gone: Sequence[Named]) -> str | None:
    """Why rows of one name cannot become one row."""
    if any(row.others for row in gone):
        tables = sorted({table for row in (kept, *gone) for table in row.others})
        return f"{', '.join(tables)} refer to more than one of them"
    for row in gone:
        for column, value in row.values.items():
            if value is not None and value != kept.values[column]:
                return f"they differ in the column {column}"
    return None


def _groups(rows: Iterable[_Row], key: Callable[[_Row], Hashable]) -> Iterable[list[_Row]]:
    groups: dict[Hashable, list[_Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return groups.values()
