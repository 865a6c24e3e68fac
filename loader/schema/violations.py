"""Find rows that would make a migration fail, and describe how to fix them.

Rows are read as after the migration: with new column names, new types, and the defaults of new
columns.
"""

from collections.abc import Iterator, Sequence
from typing import Any, cast

import sqlalchemy as sa
from alembic.operations import ops

from loader.schema.casts import Type, converted, outcomes, type_name
from loader.schema.changes import Changes, KeepColumnOp, name_of, needs_a_value
from loader.words import counted

_SHOWN = 3
_LONGEST = 60  # characters of a shown value
_Query = sa.Select[Any]


def violations(connection: sa.Connection, changes: Changes, contracts: sa.MetaData) -> list[str]:
    """Return the rows or keys that prevent a change, one line each."""
    reader = _Reader(connection, changes, contracts)
    steps = changes.steps
    # Stop at values that cannot be converted: the other checks could not read their rows.
    return [*reader.failing(steps)] or [line for op in steps for line in reader.violating(op)]


class _Reader:
    def __init__(self, connection: sa.Connection, changes: Changes, contracts: sa.MetaData) -> None:
        self._connection = connection
        self._contracts = contracts
        self._new = {op.table_name for op in changes.steps if isinstance(op, ops.CreateTableOp)}
        self._added: dict[tuple[str, str], sa.Column[Any]] = {}
        self._altered: dict[tuple[str, str], ops.AlterColumnOp] = {}
        for op in changes.steps:
            if isinstance(op, ops.AddColumnOp):
                self._added[op.table_name, op.column.name] = op.column
            elif isinstance(op, ops.AlterColumnOp):
                self._altered[op.table_name, op.modify_name or op.column_name] = op

    def failing(self, steps: Sequence[ops.MigrateOperation]) -> Iterator[str]:
        """Yield the values that cannot be converted."""
        for op in steps:
            if not isinstance(op, ops.AlterColumnOp) or not (where := name_of(op)):
                continue  # it does not narrow a type
            old, new = cast("Type", op.existing_type), cast("Type", op.modify_type)
            types = f"{type_name(old)} to {type_name(new)}"
            with outcomes(self._connection, old, new) as outcome:
                nothing = sa.cast(sa.null(), old)
                if self._connection.scalar(sa.select(outcome(nothing))) == "fails":
                    yield f"{where}: PostgreSQL has no cast of {types}. Write one by hand."
                    continue
                column: sa.ColumnElement[Any] = sa.column(op.column_name)
                rows = self._rows(op.table_name, self._keys(op.table_name), value=column)
                count, keys = self._found(op.table_name, rows, outcome(rows.c["value"]) == "fails")
            if count:
                values = counted(count, "value")
                yield f"{where}: {values} cannot be cast from {types}{keys}. Fix them first."

    def violating(self, op: ops.MigrateOperation) -> Iterator[str]:
        """Yield the rows that violate a step."""
        match op:
            case ops.AddColumnOp() if needs_a_value(op.column):
                yield from self._without_values(op)
            case KeepColumnOp():
                yield from self._in_a_key(op)
            case ops.AlterColumnOp() if op.modify_nullable is False:
                yield from self._null(op)
            case ops.CreateUniqueConstraintOp():
                yield from self._doubled(op)
            case ops.CreateForeignKeyOp():
                yield from self._orphans(op)
            case ops.CreateCheckConstraintOp():
                yield from self._unchecked(op)

    def _without_values(self, op: ops.AddColumnOp) -> Iterator[str]:
        count, _ = self._found(op.table_name, self._rows(op.table_name, []), sa.true())
        if count:
            yield (
                f"{op.table_name}.{op.column.name} is not null and has no default, and the table"
                f" has {counted(count, 'row')}. Give it one in the contract, as:"
                " {type: custom, expression: default ''}"
            )

    def _in_a_key(self, op: KeepColumnOp) -> Iterator[str]:
        key = sa.inspect(self._connection).get_pk_constraint(op.table_name)
        if op.column_name in key["constrained_columns"]:
            yield (
                f"{op.table_name}.{op.column_name}: the primary key of the table is another one in"
                " the contract. If that is a new name of it, say so there: renamed_from"
            )

    def _null(self, op: ops.AlterColumnOp) -> Iterator[str]:
        name = op.modify_name or op.column_name
        rows = self._rows(op.table_name, [*self._keys(op.table_name), name])
        count, keys = self._found(op.table_name, rows, rows.c[name].is_(None))
        if count:
            yield (
                f"{op.table_name}.{op.column_name}: null in {counted(count, 'row')}{keys}. Fill it"
                " there, or leave not_null out of the contract."
            )

    def _doubled(self, op: ops.CreateUniqueConstraintOp) -> Iterator[str]:
        names = [str(each) for each in op.columns]
        rows = self._rows(op.table_name, names)
        columns = [rows.c[name] for name in names]
        query = sa.select(*columns, sa.func.count().label("rows")).group_by(*columns)
        query = query.where(*(column.is_not(None) for column in columns))
        groups = query.having(sa.func.count() > 1).order_by(*columns).subquery()
        count = self._connection.scalar(sa.select(sa.func.sum(groups.c.rows)))
        if count:
            shown = [
                ", ".join(
                    f"{name} {_shown(value)}" for name, value in zip(names, row, strict=False)
                )
                for row in self._connection.execute(sa.select(groups).limit(_SHOWN))
            ]
            yield (
                f"{op.table_name}: {counted(count, 'row')} have the same values, which"
                f" {op.constraint_name} forbids: {'; '.join(shown)}. Decide which of them is right."
            )

    def _orphans(self, op: ops.CreateForeignKeyOp) -> Iterator[str]:
        table, parent = op.source_table, op.referent_table
        rows = self._rows(table, [*self._keys(table), *op.local_cols])
        parents = self._rows(parent, op.remote_cols)
        pairs = list(zip(op.local_cols, op.remote_cols, strict=True))
        known = sa.exists().where(*(rows.c[ours] == parents.c[theirs] for ours, theirs in pairs))
        is_set = [rows.c[column].is_not(None) for column in op.local_cols]
        count, keys = self._found(table, rows, sa.and_(*is_set, ~known.correlate(rows)))
        if count:
            yield (
                f"{table}.{', '.join(op.local_cols)}: {counted(count, 'row')} without a row of"
                f" {parent}{keys}. Fix or delete them first."
            )

    def _unchecked(self, op: ops.CreateCheckConstraintOp) -> Iterator[str]:
        columns = [column.name for column in self._contracts.tables[op.table_name].columns]
        rows = self._rows(op.table_name, columns)
        condition = str(op.condition).replace(":", r"\:")
        count, keys = self._found(op.table_name, rows, sa.text(f"not ({condition})"))
        if count:
            yield (
                f"{op.table_name}: the check {op.constraint_name} refuses"
                f" {counted(count, 'row')}{keys}. Fix them first."
            )

    def _found(
        self,
        table: str,
        rows: sa.Subquery,
        condition: Any,  # noqa: ANN401
    ) -> tuple[int, str]:
        """Return the number of rows that meet a condition, and the keys of the first ones."""
        query = sa.select(sa.func.count()).select_from(rows).where(condition)
        count = self._connection.scalars(query).one()
        keys = [rows.c[name] for name in self._keys(table) if name in rows.c]
        if not count or not keys:
            return count, ""
        first = sa.select(*keys).select_from(rows).where(condition).order_by(*keys).limit(_SHOWN)
        shown = [" ".join(map(_shown, row)) for row in self._connection.execute(first)]
        more = ", …" if count > _SHOWN else ""
        return count, f" ({' '.join(key.name for key in keys)} {', '.join(shown)}{more})"

    def _keys(self, table: str) -> list[str]:
        return [column.name for column in self._contracts.tables[table].primary_key]

    def _rows(self, table: str, names: Sequence[str], **more: Any) -> sa.Subquery:  # noqa: ANN401
        """Return a table's rows as after the migration.

        Args:
            table: Name of the table; it does not exist yet if the migration creates it.
            names: Column names in the contract.
            more: Additional expressions by name.
        """
        if table in self._new:
            columns = self._contracts.tables[table].c
            nothing = [sa.cast(sa.null(), columns[name].type).label(name) for name in names]
            return sa.select(*nothing).where(sa.false()).subquery()
        read = {name: self._value(table, name) for name in names} | more
        labelled = [value.label(name) for name, value in read.items()]
        columns_ = labelled or [sa.literal(1).label("row")]
        return sa.select(*columns_).select_from(sa.table(table)).subquery()

    def _value(self, table: str, name: str) -> sa.ColumnElement[Any]:
        added, altered = self._added.get((table, name)), self._altered.get((table, name))
        if added is not None:
            default: Any = added.server_default
            value = sa.null() if default is None else sa.literal_column(str(default.arg))
            return sa.cast(value, added.type)
        if altered is None:
            return sa.column(name)
        column: sa.ColumnElement[Any] = sa.column(altered.column_name)
        if altered.modify_type is None or altered.existing_type is None:
            return column
        return converted(column, altered.existing_type, altered.modify_type)


def _shown(value: object) -> str:
    """Return a value on one line, without control characters."""
    text = str(value)
    quoted = repr(text[:_LONGEST] + "…" * (len(text) > _LONGEST))
    return quoted if isinstance(value, str) else quoted[1:-1]
