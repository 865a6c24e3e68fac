"""Read and count the rows of the database's tables for the studio.

Names of tables and columns come from the catalogue and are quoted. Values are parameters.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from loader.database.answers import Answer
from loader.database.sessions import Session, Sessions
from loader.studio import sizes, sql
from loader.studio.catalogue import ColumnView, TableView, read_catalogue
from loader.studio.paging import QUICK, Page, Reading
from loader.studio.sizes import Count
from loader.studio.sql import Cursor, RowQuery, Term

_SELECT = "select {columns} from {table} as stored{where}{order}{limit}"
_COUNT = "select count(*) from {table} as stored{where}"
_UP_TO = "select count(*) from (select 1 from {table} as stored{where} limit {most}) as counted"
_BATCH = 2_000  # rows of an export


@dataclass(frozen=True, slots=True)
class Children:
    """The number of rows that refer to a row, with their table and column."""

    table: TableView
    column: str
    count: int


@dataclass(slots=True)
class Tables:
    """The tables of a database.

    Args:
        connections: Connect to the database.
        editor: The user who edits.
        memory: Seconds to cache the list of tables and their numbers of rows, because the queries
            cost more than a page of rows.
    """

    connections: Sessions
    editor: str | None = None
    memory: float = 10.0
    _found: dict[str, tuple[float, Any]] = field(init=False, default_factory=dict)

    def all(self, session: Session) -> dict[str, TableView]:
        """Return the tables and views by name, the final ones first."""
        schema = self.connections.final_schema
        found: dict[str, TableView] = self._recent("all", lambda: read_catalogue(session, schema))
        return found

    def counts(self, session: Session, tables: Sequence[TableView]) -> dict[str, Count]:
        """Return the number of rows of each table, except views, which would take long."""
        names = " ".join(table.name for table in tables)
        is_postgres = self.connections.is_postgres
        found: dict[str, Count] = self._recent(
            names, lambda: sizes.counts(session, tables, is_postgres=is_postgres)
        )
        return found

    def _recent(self, what: str, ask: Callable[[], Any]) -> Any:  # noqa: ANN401
        """Return a recently cached value, or query it again."""
        then, found = self._found.get(what, (float("-inf"), None))
        if time.monotonic() - then > self.memory:
            found = ask()
            self._found[what] = (time.monotonic(), found)
        return found

    def indexes(self, session: Session, table: TableView) -> list[list[str]] | None:
        """Return the columns of each index of a large table; None if it is not large."""
        if not self.connections.is_postgres:
            return None
        key = f"indexes of {table.name}"
        found: list[list[str]] | None = self._recent(key, lambda: sizes.indexes(session, table))
        return found

    def count(self, session: Session, table: TableView, query: RowQuery, most: int) -> Count | None:
        """Return the number of rows that meet a query's conditions, up to a maximum.

        Returns:
            None if counting them in a large table takes long.
        """
        where, params = self._where(table, query)
        text = _UP_TO.format(table=sql.rows_of(table), where=where, most=most + 1)
        if self.indexes(session, table) is None:
            found: Answer | None = session.fetch(text, params)
        else:
            found = session.fetch_within(text, params, QUICK)
        if not found:
            return None
        rows = int(found.rows[0][0])
        return Count(min(rows, most), rows <= most)

    def page(  # noqa: PLR0913 - the parts of a page
        self,
        session: Session,
        table: TableView,
        query: RowQuery,
        columns: Sequence[ColumnView],
        *,
        size: int,
        cursor: Cursor | None = None,
    ) -> Page:
        """Return a page of rows, starting at a row's values: no page costs more than the first.

        Args:
            session: Connects to the database.
            table: The table to read.
            query: The selection of rows and their order.
            columns: The columns to show.
            size: The number of rows per page.
            cursor: The start of the page; None for the first one.

        Raises:
            WarehouseError: A filter's value does not have the column's type.
        """
        reading = Reading(
            session,
            table,
            query,
            columns,
            size,
            cursor,
            self.indexes(session, table),
            self.connections.is_postgres,
        )
        return reading.page()

    def batches(
        self, session: Session, table: TableView, query: RowQuery
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield all rows that meet a query's conditions, in its order, with complete texts."""
        where, params = self._where(table, query)
        text = _SELECT.format(
            columns=", ".join(map(sql.quoted, table.columns)),
            table=sql.rows_of(table),
            where=where,
            order=_nulls_last(sql.order_of(table, query)),
            limit="",
        )
        return session.batches(text, params, _BATCH)

    def row(
        self, session: Session, table: TableView, key: Sequence[object]
    ) -> dict[str, Any] | None:
        """Return a row with complete texts, or None if it was deleted."""
        if len(key) != len(table.key) or not key or not _can_be(table, key):
            return None
        columns = ", ".join(map(sql.quoted, table.columns))
        where = f" where {self.key_condition(table)}"
        query = _SELECT.format(
            columns=columns, table=sql.rows_of(table), where=where, order="", limit=" limit 1"
        )
        found = session.fetch(query, key)
        return dict(zip(found.columns, found.rows[0], strict=True)) if found.rows else None

    def children(
        self, session: Session, table: TableView, id_: object, tables: Mapping[str, TableView]
    ) -> list[Children]:
        """Return the number of rows of each table whose foreign key refers to a row."""
        found = []
        for other in tables.values():
            for column in other.columns.values():
                if column.references != table.name or column.is_copied or other.is_view:
                    continue
                where = f" where {sql.quoted(column.name)} = cast(%s as {column.type})"
                query = _COUNT.format(table=sql.quoted_table(other.name), where=where)
                count = session.fetch(query, [id_]).rows[0][0]
                found.append(Children(other, column.name, int(count)))
        return found

    @staticmethod
    def key_condition(table: TableView) -> str:
        """Return the condition that a row has a key; its parameters are the key's values."""
        columns = (table.columns[name] for name in table.key)
        return " and ".join(
            f"{sql.quoted(each.name)} = cast(%s as {each.type})" for each in columns
        )

    def _where(self, table: TableView, query: RowQuery) -> tuple[str, list[object]]:
        where, params = sql.where_of(table, query, is_postgres=self.connections.is_postgres)
        return sql.clause(where), params


def _can_be(table: TableView, key: Sequence[object]) -> bool:
    """Return whether a key is possible: the text in an address may not be a UUID."""
    for name, value in zip(table.key, key, strict=True):
        if table.columns[name].type.casefold() == "uuid":
            try:
                UUID(str(value))
            except ValueError:
                return False
    return True


def _nulls_last(order: Sequence[Term]) -> str:
    parts = [
        f"{sql.stored(term.column.name)} {'desc' if term.is_descending else 'asc'} nulls last"
        for term in order
    ]
    return f" order by {', '.join(parts)}" if parts else ""
