"""Prepare a load: create missing raw tables, and remove the rows of unfinished runs."""

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from loader.database import objects
from loader.database.locks import schema_lock
from loader.database.warehouse import Warehouse, missing_tables
from loader.loading import runs
from loader.loading.adbc import Connections
from loader.loading.pipeline import Pipeline
from loader.settings import Settings
from loader.tables import DATASET, TABLES, object_names
from loader.tables.arrow import database_columns

_COLUMNS = """
    select table_name, column_name from information_schema.columns where table_schema = 'raw'
"""
_INDEXES = """
    union all
    select tablename, indexname from pg_indexes where schemaname = 'raw'
"""
# dlt stores each schema for which it created tables.
_CREATED = "select schema from raw._dlt_version where schema_name = 'workspace'"


def raw_names(warehouse: Warehouse) -> dict[str, set[str]]:
    """Return the names of columns, and in PostgreSQL of indexes, by raw table."""
    names: defaultdict[str, set[str]] = defaultdict(set)
    for table, name in warehouse.fetch(_COLUMNS + _INDEXES * warehouse.is_postgres):
        names[table].add(name)
    return names


def prepare(  # noqa: PLR0913 - all are needed
    settings: Settings,
    warehouse: Warehouse,
    connections: Connections | None,
    folder: Path,
    names: Mapping[str, set[str]],
    *,
    is_full: bool,
) -> int:
    """Create or migrate the raw tables, and remove the rows of unfinished runs.

    Args:
        settings: The settings of the target.
        warehouse: The connection of the writer.
        connections: The connections for dlt; None for DuckDB.
        folder: The run's folder.
        names: The result of `raw_names`.
        is_full: Whether a table that was dropped by hand may be created empty, because the run
            loads everything again.

    Returns:
        The number of unfinished runs.

    Raises:
        WarehouseError: A table was dropped by hand, or the database refused a statement.
    """
    missing = TABLES.keys() - names.keys()
    if missing and not is_full and "_dlt_version" in names:
        schemas = warehouse.fetch(_CREATED)
        dropped = {name for name in missing if any(f'"{name}"' in text for (text,) in schemas)}
        if dropped:
            raise missing_tables(dropped, settings.target)
    if any(
        not names.get(table, set()).issuperset(field.name for field in columns)
        for table, columns in database_columns().items()
    ):
        with schema_lock(warehouse):
            if database_columns().keys() - names.keys():
                objects.record(warehouse, DATASET, object_names("")[DATASET])
            pipeline = Pipeline(settings, warehouse, connections, folder / "migration")
            pipeline.migrate(names, mark=f"({folder.name})")
    if warehouse.is_postgres:
        for table in TABLES:
            index = f"idx_{table}_dlt_load_id"
            if index not in names.get(table, ()):
                warehouse.execute(
                    f'create index if not exists {index} on raw."{table}" (_dlt_load_id)'
                )
    if "_dlt_loads" in names:
        runs.adopt_earlier_releases(warehouse)
    return runs.remove_unfinished(warehouse)
