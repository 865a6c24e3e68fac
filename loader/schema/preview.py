"""Compare a Neon branch with the database that it was created from."""

from collections.abc import Iterable
from dataclasses import dataclass

from loader.database.warehouse import Warehouse

_COLUMNS = """
    select
        table_schema || '.' || table_name,
        column_name
        || ' ' || data_type
        || case when is_nullable = 'NO' then ' not null' else '' end
        || coalesce(' default ' || column_default, '')
    from information_schema.columns
    where table_schema = any(%s)
"""
_INDEXES = """
    select schemaname || '.' || tablename, 'index ' || indexname
    from pg_indexes
    where schemaname = any(%s)
"""
_CONSTRAINTS = """
    select cast(cast(conrelid as regclass) as text), conname || ' ' || pg_get_constraintdef(oid)
    from pg_constraint
    where cast(connamespace as regnamespace) = any(cast(%s as regnamespace[])) and contype <> 'n'
"""


@dataclass(frozen=True, slots=True)
class TableCount:
    """The number of rows of a table on each side; None if the table does not exist."""

    table: str
    parent: int | None
    branch: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The differences between a branch and its parent.

    Args:
        counts: The rows of each table and view.
        only_parent: Columns, constraints and indexes that only the parent has.
        only_branch: Columns, constraints and indexes that only the branch has.
    """

    counts: list[TableCount]
    only_parent: list[str]
    only_branch: list[str]


def compare(parent: Warehouse, branch: Warehouse) -> Preview:
    """Compare the tables of two PostgreSQL databases.

    Raises:
        WarehouseError: A database is unreachable.
    """
    theirs, ours = _counts(parent), _counts(branch)
    shape, changed = _shape(parent), _shape(branch)
    return Preview(
        counts=[TableCount(t, theirs.get(t), ours.get(t)) for t in sorted({*theirs, *ours})],
        only_parent=sorted(shape - changed),
        only_branch=sorted(changed - shape),
    )


def _schemas(warehouse: Warehouse) -> tuple[str, ...]:
    return (warehouse.final_schema, "reporting", "seeds")


def _counts(warehouse: Warehouse) -> dict[str, int]:
    return {
        f"{schema}.{table}": warehouse.count(schema, table)
        for schema in _schemas(warehouse)
        for table in warehouse.tables(schema)
    }


def _shape(warehouse: Warehouse) -> set[str]:
    there = [schema for schema in _schemas(warehouse) if schema in warehouse.schemas()]
    rows: Iterable[tuple[str, str]] = (
        row
        for query in (_COLUMNS, _INDEXES, _CONSTRAINTS)
        for row in warehouse.fetch(query, [there])
    )
    return {f"{table}: {what}" for table, what in rows}
