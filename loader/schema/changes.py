"""Compute the differences between contracts and database, as steps up and down.

A step that removes something or narrows a type needs its name in `allowed`. A column's name is
`table.column`. Indexes and constraints have their own names. Columns that only the database has
stay, but become nullable, so that rows without them can be added.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations
from alembic.migration import MigrationContext
from alembic.operations import ops

from loader.schema.casts import is_narrowing, type_name
from loader.schema.checks import changed, normalizer
from loader.schema.names import RenameOp, matches, reflect

Removal = ops.DropColumnOp | ops.DropIndexOp | ops.DropConstraintOp
_Creation = (
    ops.CreateIndexOp
    | ops.CreateUniqueConstraintOp
    | ops.CreateForeignKeyOp
    | ops.CreateCheckConstraintOp
)


@dataclass(frozen=True)
class Changes:
    """The differences between a database and the contracts.

    Args:
        upgrade: The steps from the database to the contracts.
        downgrade: The steps back.
        narrowing: Changes of types in neither list, because their names were not given.
        extras: Removals in neither list, because their names were not given.
    """

    upgrade: ops.UpgradeOps
    downgrade: ops.DowngradeOps
    narrowing: tuple[ops.AlterColumnOp, ...]
    extras: tuple[Removal, ...]

    @property
    def steps(self) -> list[ops.MigrateOperation]:
        """The steps of the upgrade, in order."""
        return list(flat(self.upgrade))

    @property
    def lacking(self) -> list[ops.MigrateOperation]:
        """The steps for objects that the contracts define and the database lacks."""
        return [*self.steps, *self.narrowing]

    @property
    def distance(self) -> tuple[int, int]:
        """How far the database is from the contracts; (0, 0) if nothing differs."""
        return len(self.lacking), len(self.extras)

    def names(self) -> list[str]:
        """Return the names that `allowed` accepts."""
        removed = [*self.steps, *self.narrowing, *self.extras]
        return sorted({name for op in removed if (name := name_of(op))})


class RenameColumnOp(ops.AlterColumnOp):
    """A renamed column. Unlike Alembic's own operation, it is reversible."""

    def reverse(self) -> ops.AlterColumnOp:
        """Return the reverse step."""
        back = super().reverse()
        back.column_name, back.modify_name = self.modify_name or "", self.column_name
        return back


class KeepColumnOp(ops.AlterColumnOp):
    """A column that only the database has, which becomes nullable."""


def compare(
    context: MigrationContext, contracts: sa.MetaData, allowed: Collection[str] = ()
) -> Changes:
    """Return the differences between a database and the contracts.

    Args:
        context: Connects to the database.
        contracts: The final tables.
        allowed: Names of objects that may be removed, or narrowed to another type.
    """
    upgrade = produce_migrations(context, contracts).upgrade_ops
    assert upgrade is not None  # noqa: S101 - for the type checker: Alembic always returns one
    _add_what_alembic_ignores(upgrade, context, contracts)
    narrowing: list[ops.AlterColumnOp] = []
    extras: list[Removal] = []
    for table in upgrade.ops:
        if isinstance(table, ops.ModifyTableOps):
            _merge_renames(table)
            extras += _take_out_removals(table, allowed)
            narrowing += _take_out_narrowing(table, allowed)
    upgrade.ops = [op for op in upgrade.ops if not isinstance(op, ops.ModifyTableOps) or op.ops]
    downgrade = upgrade.reverse()
    for table in downgrade.ops:
        if isinstance(table, ops.ModifyTableOps):
            table.ops = [op for op in table.ops if _can_be_undone(op)]
    downgrade.ops = [op for op in downgrade.ops if not isinstance(op, ops.ModifyTableOps) or op.ops]
    for steps in (upgrade, downgrade):
        _make_repeatable(steps)
    for op in flat(downgrade):
        if isinstance(op, ops.AddColumnOp) and needs_a_value(op.column):
            op.column = sa.Column(op.column.name, op.column.type)  # its values are lost
    return Changes(upgrade, downgrade, tuple(narrowing), tuple(extras))


def flat(container: ops.OpContainer) -> Iterator[ops.MigrateOperation]:
    """Yield the steps of all tables."""
    for op in container.ops:
        if isinstance(op, ops.OpContainer):
            yield from flat(op)
        else:
            yield op


def name_of(op: ops.MigrateOperation) -> str | None:
    """Return the name that allows a step to remove something or narrow a type; else None."""
    match op:
        case ops.DropColumnOp():
            return f"{op.table_name}.{op.column_name}"
        case ops.DropIndexOp():
            return op.index_name
        case ops.DropConstraintOp():
            return str(op.constraint_name)
        case ops.AlterColumnOp() if op.modify_type is not None and op.existing_type is not None:
            is_named = is_narrowing(op.existing_type, op.modify_type)
            return f"{op.table_name}.{op.column_name}" if is_named else None
    return None


def replaced(steps: Collection[ops.MigrateOperation]) -> set[str]:
    """Return the names of the indexes and constraints that some steps create."""
    made = (op for op in steps if isinstance(op, _Creation))
    return {
        str(op.index_name if isinstance(op, ops.CreateIndexOp) else op.constraint_name)
        for op in made
    }


def needs_a_value(column: sa.Column[Any]) -> bool:
    """Return whether inserting a row requires a value for the column."""
    return not column.nullable and column.server_default is None


def _take_out_removals(table: ops.ModifyTableOps, allowed: Collection[str]) -> Iterator[Removal]:
    """Yield the removals that are not allowed, and take them out of the table's steps.

    A column's indexes and constraints go with it. An index or a constraint may also go if another
    one takes its name.
    """
    made = replaced(table.ops)
    gone = {
        op.column_name
        for op in table.ops
        if isinstance(op, ops.DropColumnOp) and name_of(op) in allowed
    }
    kept: list[ops.MigrateOperation] = []
    for op in table.ops:
        name = name_of(op)
        if not isinstance(op, Removal) or name in allowed or name in made or gone & _columns(op):
            kept.append(op)
            continue
        yield op
        if isinstance(op, ops.DropColumnOp) and needs_a_value(column := op.to_column()):
            kept.append(
                KeepColumnOp(
                    op.table_name,
                    op.column_name,
                    existing_type=column.type,
                    existing_nullable=False,
                    modify_nullable=True,
                )
            )
    table.ops = kept


def _add_what_alembic_ignores(
    upgrade: ops.UpgradeOps, context: MigrationContext, contracts: sa.MetaData
) -> None:
    """Rename objects that differ only in name, and replace checks with another expression."""
    connection = context.connection
    assert connection is not None  # noqa: S101 - for the type checker
    include = context.opts["include_name"]
    names = [name for name in contracts.tables if include(name, "table", {})]
    modified = {op.table_name: op for op in upgrade.ops if isinstance(op, ops.ModifyTableOps)}
    for name, there in reflect(sa.inspect(connection), names).items():
        table = contracts.tables[name]
        with normalizer(connection, table) as normalize:
            matching = matches(there, table, normalize)
            replaced_checks = list(changed(there.checks, table, normalize))
        if name not in modified:
            modified[name] = ops.ModifyTableOps(name, [])
            upgrade.ops.append(modified[name])
        renamed = [op for op in matching if op.old != op.new]
        built = {index["name"] for index in table.info.get("built_indexes", ())}
        kept = [
            op
            for op in modified[name].ops
            if not _is_matched(op, matching) and name_of(op) not in built
        ]
        modified[name].ops = [*renamed, *kept, *replaced_checks]


def _is_matched(op: ops.MigrateOperation, matching: Collection[RenameOp]) -> bool:
    """Return whether Alembic drops or creates an object that a rename keeps."""
    if isinstance(op, ops.DropIndexOp | ops.DropConstraintOp):
        return name_of(op) in {each.old for each in matching}
    return bool(replaced([op]) & {each.new for each in matching})


def _can_be_undone(op: ops.MigrateOperation) -> bool:
    """Return whether a step can be undone, regardless of rows added since."""
    if isinstance(op, ops.AddColumnOp):  # SQLAlchemy cannot name its type
        return not isinstance(op.column.type, sa.types.NullType)
    return not isinstance(op, KeepColumnOp)  # later rows may have no value


def _columns(op: Removal) -> set[str]:
    """Return the columns of an index or a constraint."""
    match op:
        case ops.DropIndexOp():
            return {column.name for column in op.to_index().columns}
        case ops.DropConstraintOp():
            return {column.name for column in getattr(op.to_constraint(), "columns", ())}
    return set()


def _take_out_narrowing(
    table: ops.ModifyTableOps, allowed: Collection[str]
) -> Iterator[ops.AlterColumnOp]:
    """Yield the changes of types that are not allowed, and take them out of the table's steps."""
    for op in list(table.ops):
        if isinstance(op, ops.AlterColumnOp) and (name := name_of(op)) and name not in allowed:
            yield ops.AlterColumnOp(
                op.table_name,
                op.column_name,
                existing_type=op.existing_type,
                modify_type=op.modify_type,
            )
            op.modify_type = None
            if not op.has_changes() and op.modify_name is None:
                table.ops.remove(op)


def _make_repeatable(steps: ops.OpContainer) -> None:
    """Put renames first, and skip tables, indexes and columns that a build has already created."""
    for op in steps.ops:
        if isinstance(op, ops.ModifyTableOps):  # constraints are created with the new name
            op.ops.sort(key=lambda each: isinstance(each, RenameColumnOp), reverse=True)
            _make_repeatable(op)
        elif isinstance(op, (ops.CreateTableOp, ops.CreateIndexOp, ops.AddColumnOp)):
            op.if_not_exists = True
        elif isinstance(op, (ops.DropTableOp, ops.DropIndexOp, ops.DropColumnOp)):
            op.if_exists = True


def _merge_renames(table: ops.ModifyTableOps) -> None:
    """Merge a dropped column and an added one with `renamed_from` into one rename."""
    dropped = {op.column_name: op for op in table.ops if isinstance(op, ops.DropColumnOp)}
    for op in list(table.ops):
        if isinstance(op, ops.AddColumnOp):
            old = dropped.pop(op.column.info.get("renamed_from", ""), None)
            if old:
                table.ops.remove(old)
                table.ops[table.ops.index(op)] = _rename(old, op.column)


def _rename(old: ops.DropColumnOp, column: sa.Column[Any]) -> RenameColumnOp:
    was = old.to_column()
    is_typed = type_name(was.type) != type_name(column.type)
    return RenameColumnOp(
        old.table_name,
        old.column_name,
        existing_type=was.type,
        existing_nullable=was.nullable,
        existing_server_default=was.server_default,
        modify_name=column.name,
        modify_type=column.type if is_typed else None,
        modify_nullable=column.nullable if was.nullable != column.nullable else None,
    )
