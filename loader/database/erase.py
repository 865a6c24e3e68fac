"""Erase the bytes of deleted rows, which DuckDB keeps in free pages."""

import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError
from loader.settings import Settings

_STORAGE = """
    select split_part(tags['storage_version'], '+', 1)
    from duckdb_databases()
    where database_name = current_database()
"""
_ATTACH = "attach '{}' as rewritten (storage_version '{}')"
_COPY = 'copy from database "{}" to rewritten'
_VACUUM = "vacuum (analyze, skip_locked) {}"


def mark_as_due(settings: Settings) -> None:
    """Record that the file must be rewritten, in case this process ends before."""
    if not settings.database:
        _mark(settings).touch(mode=0o600)


def is_due(settings: Settings) -> bool:
    """Return whether an earlier command ended before it rewrote the file."""
    return not settings.database and _mark(settings).exists()


def erase_deleted(warehouse: Warehouse, settings: Settings, tables: Iterable[str]) -> None:
    """Erase deleted rows: rewrite a DuckDB file, or vacuum PostgreSQL's tables.

    Args:
        warehouse: The database, outside of a transaction.
        settings: The settings of the target.
        tables: The tables with deleted rows, with their schemas.

    Raises:
        WarehouseError: The file cannot be rewritten. The old file stays in place.
    """
    if settings.database:
        for table in tables:
            # PostgreSQL's statistics hold values, too. Only a table's owner can rebuild them.
            with suppress(WarehouseError):
                warehouse.execute(_VACUUM.format(table))
        return
    path = settings.duckdb_path.resolve()
    copy = path.with_name(f"{path.name}.rewritten")
    try:
        _remove(copy)
        _rewrite(warehouse, path, copy)
    except (WarehouseError, OSError) as error:
        warehouse.close()
        with suppress(OSError):
            _remove(copy)
        message = (
            f"The rows are erased, but {path} could not be rewritten, and may hold their bytes"
            f" still: {error}\nIt needs as much room again. Then run the same command again."
        )
        raise WarehouseError(message) from error
    _mark(settings).unlink(missing_ok=True)


def _rewrite(warehouse: Warehouse, path: Path, copy: Path) -> None:
    """Copy the file's contents into a new file, and replace the old one.

    No other process can write in between: DuckDB locks both files until the connection closes.
    """
    warehouse.execute("checkpoint")
    ((version,),) = warehouse.fetch(_STORAGE)
    ((name,),) = warehouse.fetch("select current_database()")
    warehouse.execute(_ATTACH.format(str(copy).replace("'", "''"), version))
    warehouse.execute(_COPY.format(name.replace('"', '""')))
    warehouse.execute("checkpoint rewritten")
    # Otherwise closing the old file could remove the new file's log, which has the same name.
    warehouse.execute("pragma disable_checkpoint_on_shutdown")
    shutil.copymode(path, copy)
    copy.replace(path)
    warehouse.close()


def _remove(copy: Path) -> None:
    for name in (copy.name, f"{copy.name}.wal"):
        copy.with_name(name).unlink(missing_ok=True)


def _mark(settings: Settings) -> Path:
    return settings.duckdb_path.with_suffix(".erasing")
