"""Render steps as Python code of a migration, and as lines of text."""

import re
from collections.abc import Iterable, Iterator, Sequence

from alembic.autogenerate import render_python_code, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import ops
from sqlalchemy import Computed, Identity, column

from loader.schema.casts import converted, sql, type_name
from loader.schema.changes import Changes, KeepColumnOp, name_of, replaced
from loader.schema.names import RenameOp

_REMOVALS = (ops.DropConstraintOp, ops.DropIndexOp)
_render_alter_column = renderers.dispatch(ops.AlterColumnOp)
_render_create_table = renderers.dispatch(ops.CreateTableOp)
_render_drop_table = renderers.dispatch(ops.DropTableOp)
# The list of our objects: loader/database/objects.py.
_RECORD = (
    "insert into bookkeeping.objects (schema_name, object_name, origin)"
    " values (current_schema(), '{}', 'created') on conflict (schema_name, object_name) do nothing"
)
_FORGET = (
    "delete from bookkeeping.objects where schema_name = current_schema() and object_name = '{}'"
)


def rendered(
    changes: Changes, context: MigrationContext, views: Sequence[str] = ()
) -> tuple[str, str]:
    """Return the Python code of upgrade and downgrade.

    Args:
        changes: The steps.
        context: Provides the dialect.
        views: Views to drop first if they prevent a step in PostgreSQL.
    """
    first = ""
    if views and any(_breaks_views(op) for op in changes.steps):
        names = ", ".join(views)
        first = (
            "# The next dbt build makes them again.\n"
            f'    op.execute("drop view if exists {names}")\n    '
        )
    upgrade, downgrade = (
        first + render_python_code(steps, migration_context=context)
        for steps in (changes.upgrade, changes.downgrade)
    )
    return upgrade, downgrade


@renderers.dispatch_for(ops.AlterColumnOp, replace=True)
def _rendered(context: AutogenContext, op: ops.AlterColumnOp) -> str:
    """Render as Alembic does, and add the conversion of the values, which Alembic omits."""
    if op.modify_type is None:
        return str(_render_alter_column(context, op))
    if op.existing_server_default and op.modify_server_default is False:
        op.modify_server_default = op.existing_server_default  # else PostgreSQL casts the old one
    text = _render_alter_column(context, op)
    using = sql(
        converted(column(op.column_name), op.existing_type or op.modify_type, op.modify_type)
    )
    return f"{text[:-1]},\n{' ' * 11}postgresql_using={using!r})"


@renderers.dispatch_for(ops.CreateTableOp, replace=True)
def _rendered_create(context: AutogenContext, op: ops.CreateTableOp) -> list[str]:
    """Render as Alembic does, and record the table as ours."""
    record = f"op.execute({_RECORD.format(op.table_name)!r})"
    return [str(_render_create_table(context, op)), record]


@renderers.dispatch_for(ops.DropTableOp, replace=True)
def _rendered_drop(context: AutogenContext, op: ops.DropTableOp) -> list[str]:
    """Render as Alembic does, and remove the table from the record of our objects."""
    forget = f"op.execute({_FORGET.format(op.table_name)!r})"
    return [str(_render_drop_table(context, op)), forget]


def _breaks_views(op: ops.MigrateOperation) -> bool:
    """Return whether PostgreSQL rejects the step, or its reverse, if a view uses the table."""
    is_typed = isinstance(op, ops.AlterColumnOp) and op.modify_type is not None
    return is_typed or isinstance(op, (ops.AddColumnOp, ops.DropColumnOp))


def described(steps: Iterable[ops.MigrateOperation]) -> Iterator[str]:
    """Yield the differences that some steps resolve, one line each."""
    steps = list(steps)
    made = replaced(steps)
    other = {name_of(op) for op in steps if isinstance(op, _REMOVALS)} & made
    for op in steps:
        if isinstance(op, _REMOVALS) and name_of(op) in other:
            kind = "index" if isinstance(op, ops.DropIndexOp) else "constraint"
            yield f"{op.table_name}: the {kind} {name_of(op)} is not as in the contract"
        elif not replaced([op]) & other:
            yield from _described(op)


def _described(op: ops.MigrateOperation) -> Iterator[str]:
    match op:
        case ops.AddColumnOp():
            kind = type_name(op.column.type)
            yield f"{op.table_name}.{op.column.name}: the column is missing ({kind})"
        case ops.DropColumnOp():
            yield f"{op.table_name}.{op.column_name}: the contract has no such column"
        case KeepColumnOp():
            yield (
                f"{op.table_name}.{op.column_name}: the contract has no such column, and no row can"
                " be added without a value in it"
            )
        case ops.AlterColumnOp():
            yield from (f"{op.table_name}.{op.column_name}: {each}" for each in _altered(op))
        case _:
            yield _described_table(op)


def _described_table(op: ops.MigrateOperation) -> str:
    match op:
        case RenameOp():
            to = "the constraint " if op.kind == "unique index" else ""
            what = f"the contract has the {op.kind} {op.old} as {to}{op.new}"
        case ops.CreateTableOp():
            what = "the table is missing"
        case ops.DropTableOp():
            what = "the contracts have no such table"
        case ops.CreateIndexOp():
            what = f"the index {op.index_name} is missing"
        case ops.DropIndexOp():
            what = f"the contract has no index {op.index_name}"
        case ops.CreateForeignKeyOp():
            columns, other = ", ".join(op.local_cols), op.referent_table
            return f"{op.source_table}: the foreign key ({columns}) to {other} is missing"
        case ops.CreatePrimaryKeyOp():
            what = f"the primary key ({', '.join(op.columns)}) is missing"
        case ops.CreateUniqueConstraintOp() | ops.CreateCheckConstraintOp():
            what = f"the constraint {op.constraint_name} is missing"
        case ops.DropConstraintOp():
            what = f"the contract has no constraint {op.constraint_name}"
        case _:  # of a later Alembic version: "create table comment"
            what = re.sub("(?<=[a-z])(?=[A-Z])", " ", type(op).__name__.removesuffix("Op")).lower()
    return f"{getattr(op, 'table_name', 'the database')}: {what}"


def _altered(op: ops.AlterColumnOp) -> Iterator[str]:
    if op.modify_name is not None:
        yield f"the contract has it as {op.modify_name}"
    if op.modify_type is not None and op.existing_type is not None:
        types = f"{type_name(op.existing_type)}, in the contract {type_name(op.modify_type)}"
        yield f"its type is {types}"
    if op.modify_nullable is not None:
        yield f"it is {'not ' if op.modify_nullable else ''}null, unlike in the contract"
    if op.modify_server_default is not False:
        there, contract = map(_default, (op.existing_server_default, op.modify_server_default))
        yield f"its default: {there}, in the contract: {contract}"


def _default(default: object) -> str:
    match default:
        case Identity():
            return "an identity"
        case Computed():
            return f"computed: {default.sqltext}"
    return str(getattr(default, "arg", "none"))
