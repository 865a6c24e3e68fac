"""The database's tables, as the studio shows and edits them.

Names of tables and columns are those of the catalogue, quoted; values are parameters.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loader.database.sessions import Answer, Session, Sessions
from loader.errors import WarehouseError
from loader.studio import sql
from loader.studio.catalogue import ColumnView, TableView, read_catalogue
from loader.studio.sql import RowQuery

_CREATE_EDITS = """
    create table if not exists bookkeeping.edits (
        edited_at timestamp with time zone not null default current_timestamp,
        edited_by text,
        table_name text not null,
        row_key text not null,
        before text not null,
        after text not null
    )
"""
_LOG_EDIT = """
    insert into bookkeeping.edits (edited_by, table_name, row_key, before, after)
    values (%s, %s, %s, %s, %s)
"""
_SELECT = "select {columns} from {table} as stored{where}{order}"
_COUNT = "select count(*) from {table} as stored{where}"
_UPDATE = "update {table} set {changes} where {key} and {unchanged}"
_CHANGE = "{} = cast(%s as {})"
_UNCHANGED = "{} is not distinct from cast(%s as {})"
_PAGE = " limit %s offset %s"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a view, long texts cut, and how many there are."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    keys: list[tuple[Any, ...]]
    total: int


@dataclass(frozen=True, slots=True)
class Children:
    """Rows that refer to one: how many of which table, by which column."""

    table: str
    column: str
    count: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What the studio knows of a database.

    Args:
        connections: To it.
        editor: Who edits.
    """

    connections: Sessions
    editor: str | None = None

    def all(self) -> dict[str, TableView]:
        """Return the tables and views by name, the final ones first."""
        with self.connections.reading() as session:
            return read_catalogue(session, self.connections.final_schema)

    def counts(self, tables: Sequence[TableView]) -> dict[str, int]:
        """Return how many rows each table has; counting a view would take long."""
        with self.connections.reading() as session:
            return {
                table.name: _count(session, sql.rows_of(table))
                for table in tables
                if not table.is_view
            }

    def page(self, table: TableView, view: RowQuery, number: int, size: int) -> Page:
        """Return a page of rows.

        Args:
            table: The table.
            view: The rows to show and their order.
            number: The page's number, from 0.
            size: The rows of a page.

        Raises:
            WarehouseError: A filter's value is not of the column's type.
        """
        where, params = sql.where_of(table, view, is_postgres=self.connections.is_postgres)
        shown = [sql.cut(column) for column in table.columns.values()]
        keys = [sql.quoted(name) for name in table.key]
        # A condition is looked for once, with the count beside; without one, counting is quick.
        counted = ["count(*) over ()"] if where else []
        query = _SELECT.format(
            columns=", ".join([*shown, *keys, *counted]),
            table=sql.rows_of(table),
            where=where,
            order=sql.order_of(table, view),
        )
        with self.connections.reading() as session:
            found = session.fetch(query + _PAGE, [*params, size, number * size]).rows
            total = 0
            if not where:
                total = _count(session, sql.rows_of(table))
            elif found:
                total = found[0][-1]
        first, last = len(shown), len(shown) + len(keys)
        rows, keys_of = ([row[a:b] for row in found] for a, b in ((0, first), (first, last)))
        return Page(tuple(table.columns), rows, keys_of, total)

    def export(self, table: TableView, view: RowQuery, most: int) -> Answer:
        """Return the rows of a view with their whole texts."""
        where, params = sql.where_of(table, view, is_postgres=self.connections.is_postgres)
        query = _SELECT.format(
            columns=", ".join(map(sql.quoted, table.columns)),
            table=sql.rows_of(table),
            where=where,
            order=sql.order_of(table, view),
        )
        with self.connections.reading() as session:
            found = session.fetch(query + _PAGE, [*params, most + 1, 0])
        return Answer(found.columns, found.rows[:most], len(found.rows) > most)

    def row(self, table: TableView, key: Sequence[object]) -> dict[str, Any] | None:
        """Return a row with its whole texts, or None if it is gone."""
        with self.connections.reading() as session:
            return self._row(session, table, key)

    def children(
        self, table: TableView, id_: object, tables: Mapping[str, TableView]
    ) -> list[Children]:
        """Return how many rows of each table refer to a row."""
        found = []
        with self.connections.reading() as session:
            for other in tables.values():
                for column in other.columns.values():
                    if column.references != table.name or other.is_view:
                        continue
                    where = f" where {sql.quoted(column.name)} = %s"
                    count = _count(session, sql.quoted_table(other.name), where, id_)
                    found.append(Children(other.name, column.name, count))
        return found

    def edit(
        self,
        table: TableView,
        key: Sequence[object],
        before: Mapping[str, Any],
        after: Mapping[str, str | None],
    ) -> dict[str, Any]:
        """Change columns of a row, with the checksum of a text, and log it.

        Args:
            table: Of which table.
            key: Of the row.
            before: The row as it was shown: it must be so still.
            after: New values of the columns that change, as text.

        Returns:
            The row as it is now.

        Raises:
            WarehouseError: The table is not to be edited, the row has changed meanwhile, or a
                constraint is violated; nothing is changed.
        """
        if not table.is_editable:
            raise WarehouseError(f"{table.name} is not to be edited: the loader and dbt write it.")
        if not after:
            raise WarehouseError("nothing is changed.")
        after = {**table.derived(after), **after}
        names = [table.column(name) for name in after]
        changes = ", ".join(
            map(_CHANGE.format, (sql.quoted(c.name) for c in names), (c.type for c in names))
        )
        if "updated_at" in table.columns and "updated_at" not in after:
            changes += ", updated_at = current_timestamp"
        same = " and ".join(
            map(_UNCHANGED.format, (sql.quoted(c.name) for c in names), (c.type for c in names))
        )
        where = " and ".join(f"{sql.quoted(name)} = %s" for name in table.key)
        statement = _UPDATE.format(
            table=sql.quoted_table(table.name), changes=changes, key=where, unchanged=same
        )
        olds = [_as_text(before[c.name]) for c in names]
        with self.connections.writing() as session:
            if not self.connections.is_postgres:
                _check_references(session, names, after)
            changed = session.execute(statement, [*after.values(), *key, *olds])
            if changed != 1:
                message = "the row has changed since it was shown, or is gone. Look at it again."
                raise WarehouseError(message)
            key = [after.get(name, value) for name, value in zip(table.key, key, strict=True)]
            now = self._row(session, table, key)
            session.execute(_CREATE_EDITS)
            log = ({name: _as_text(before[name]) for name in after}, dict(after))
            texts = [json.dumps(each, ensure_ascii=False) for each in log]
            words = ", ".join(map(str, key))
            session.execute(_LOG_EDIT, [self.editor, table.name, words, *texts])
        return now or {}

    def _row(
        self, session: Session, table: TableView, key: Sequence[object]
    ) -> dict[str, Any] | None:
        columns = ", ".join(map(sql.quoted, table.columns))
        where = " where " + " and ".join(f"{sql.quoted(name)} = %s" for name in table.key)
        query = _SELECT.format(columns=columns, table=sql.rows_of(table), where=where, order="")
        found = session.fetch(query, key)
        return dict(zip(found.columns, found.rows[0], strict=True)) if found.rows else None


def _count(session: Session, table: str, where: str = "", *params: object) -> int:
    return int(session.fetch(_COUNT.format(table=table, where=where), params).rows[0][0])


def _check_references(
    session: Session, columns: Sequence[ColumnView], after: Mapping[str, str | None]
) -> None:
    """Check on DuckDB what foreign keys check on PostgreSQL."""
    for column in columns:
        value = after[column.name]
        if column.references is None or value is None:
            continue
        parent = sql.quoted_table(column.references)
        if not _count(session, parent, " where id = cast(%s as uuid)", value):
            message = f"violates the foreign key of {column.name}: no row of {column.references}"
            raise WarehouseError(f"{message} has the id {value}.")


def _as_text(value: object) -> str | None:
    """Return a value as text that the database reads again."""
    if value is None:
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
