"""Find the objects that a migration removes or narrows, and count the affected rows."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations, ops

from loader.schema.casts import Type, is_narrowing, outcomes, type_name
from loader.schema.changes import name_of, replaced

# The next build recreates views. Statements such as `drop not null` lose nothing.
_REMOVES = re.compile(
    r"\b(drop\s+(?!view|not\s+null|default|expression|identity|function|trigger)"
    r"|delete\s+from(?!\s+bookkeeping\.objects)|truncate)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Loss:
    """An object that a step removes or narrows.

    Args:
        name: The name for `--allow-drop`.
        what: The object, and the number of rows with a value in it.
        rows: The number of these rows; None if the database does not have the object now.
    """

    name: str
    what: str
    rows: int | None

    def __str__(self) -> str:
        """Return a line of text."""
        return f"{self.name}: {self.what}"


def losses(connection: sa.Connection, steps: Collection[ops.MigrateOperation]) -> list[Loss]:
    """Return the objects that some steps remove or narrow, except indexes that are recreated."""
    made = replaced(steps)
    columns = {}
    if isinstance(connection, sa.Connection):  # recorded tables have no rows to count
        columns = {
            (table, column["name"]): column["type"]
            for (_, table), found in sa.inspect(connection).get_multi_columns().items()
            for column in found
        }
    tables = {table for table, _ in columns}
    found = []
    for op in steps:
        name = name_of(op) or ""
        match op:
            case ops.DropColumnOp():
                where = (op.table_name, op.column_name)
                rows = _values(connection, *where) if where in columns else None
                found.append(Loss(name, f"the column; {_have(rows, 'a value in it')}", rows))
            case ops.DropTableOp():
                rows = _count(connection, op.table_name) if op.table_name in tables else None
                found.append(Loss(op.table_name, f"the table; {_have(rows, 'been in it')}", rows))
            case ops.DropIndexOp() | ops.DropConstraintOp() if name not in made:
                kind = "index" if isinstance(op, ops.DropIndexOp) else "constraint"
                found.append(Loss(name, f"the {kind} of {op.table_name}; no row changes", 0))
            case ops.AlterColumnOp() if op.modify_type is not None:
                old = op.existing_type or columns.get((op.table_name, op.column_name))
                if old is not None and is_narrowing(old, op.modify_type):
                    where = (op.table_name, op.column_name)
                    is_there = where in columns
                    rows = _changed(connection, *where, old, op.modify_type) if is_there else None
                    types = f"the type {type_name(old)} becomes {type_name(op.modify_type)}"
                    lost = _have(rows, "a value that does not fit")
                    found.append(Loss(".".join(where), f"{types}; {lost}", rows))
            case ops.ExecuteSQLOp() if _REMOVES.search(
                statement := " ".join(str(op.sqltext).split())
            ):
                found.append(Loss("a statement", statement, None))
    return found


def _have(rows: int | None, what: str) -> str:
    if rows is None:
        return "it is not there now to be counted"
    return f"{rows:,} {'row has' if rows == 1 else 'rows have'} {what}"


def _count(connection: sa.Connection, table: str) -> int:
    return connection.scalars(sa.select(sa.func.count()).select_from(sa.table(table))).one()


def _values(connection: sa.Connection, table: str, column: str) -> int:
    query = sa.select(sa.func.count(sa.column(column))).select_from(sa.table(table))
    return connection.scalars(query).one()


def _changed(connection: sa.Connection, table: str, column: str, old: Type, new: Type) -> int:
    with outcomes(connection, old, new) as outcome:
        query = sa.select(sa.func.count()).select_from(sa.table(table))
        return connection.scalars(query.where(outcome(sa.column(column)) != "kept")).one()


def recorded(context: MigrationContext, migration: Callable[[], Any]) -> list[ops.MigrateOperation]:
    """Record and return the steps of a migration's `upgrade` or `downgrade`; run none."""
    steps: list[ops.MigrateOperation] = []

    def record(step: ops.MigrateOperation) -> sa.Table | None:
        steps.append(step)
        return step.to_table() if isinstance(step, ops.CreateTableOp) else None

    with Operations.context(context) as operations:
        operations.invoke = record  # type: ignore[method-assign,assignment]
        migration()
    return steps
