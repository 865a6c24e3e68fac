"""Edit a row in one transaction, unless it has changed, and log the edit."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.studio import sql
from loader.studio.catalogue import ColumnView, TableView
from loader.studio.paging import as_text
from loader.studio.tables import Tables

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
_UPDATE = "update {table} set {changes} where {key} and {unchanged}"
_COUNT = "select count(*) from {table} where {condition}"
_CHANGE = "{} = cast(%s as {})"
_IS_SAME = "{} is not distinct from cast(%s as {})"


class UnchangedError(WarehouseError):
    """The edit changes nothing."""


class ChangedError(WarehouseError):
    """The row was changed or deleted after it was shown."""


def edit(  # noqa: PLR0913 - an edit is of a row, from one state to another
    tables: Tables,
    table: TableView,
    key: Sequence[object],
    before: Mapping[str, Any],
    after: Mapping[str, str | None],
    *,
    check: Callable[[Session], object] = lambda _: None,
) -> dict[str, Any]:
    """Change columns of a row, update the checksum of a text, and log the edit.

    Args:
        tables: The tables of the database.
        table: The table to edit.
        key: The row's key.
        before: The row as shown. The columns to change must still have these values.
        after: New values of these columns, as text.
        check: Raises an error, within the transaction, if the database may not be changed.

    Returns:
        The row after the edit.

    Raises:
        UnchangedError: The row already has these values.
        ChangedError: The row was changed or deleted after it was shown.
        WarehouseError: The table is read-only, or a constraint is violated. Each of these errors
            leaves the row unchanged.
    """
    if not table.is_editable:
        raise WarehouseError(f"Cannot edit {table.name!r}: the loader and dbt write it.")
    if not after:
        raise UnchangedError("Nothing is changed.")
    columns = [table.column(name) for name in after]
    with tables.connections.writing() as session:
        check(session)
        if not tables.connections.is_postgres:
            _check_references(session, columns, after)
        same, has_key = _each(_IS_SAME, columns, " and "), tables.key_condition(table)
        place = sql.quoted_table(table.name)
        is_same = _COUNT.format(table=place, condition=f"{has_key} and {same}")
        if session.fetch(is_same, [*key, *after.values()]).rows[0][0]:
            raise UnchangedError("Nothing is changed: the row has these values already.")
        after = {**after, **table.derived(after)}
        columns = [table.column(name) for name in after]
        changes = _each(_CHANGE, columns, ", ")
        if "updated_at" in table.columns and "updated_at" not in after:
            changes += ", updated_at = current_timestamp"
        statement = _UPDATE.format(
            table=place, changes=changes, key=has_key, unchanged=_each(_IS_SAME, columns, " and ")
        )
        olds = [as_text(before[column.name]) for column in columns]
        if session.execute(statement, [*after.values(), *key, *olds]) != 1:
            message = "The row has changed since it was shown, or is gone. Look at it again."
            raise ChangedError(message)
        key = [after.get(name, value) for name, value in zip(table.key, key, strict=True)]
        now = tables.row(session, table, key)
        session.execute(_CREATE_EDITS)
        log = ({name: as_text(before[name]) for name in after}, dict(after))
        texts = [json.dumps(each, ensure_ascii=False) for each in log]
        words = ", ".join(map(str, key))
        session.execute(_LOG_EDIT, [tables.editor, table.name, words, *texts])
    return now or {}


def _each(template: str, columns: Sequence[ColumnView], between: str) -> str:
    return between.join(template.format(sql.quoted(c.name), c.type) for c in columns)


def _check_references(
    session: Session, columns: Sequence[ColumnView], after: Mapping[str, str | None]
) -> None:
    """Check on DuckDB the foreign keys that PostgreSQL checks by itself."""
    for column in columns:
        value = after[column.name]
        if column.references is None or value is None:
            continue
        parent = sql.quoted_table(column.references)
        query = _COUNT.format(table=parent, condition="id = cast(%s as uuid)")
        if not session.fetch(query, [value]).rows[0][0]:
            message = f"No row of {column.references!r} has the id {value!r} of {column.name!r}."
            raise WarehouseError(message)
