"""Removing what this project made in a database."""

from loader.database.warehouse import Warehouse
from loader.extract.run_folder import remove_tree
from loader.load.lock import only_writer
from loader.load.run import remove_run_folders
from loader.settings import Settings
from loader.tables import FINAL_TABLES, RAW_TABLES, VIEWS

_MADE = {
    "reporting": VIEWS,
    "public": tuple(reversed(FINAL_TABLES)),  # children first
    "bookkeeping": ("applied_loads", "environment", "alembic_version", "edits"),
    "seeds": (
        *("seed_organizations", "seed_teams", "seed_team_aliases", "seed_report_types"),
        "seed_report_type_patterns",
    ),
    "raw": (
        *RAW_TABLES,
        *("_committed_parts", "_dlt_loads", "_dlt_version", "_dlt_pipeline_state"),
    ),
}
_ALL_TABLES = """
    select table_schema, table_name
    from information_schema.tables
    where table_schema not in ('information_schema', 'pg_catalog')
"""


def drop(settings: Settings) -> list[str]:
    """Remove what this project made in the target's database; blobs stay.

    Tables of `public` are this project's where a build of it has made a ledger.

    Returns:
        What is left in the schemas of this project, of others.

    Raises:
        LockedError: A run is loading.
        WarehouseError: The database is another environment's, or something depends on a table.
    """
    with only_writer(settings, ()) as warehouse:
        with warehouse.transaction():
            left = _drop_all(warehouse)
        is_empty = not warehouse.fetch(_ALL_TABLES)
        if not warehouse.is_postgres and is_empty:
            settings.duckdb_path.unlink(missing_ok=True)
    remove_tree(settings.working_dir / settings.pipeline_name)
    remove_run_folders(settings)
    return left


def _drop_all(warehouse: Warehouse) -> list[str]:
    left = []
    is_built = "applied_loads" in warehouse.tables("bookkeeping")
    for schema, made in _MADE.items():
        there = warehouse.tables(schema)
        is_ours = is_built or schema != "public"
        kind = "view" if schema == "reporting" else "table"
        ours = [name for name in made if name in there and is_ours]
        for name in ours:
            warehouse.execute(f'drop {kind} {schema}."{name}"')
        left += [f"{schema}.{name}" for name in sorted(there.difference(ours))]
        if there == set(ours) and schema != "public" and schema in warehouse.schemas():
            warehouse.execute(f"drop schema {schema}")
    return left
