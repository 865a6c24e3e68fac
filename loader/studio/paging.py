"""Read a page of rows, so that no page costs more than the first, even of a large table."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from loader.database.sessions import Session
from loader.studio import sizes, sql
from loader.studio.catalogue import ColumnView, TableView
from loader.studio.sql import Cursor, Part, RowQuery, Term

_SELECT = "select {columns} from {table} as stored{where}{order} limit {most}"
# Only the next rows of a large table are searched: `limit` is inside.
_STRETCH = "(select * from {table} as stored{where}{order} limit {most})"
QUICK = 0.1  # seconds for a query that an index may support
STRETCH = 20_000  # rows


@dataclass(frozen=True, slots=True)
class Page:
    """A page of rows, with long texts cut.

    Args:
        rows: The values of the requested columns.
        keys: The key of each row, as text.
        order: The columns that the rows are sorted by.
        sortable: The columns that they can be sorted by without delay.
        previous: The cursor of the page before, or None.
        following: The cursor of the next page, or None.
        searched: The number of rows searched for this page; 0 if all were.
    """

    rows: list[tuple[Any, ...]]
    keys: list[tuple[str, ...]]
    order: tuple[Term, ...]
    sortable: frozenset[str]
    previous: Cursor | None = None
    following: Cursor | None = None
    searched: int = 0


@dataclass(slots=True)
class _Found:
    """Rows in the direction of reading: shown columns, then the key, then the order's values.

    Args:
        is_more: Whether more rows follow in this direction.
        begin: The order's values of the first searched row, if only a stretch was searched.
        end: The order's values of the last one, if more rows follow it.
    """

    rows: list[tuple[Any, ...]] = field(default_factory=list)
    is_more: bool = False
    begin: tuple[Any, ...] | None = None
    end: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """The reading of a page.

    Args:
        session: Connects to the database.
        table: The table to read.
        query: The selection of rows and their order.
        columns: The columns to show.
        size: The number of rows per page.
        cursor: The start of the page; None for the first one.
        indexes: The columns of each index, for a large table; None if it is not large.
        is_postgres: Whether the database is PostgreSQL.
    """

    session: Session
    table: TableView
    query: RowQuery
    columns: Sequence[ColumnView]
    size: int
    cursor: Cursor | None
    indexes: Sequence[Sequence[str]] | None
    is_postgres: bool

    def page(self) -> Page:
        """Return the page.

        Raises:
            WarehouseError: A filter's value does not have the column's type.
        """
        order = sql.order_of(self.table, self.query, self.indexes)
        parts = list(sql.parts_of(order, self.cursor))
        found, searched = self._all(parts, order), 0
        if found is None:
            found, searched = self._next(parts, order), STRETCH
        return self._page(found, order, searched)

    @property
    def _is_limited(self) -> bool:
        return self.indexes is not None and bool(self.query.search or self.query.filters)

    def _all(self, parts: Sequence[Part], order: Sequence[Term]) -> _Found | None:
        """Return the page's rows; None if finding them in a large table takes long."""
        rows: list[tuple[Any, ...]] = []
        condition, given = sql.where_of(self.table, self.query, is_postgres=self.is_postgres)
        for part in parts:
            text = _SELECT.format(
                columns=", ".join([*self._shown, *self._places(order)]),
                table=sql.rows_of(self.table),
                where=sql.clause(condition, part.where),
                order=part.order,
                most=self.size + 1 - len(rows),
            )
            params = [*given, *part.params]
            if self._is_limited:
                answer = self.session.fetch_within(text, params, QUICK)
                if answer is None:
                    return None
            else:
                answer = self.session.fetch(text, params)
            rows += answer.rows
            if len(rows) > self.size:
                return _Found(rows[: self.size], is_more=True)
        return _Found(rows)

    def _next(self, parts: Sequence[Part], order: Sequence[Term]) -> _Found:
        """Return what is found in the next stretch of rows."""
        found = _Found()
        condition, given = sql.where_of(self.table, self.query, is_postgres=self.is_postgres)
        places = ", ".join(sql.stored(term.column.name) for term in order)
        for part in parts:
            here = {"table": sql.rows_of(self.table), "where": sql.clause(part.where)}
            ends = _SELECT.format(columns=places, order=part.order, most=1, **here)
            first = self.session.fetch(ends, part.params).rows
            if not first:
                continue
            found.begin = found.begin or first[0]
            text = _SELECT.format(
                columns=", ".join([*self._shown, *self._places(order)]),
                table=_STRETCH.format(order=part.order, most=STRETCH, **here),
                where=sql.clause(condition),
                order=part.order,
                most=self.size + 1 - len(found.rows),
            )
            found.rows += self.session.fetch(text, [*part.params, *given]).rows
            if len(found.rows) > self.size:
                found.rows, found.is_more = found.rows[: self.size], True
                break
            last = self.session.fetch(f"{ends} offset {STRETCH - 1}", part.params).rows
            if last:
                found.end, found.is_more = last[0], True
                break
        return found

    def _page(self, found: _Found, order: tuple[Term, ...], searched: int) -> Page:
        is_backwards = bool(self.cursor and self.cursor.is_backwards)
        first, last = len(self._shown), len(self._shown) + len(self.table.key)
        begin = found.begin or (found.rows[0][last:] if found.rows else None)
        end = found.end or (found.rows[-1][last:] if found.rows else None)
        rows = found.rows[::-1] if is_backwards else found.rows
        before, after = (end, begin) if is_backwards else (begin, end)
        has_previous = found.is_more if is_backwards else self.cursor is not None
        has_following = found.is_more or is_backwards
        return Page(
            [row[:first] for row in rows],
            [tuple(as_text(value) or "" for value in row[first:last]) for row in rows],
            order,
            frozenset(sizes.sortable(self.table, self.indexes)),
            _cursor(before, is_backwards=True) if before and has_previous else None,
            _cursor(after) if after and has_following else None,
            searched,
        )

    @property
    def _shown(self) -> list[str]:
        return [sql.cut(column) for column in self.columns]

    def _places(self, order: Sequence[Term]) -> list[str]:
        names = (*self.table.key, *(term.column.name for term in order))
        return [sql.stored(name) for name in names]


def _cursor(values: Sequence[object], *, is_backwards: bool = False) -> Cursor:
    return Cursor(tuple(as_text(value) for value in values), is_backwards)


def as_text(value: object) -> str | None:
    """Return a value as text that the database can read back."""
    if value is None:
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
