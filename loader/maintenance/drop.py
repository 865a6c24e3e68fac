"""Remove everything that this project created in a database."""

from collections.abc import Iterable

from loader.database import objects
from loader.database.objects import Name, Objects
from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError
from loader.extract.run_folder import remove_tree
from loader.loading.lock import only_writer
from loader.loading.run import remove_run_folders
from loader.settings import Settings
from loader.tables import object_names

_KINDS = """
    select table_schema, table_name, case table_type when 'VIEW' then 'view' else 'table' end
    from information_schema.tables
    where table_catalog = current_database()
"""
_POSTGRES_KINDS = """
    select
        nspname,
        relname,
        case relkind when 'v' then 'view' when 'm' then 'materialized view' else 'table' end
    from pg_catalog.pg_class
    inner join pg_catalog.pg_namespace on relnamespace = pg_namespace.oid
    where relkind in ('r', 'p', 'v', 'm') and nspname not in ('information_schema', 'pg_catalog')
"""


def drop(settings: Settings) -> list[str]:
    """Remove all objects that this project created or adopted in the target's database. Keep blobs.

    Returns:
        The objects of others that remain in this project's schemas.

    Raises:
        LockedError: A run is loading.
        WarehouseError: The database belongs to another environment, or an object of others
            depends on one of our tables.
    """
    with only_writer(settings, (), allows_foreign=True) as warehouse:
        kinds = _kinds(warehouse)
        found = objects.read(warehouse)
        with warehouse.transaction():
            _drop_all(warehouse, found, kinds)
        left = _kinds(warehouse)
        if not warehouse.is_postgres and not left:
            settings.duckdb_path.unlink(missing_ok=True)
    remove_tree(settings.working_dir / settings.pipeline_name)
    remove_run_folders(settings)
    schemas = {schema for schema, _ in found.ours} | object_names(settings.final_schema).keys()
    return sorted(f"{schema}.{name}" for schema, name in left if schema in schemas)


def _kinds(warehouse: Warehouse) -> dict[Name, str]:
    """Return the kind of each table and view, by schema and name."""
    query = _POSTGRES_KINDS if warehouse.is_postgres else _KINDS
    return {(schema, name): kind for schema, name, kind in warehouse.fetch(query)}


def _drop_all(warehouse: Warehouse, found: Objects, kinds: dict[Name, str]) -> None:
    there = [name for name in found.ours if name in kinds]
    views_first = sorted(there, key=lambda name: (kinds[name] == "table", name))
    _drop_each(warehouse, [f'drop {kinds[s, n]} "{s}"."{n}"' for s, n in views_first])
    left = {schema for schema, _ in kinds.keys() - found.ours}
    for schema, name in sorted(found.ours):
        if not name and schema not in left and schema in warehouse.schemas():
            warehouse.execute(f'drop schema "{schema}"')


def _drop_each(warehouse: Warehouse, statements: Iterable[str]) -> None:
    """Run the statements in an order that PostgreSQL allows: tables and views have dependents."""
    pending = list(statements)
    while pending:
        refused = []
        for statement in pending:
            try:
                if warehouse.is_postgres:
                    warehouse.execute("savepoint each")
                warehouse.execute(statement)
            except WarehouseError:
                if not warehouse.is_postgres:
                    raise
                warehouse.execute("rollback to savepoint each")
                refused.append(statement)
        if len(refused) == len(pending):
            warehouse.execute(refused[0])  # raises the error that names the dependent object
        pending = refused
