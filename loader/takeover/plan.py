"""Decide which values old rows get, and which rows to merge.

Merge rows whose keys are equal: an organization's name, a team's organization and name, or a daily
report's team, author and day. Letter case, blanks and the aliases of the seeds do not distinguish
names. Rows whose texts are ambiguous stay unchanged and are listed.
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
        parent: The organization, if it is a team.
        values: The other columns.
        behind: The number of our rows that refer to it, by table.
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
    """A daily report, a transcript, or a generated report, whose text is not parsed.

    Args:
        team: The team's id.
        name: The author's or the file's name; the type's id for a generated report.
        day: Its day; the content hash for a generated report.
        text: Hash of its text.
        is_loaded: Whether one of our loads wrote it.
        reading: The values in its text; None if it was not parsed.
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
    """Rows of a table to merge into one.

    Args:
        label: A description for the user.
        kept: The id to keep.
        gone: The ids to delete; references to them then point to the kept row.
        source: The row with the newest text, if the kept row has another text.
        behind: The number of rows that refer to each of them, by table; the kept row first.
    """

    table: str
    label: str
    kept: UUID
    gone: tuple[UUID, ...]
    source: UUID | None = None
    behind: dict[UUID, dict[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """The new name, or name and day, of a row."""

    table: str
    id: UUID
    before: tuple[Any, ...]
    after: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """A row that stays unchanged, or rows that cannot be merged: `is_blocking`."""

    table: str
    ids: tuple[UUID, ...]
    label: str
    why: str
    is_blocking: bool = False


@dataclass(slots=True)
class Plan:
    """The planned changes of the rows."""

    joins: list[Join] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    def keep_apart(self, teams: set[UUID]) -> None:
        """Exclude teams from merging: their rows have equal keys and cannot be merged."""
        self.joins = [
            join
            for join in self.joins
            if join.table != "teams" or teams.isdisjoint((join.kept, *join.gone))
        ]

    def kept(self, table: str) -> dict[UUID, UUID]:
        """Return the kept id for each id of the table that is deleted."""
        found = (join for join in self.joins if join.table == table)
        return {gone: join.kept for join in found for gone in join.gone}

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return not (self.joins or self.changes)


_Row = TypeVar("_Row", Named, Stored)


def name_key(name: str) -> str:
    """Return the form in which names are compared."""
    return " ".join(name.split()).casefold()


def join_named(
    plan: Plan, table: str, rows: Sequence[Named], seeds: dict[str, str], parents: dict[UUID, UUID]
) -> None:
    """Merge rows of equal names, and rename them as in the seeds.

    Args:
        plan: The plan to extend.
        table: Name of the table.
        rows: All rows of the table.
        seeds: The seed's name, by `name_key` of each name or alias.
        parents: The kept id, by the id of each deleted parent.
    """

    def true_name(row: Named) -> str:
        return seeds.get(name_key(row.name), row.name)

    def key(row: Named) -> Hashable:
        parent = parents.get(row.parent, row.parent) if row.parent else None
        return parent, name_key(true_name(row))

    for group in _groups(rows, key):
        # Keep a row that others refer to; otherwise the row with the most values.
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
    """Correct names and days by the texts, and merge rows with equal keys.

    Args:
        plan: The plan to extend, which knows the merged teams.
        table: Name of the table.
        rows: All rows of the table.

    Returns:
        The teams whose rows have equal keys but cannot be merged.
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
        # Prefer the id of an old row, and of those one with a blob: others may have stored that id.
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
    """Return why rows of one name cannot be merged."""
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
