"""Adapt the schema of an old database before its rows are read: old names, and triggers."""

from collections.abc import Iterable
from dataclasses import dataclass

from loader.database.objects import Name
from loader.database.warehouse import Warehouse

# Names of that system's first schema: the table and its referencing column, with today's names.
_FIRST_NAMES = (
    ("clients", "client_id", "organizations", "organization_id"),
    ("projects", "project_id", "teams", "team_id"),
)
# Tables with a column of this name, whether or not it is a foreign key.
_COLUMNS = """
    select c.relname, a.attname, target.relname
    from pg_catalog.pg_attribute as a
    inner join pg_catalog.pg_class as c on a.attrelid = c.oid
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    left join pg_catalog.pg_constraint as con
        on c.oid = con.conrelid and con.contype = 'f' and con.conkey = array[a.attnum]
    left join pg_catalog.pg_class as target on con.confrelid = target.oid
    where n.nspname = %s and c.relkind = 'r' and a.attname = any(%s) and not a.attisdropped
    order by c.relname, a.attname
"""
_RENAME_TABLE = 'alter table "{}"."{}" rename to "{}"'
_RENAME_COLUMN = 'alter table "{}"."{}" rename column "{}" to "{}"'
# Triggers that set `updated_at` at each change; here it changes with the content only.
_TRIGGERS = r"""
    select c.relname, t.tgname
    from pg_catalog.pg_trigger as t
    inner join pg_catalog.pg_class as c on t.tgrelid = c.oid
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    inner join pg_catalog.pg_proc as p on t.tgfoid = p.oid
    where n.nspname = %s and c.relname = any(%s) and not t.tgisinternal
        and p.prosrc ~* '\mnew\s*\.\s*updated_at\s*:?='
    order by 1, 2
"""
_DROP_TRIGGER = 'drop trigger "{}" on "{}"."{}"'


@dataclass(frozen=True, slots=True)
class Renaming:
    """A table or a column that has a name of the first schema."""

    before: str
    after: str
    statement: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger that sets `updated_at`."""

    table: str
    name: str


def renamings(warehouse: Warehouse, foreign: Iterable[Name]) -> list[Renaming]:
    """Return tables and columns that have names of the first schema.

    Args:
        warehouse: The database.
        foreign: Schema and name of each object to adopt.
    """
    adopted = {name for schema, name in foreign if schema == warehouse.final_schema}
    schema, there = warehouse.final_schema, warehouse.final_tables()
    old_columns = [column for _, column, _, _ in _FIRST_NAMES]
    found = warehouse.fetch(_COLUMNS, [schema, old_columns])
    tables = {
        old: new
        for old, column, new, _ in _FIRST_NAMES
        if new not in there and any(row[1:] == (column, old) for row in found)
    }
    made = [
        Renaming(old, new, _RENAME_TABLE.format(schema, old, new)) for old, new in tables.items()
    ]
    columns = {column: new for _, column, _, new in _FIRST_NAMES}
    for name, column, _ in found:
        table, new = tables.get(name, name), columns[column]
        if (table in adopted or name in tables) and new not in warehouse.columns(schema, name):
            statement = _RENAME_COLUMN.format(schema, table, column, new)
            made.append(Renaming(f"{table}.{column}", f"{table}.{new}", statement))
    return made


def triggers(warehouse: Warehouse, foreign: Iterable[Name]) -> list[Trigger]:
    """Return that system's triggers on the objects to adopt."""
    adopted = sorted(name for schema, name in foreign if schema == warehouse.final_schema)
    found = warehouse.fetch(_TRIGGERS, [warehouse.final_schema, adopted])
    return [Trigger(table, name) for table, name in found]


def drop_trigger(warehouse: Warehouse, trigger: Trigger) -> None:
    """Drop a trigger, but keep its function."""
    names = (trigger.name, warehouse.final_schema, trigger.table)
    warehouse.execute(_DROP_TRIGGER.format(*(name.replace('"', '""') for name in names)))
