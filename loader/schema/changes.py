"""What differs between contracts and database, as steps up and down."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class Changes:
    """The steps that bring a database to the contracts, and back; falsy where there are none."""

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
        """The steps without those that drop columns, which are only made to bear their absence."""
        for container in self.upgrade.ops:
            if isinstance(container, ops.ModifyTableOps):
                container.ops = [kept for op in container.ops for kept in _kept(op)]
        return Changes(self.upgrade, ops.DowngradeOps([]))

    def described(self) -> Iterator[str]:
        """What differs, a line each."""
        for op in _flat(self.upgrade):
            yield from _described(op)

    def columns_without_a_value(self) -> Iterator[tuple[str, str]]:
        """Tables and columns that are to be added, not null and without a default."""
        for op in _flat(self.upgrade):
            if isinstance(op, ops.AddColumnOp) and _needs_a_value(op.column):
                yield op.table_name, op.column.name

    def rendered(self, context: MigrationContext, views: Sequence[str]) -> tuple[str, str]:
        """The Python of upgrade and downgrade.

        Args:
            context: Whose options say how.
            views: What has to be dropped where PostgreSQL would refuse a step because of it.
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
    """Whether a column's type is another one than the contract's; None: as Alembic finds.

    A `varchar` without a length, as dbt appends it, is as good as `text`.
    """
    if isinstance(contract, sa.Text) and isinstance(there, sa.String) and there.length is None:
        return False
    return None


def compare(context: MigrationContext, contracts: sa.MetaData) -> Changes:
    """What of a database is not as the contracts say."""
    upgrade = produce_migrations(context, contracts).upgrade_ops
    assert upgrade is not None  # noqa: S101 - for the type checker: Alembic always gives one
    steps = (_converted(op, contracts) for op in upgrade.ops)
    upgrade.ops = [op for op in steps if not (isinstance(op, ops.OpContainer) and op.is_empty())]
    downgrade = upgrade.reverse_into(ops.DowngradeOps([]))
    for container in (*upgrade.ops, *downgrade.ops):
        if isinstance(container, ops.ModifyTableOps):  # what is made of a column has its new name
            container.ops.sort(key=_is_rename, reverse=True)
    for op in (*_flat(upgrade), *_flat(downgrade)):
        if isinstance(op, (ops.CreateIndexOp, ops.AddColumnOp)):
            op.if_not_exists = True  # builds make indexes, and in development columns, too
        elif isinstance(op, (ops.DropIndexOp, ops.DropColumnOp)):
            op.if_exists = True
    for op in _flat(downgrade):
        if isinstance(op, ops.AddColumnOp) and _needs_a_value(op.column):
            op.column = op.column._copy()  # noqa: SLF001 - the upgrade has the same one
            op.column.nullable = True  # its values are gone
    return Changes(upgrade, downgrade)


def _kept(op: ops.MigrateOperation) -> Iterator[ops.MigrateOperation]:
    if not isinstance(op, ops.DropColumnOp):
        yield op
    elif _needs_a_value(column := op.to_column()):
        yield _AlterColumnOp(
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


def _converted(op: ops.MigrateOperation, contracts: sa.MetaData) -> ops.MigrateOperation:
    """Altered columns with their values; a dropped and an added one as one that is renamed."""
    if not isinstance(op, ops.ModifyTableOps):
        return op
    columns = contracts.tables[op.table_name].columns
    dropped = {each.column_name: each for each in op.ops if isinstance(each, ops.DropColumnOp)}
    kept: list[ops.MigrateOperation] = []
    for each in op.ops:
        if isinstance(each, ops.AlterColumnOp):
            kept.append(_AlterColumnOp.of(each))
            continue
        if isinstance(each, ops.AddColumnOp):
            old = columns[each.column.name].info.get("renamed_from")
            if old in dropped:
                gone = dropped.pop(old)
                kept.append(_rename(op.table_name, gone, each.column))
                continue
        kept.append(each)
    renamed = {each.column_name for each in kept if isinstance(each, ops.AlterColumnOp)}
    op.ops = [
        each
        for each in kept
        if not (isinstance(each, ops.DropColumnOp) and each.column_name in renamed)
    ]
    return op


def _is_rename(op: ops.MigrateOperation) -> bool:
    return isinstance(op, ops.AlterColumnOp) and op.modify_name is not None


def _rename(table: str, gone: ops.DropColumnOp, column: sa.Column[Any]) -> "_AlterColumnOp":
    old = gone.to_column()
    is_typed = str(old.type) != str(column.type)
    return _AlterColumnOp(
        table,
        gone.column_name,
        existing_type=old.type,
        existing_nullable=old.nullable,
        existing_server_default=old.server_default,
        modify_name=column.name,
        modify_type=column.type if is_typed else None,
        modify_nullable=column.nullable if old.nullable != column.nullable else None,
    )


class _AlterColumnOp(ops.AlterColumnOp):
    """An altered column whose values are converted, and whose name can be taken back."""

    @classmethod
    def of(cls, op: ops.AlterColumnOp) -> "_AlterColumnOp":
        """The same step, with its values converted."""
        default = op.modify_server_default
        if op.modify_type is not None and op.existing_server_default and default is False:
            default = op.existing_server_default  # else PostgreSQL casts the old one
        return cls(
            op.table_name,
            op.column_name,
            existing_type=op.existing_type,
            existing_nullable=op.existing_nullable,
            existing_server_default=op.existing_server_default,
            modify_type=op.modify_type,
            modify_nullable=op.modify_nullable,
            modify_server_default=default,
        )

    @property
    def using(self) -> str | None:
        """How the values become those of the new type."""
        if self.modify_type is None:
            return None
        old, new = (getattr(t, "timezone", None) for t in (self.existing_type, self.modify_type))
        if None not in (old, new) and old != new:  # without a zone, they are UTC
            return f"{self.column_name} at time zone 'UTC'"
        return f"{self.column_name}::{self.modify_type.compile(dialect=_DIALECT)}"

    def reverse(self) -> "_AlterColumnOp":
        is_typed, is_nullable = self.modify_type is not None, self.modify_nullable is not None
        has_default = self.modify_server_default is not False
        return _AlterColumnOp(
            self.table_name,
            self.modify_name or self.column_name,
            existing_type=self.modify_type if is_typed else self.existing_type,
            existing_nullable=self.modify_nullable if is_nullable else self.existing_nullable,
            existing_server_default=(
                self.modify_server_default if has_default else self.existing_server_default
            ),
            modify_type=self.existing_type if is_typed else None,
            modify_nullable=self.existing_nullable if is_nullable else None,
            modify_server_default=self.existing_server_default if has_default else False,
            modify_name=self.column_name if self.modify_name else None,
        )


@renderers.dispatch_for(_AlterColumnOp)
def _rendered(context: AutogenContext, op: _AlterColumnOp) -> str:
    """As Alembic renders it, but for the conversion, which it leaves out."""
    text: str = renderers.dispatch(ops.AlterColumnOp)(context, op)
    return f"{text[:-1]},\n{' ' * 11}postgresql_using={op.using!r})" if op.using else text


def _needs_a_value(column: sa.Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _breaks_views(op: ops.MigrateOperation) -> bool:
    """Whether PostgreSQL refuses the step, or its reverse, because of a view on the table."""
    is_typed = isinstance(op, ops.AlterColumnOp) and op.modify_type is not None
    return is_typed or isinstance(op, (ops.AddColumnOp, ops.DropColumnOp))


@singledispatch
def _described(op: ops.MigrateOperation) -> Iterator[str]:
    """A change of the database, in words."""
    yield re.sub(r"\s+", " ", str(op.to_diff_tuple()))


@_described.register
def _(op: ops.CreateTableOp) -> Iterator[str]:
    yield f"{op.table_name}: the table is missing"


@_described.register
def _(op: ops.AddColumnOp) -> Iterator[str]:
    kind = op.column.type.compile(dialect=_DIALECT).lower()
    yield f"{op.table_name}.{op.column.name}: the column is missing ({kind})"


@_described.register
def _(op: ops.DropColumnOp) -> Iterator[str]:
    yield f"{op.table_name}.{op.column_name}: the contract has no such column"


@_described.register
def _(op: ops.CreateIndexOp) -> Iterator[str]:
    yield f"{op.table_name}: the index {op.index_name} is missing"


@_described.register
def _(op: ops.DropIndexOp) -> Iterator[str]:
    yield f"{op.table_name}: the contract has no index {op.index_name}"


@_described.register
def _(op: ops.CreateForeignKeyOp) -> Iterator[str]:
    columns = ", ".join(op.local_cols)
    yield f"{op.source_table}: the foreign key ({columns}) to {op.referent_table} is missing"


@_described.register(ops.CreateUniqueConstraintOp)
@_described.register(ops.CreateCheckConstraintOp)
def _(op: ops.CreateUniqueConstraintOp | ops.CreateCheckConstraintOp) -> Iterator[str]:
    yield f"{op.table_name}: the constraint {op.constraint_name} is missing"


@_described.register
def _(op: ops.DropConstraintOp) -> Iterator[str]:
    yield f"{op.table_name}: the contract has no constraint {op.constraint_name}"


@_described.register
def _(op: ops.AlterColumnOp) -> Iterator[str]:
    where = f"{op.table_name}.{op.column_name}"
    if op.modify_name is not None:
        yield f"{where}: the contract has it as {op.modify_name}"
    if op.modify_type is not None and op.existing_type is not None:
        old, new = (
            each.compile(dialect=_DIALECT).lower() for each in (op.existing_type, op.modify_type)
        )
        yield f"{where}: its type is {old}, in the contract {new}"
    if op.modify_nullable is not None:
        yield f"{where}: it is {'not ' if op.modify_nullable else ''}null, unlike in the contract"
    if op.modify_server_default is not False:
        yield f"{where}: its default is not the contract's"
