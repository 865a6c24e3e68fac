"""The differences between contracts and database, as steps up and down."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_render_alter_column = renderers.dispatch(ops.AlterColumnOp)


@dataclass(frozen=True)
class Changes:
    """The steps that bring a database to the contracts, and back; false if there are none."""

    upgrade: ops.UpgradeOps
    downgrade: ops.DowngradeOps

    def __bool__(self) -> bool:
        return bool(self.upgrade.ops)

    @property
    def is_enough(self) -> bool:
        """Whether nothing is missing; the database may have more than the contracts."""
        return all(
            isinstance(op, (ops.DropColumnOp, ops.DropIndexOp)) for op in _flat(self.upgrade)
        )

    def without_losses(self) -> "Changes":
        """Return the steps without dropped columns. Those columns may be null from now on."""
        for container in self.upgrade.ops:
            if isinstance(container, ops.ModifyTableOps):
                container.ops = [kept for op in container.ops for kept in _kept(op)]
        return Changes(self.upgrade, ops.DowngradeOps([]))

    def described(self) -> Iterator[str]:
        """Yield the differences, one line each."""
        for op in _flat(self.upgrade):
            yield from _described(op)

    def columns_without_a_value(self) -> Iterator[tuple[str, str]]:
        """Yield the table and name of each new column that is not null and has no default."""
        for op in _flat(self.upgrade):
            if isinstance(op, ops.AddColumnOp) and _needs_a_value(op.column):
                yield op.table_name, op.column.name

    def rendered(self, context: MigrationContext, views: Sequence[str]) -> tuple[str, str]:
        """Return the Python of upgrade and downgrade.

        Args:
            context: Gives the dialect.
            views: Views to drop first if PostgreSQL would refuse a step because of them.
        """
        first = ""
        if views and any(_breaks_views(op) for op in _flat(self.upgrade)):
            names = ", ".join(views)
            first = (
                "# The next dbt build makes them again.\n"
                f'    op.execute("drop view if exists {names}")\n    '
            )
        upgrade, downgrade = (
            first + render_python_code(steps, migration_context=context)
            for steps in (self.upgrade, self.downgrade)
        )
        return upgrade, downgrade


def is_other_type(
    _context: object, _inspected: object, _declared: object, there: object, contract: object
) -> bool | None:
    """Return False if a column's type will do; None leaves the comparison to Alembic.

    A `varchar` without a length, as dbt appends it, is as good as `text`.
    """
    if isinstance(contract, sa.Text) and isinstance(there, sa.String) and there.length is None:
        return False
    return None


def compare(context: MigrationContext, contracts: sa.MetaData) -> Changes:
    """Return how a database differs from the contracts."""
    upgrade = produce_migrations(context, contracts).upgrade_ops
    assert upgrade is not None  # noqa: S101 - for the type checker: Alembic always gives one
    for container in upgrade.ops:
        if isinstance(container, ops.ModifyTableOps):
            _merge_renames(container)
    downgrade = upgrade.reverse()
    for steps in (upgrade, downgrade):
        _make_repeatable(steps)
    for op in _flat(downgrade):
        if isinstance(op, ops.AddColumnOp) and _needs_a_value(op.column):
            op.column = sa.Column(op.column.name, op.column.type)  # its values are gone
    return Changes(upgrade, downgrade)


def _make_repeatable(steps: ops.OpContainer) -> None:
    """Rename first, and allow for what builds have made: indexes, and in development columns."""
    for op in steps.ops:
        if isinstance(op, ops.ModifyTableOps):  # constraints are made with the new name
            op.ops.sort(key=lambda each: isinstance(each, _RenameColumnOp), reverse=True)
            _make_repeatable(op)
        elif isinstance(op, (ops.CreateIndexOp, ops.AddColumnOp)):
            op.if_not_exists = True
        elif isinstance(op, (ops.DropIndexOp, ops.DropColumnOp)):
            op.if_exists = True


def _kept(op: ops.MigrateOperation) -> Iterator[ops.MigrateOperation]:
    if not isinstance(op, ops.DropColumnOp):
        yield op
    elif _needs_a_value(column := op.to_column()):
        yield ops.AlterColumnOp(
            op.table_name,
            op.column_name,
            existing_type=column.type,
            existing_nullable=False,
            modify_nullable=True,
        )


def _flat(container: ops.OpContainer) -> Iterator[ops.MigrateOperation]:
    for op in container.ops:
        if isinstance(op, ops.OpContainer):
            yield from _flat(op)
        else:
            yield op


def _merge_renames(table: ops.ModifyTableOps) -> None:
    """Make one rename of a dropped column and an added one that says `renamed_from`."""
    dropped = {op.column_name: op for op in table.ops if isinstance(op, ops.DropColumnOp)}
    for op in list(table.ops):
        if isinstance(op, ops.AddColumnOp):
            old = dropped.pop(op.column.info.get("renamed_from", ""), None)
            if old:
                table.ops.remove(old)
                table.ops[table.ops.index(op)] = _rename(old, op.column)


class _RenameColumnOp(ops.AlterColumnOp):
    """A renamed column; unlike Alembic's own operation, it can be reversed."""

    def reverse(self) -> ops.AlterColumnOp:
        back = super().reverse()
        back.column_name, back.modify_name = self.modify_name or "", self.column_name
        return back


def _rename(old: ops.DropColumnOp, column: sa.Column[Any]) -> _RenameColumnOp:
    was = old.to_column()
    is_typed = str(was.type) != str(column.type)
    return _RenameColumnOp(
        old.table_name,
        old.column_name,
        existing_type=was.type,
        existing_nullable=was.nullable,
        existing_server_default=was.server_default,
        modify_name=column.name,
        modify_type=column.type if is_typed else None,
        modify_nullable=column.nullable if was.nullable != column.nullable else None,
    )


@renderers.dispatch_for(ops.AlterColumnOp, replace=True)
def _rendered(context: AutogenContext, op: ops.AlterColumnOp) -> str:
    """Render as Alembic does, with the conversion of the values, which it leaves out."""
    if op.modify_type is None:
        return str(_render_alter_column(context, op))
    if op.existing_server_default and op.modify_server_default is False:
        op.modify_server_default = op.existing_server_default  # else PostgreSQL casts the old one
    text = _render_alter_column(context, op)
    using = f"{op.column_name}::{op.modify_type.compile(dialect=_DIALECT)}"
    old, new = (getattr(t, "timezone", None) for t in (op.existing_type, op.modify_type))
    if None not in (old, new) and old != new:
        using = f"{op.column_name} at time zone 'UTC'"  # times without a zone are UTC
    return f"{text[:-1]},\n{' ' * 11}postgresql_using={using!r})"


def _needs_a_value(column: sa.Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _breaks_views(op: ops.MigrateOperation) -> bool:
    """Return whether PostgreSQL refuses the step, or its reverse, if a view uses the table."""
    is_typed = isinstance(op, ops.AlterColumnOp) and op.modify_type is not None
    return is_typed or isinstance(op, (ops.AddColumnOp, ops.DropColumnOp))


def _described(op: ops.MigrateOperation) -> Iterator[str]:
    match op:
        case ops.CreateTableOp():
            yield f"{op.table_name}: the table is missing"
        case ops.AddColumnOp():
            kind = _type(op.column.type)
            yield f"{op.table_name}.{op.column.name}: the column is missing ({kind})"
        case ops.DropColumnOp():
            yield f"{op.table_name}.{op.column_name}: the contract has no such column"
        case ops.CreateIndexOp():
            yield f"{op.table_name}: the index {op.index_name} is missing"
        case ops.DropIndexOp():
            yield f"{op.table_name}: the contract has no index {op.index_name}"
        case ops.CreateForeignKeyOp():
            columns, other = ", ".join(op.local_cols), op.referent_table
            yield f"{op.source_table}: the foreign key ({columns}) to {other} is missing"
        case ops.CreateUniqueConstraintOp() | ops.CreateCheckConstraintOp():
            yield f"{op.table_name}: the constraint {op.constraint_name} is missing"
        case ops.DropConstraintOp():
            yield f"{op.table_name}: the contract has no constraint {op.constraint_name}"
        case ops.AlterColumnOp():
            yield from (f"{op.table_name}.{op.column_name}: {each}" for each in _altered(op))
        case _:
            yield re.sub(r"\s+", " ", str(op.to_diff_tuple()))


def _altered(op: ops.AlterColumnOp) -> Iterator[str]:
    if op.modify_name is not None:
        yield f"the contract has it as {op.modify_name}"
    if op.modify_type is not None and op.existing_type is not None:
        yield f"its type is {_type(op.existing_type)}, in the contract {_type(op.modify_type)}"
    if op.modify_nullable is not None:
        yield f"it is {'not ' if op.modify_nullable else ''}null, unlike in the contract"
    if op.modify_server_default is not False:
        yield "its default is not the contract's"


def _type(kind: sa.types.TypeEngine[Any]) -> str:
    return kind.compile(dialect=_DIALECT).lower()
