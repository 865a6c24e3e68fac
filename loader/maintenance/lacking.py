"""Find final tables that still need a migration."""

from loader.database.warehouse import Warehouse
from loader.tables import FINAL_TABLES
from loader.tables.columns import columns_of

# The information schema hides tables on which the role has no right.
_COLUMNS = """
    select relname, attname
    from pg_catalog.pg_attribute
    inner join pg_catalog.pg_class on attrelid = pg_class.oid
    inner join pg_catalog.pg_namespace on relnamespace = pg_namespace.oid
    where nspname = %s and attnum > 0 and not attisdropped
"""


def lacking_columns(warehouse: Warehouse) -> list[str]:
    """Return the contract columns that existing final tables lack, as `table.column`."""
    there: dict[str, set[str]] = {}
    for table, column in warehouse.fetch(_COLUMNS, [warehouse.final_schema]):
        there.setdefault(table, set()).add(column)
    return [
        f"{table}.{column}"
        for table in FINAL_TABLES
        if table in there
        for column in columns_of(table)
        if column not in there[table]
    ]
