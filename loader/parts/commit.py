"""A part's rows into the raw tables, exactly once: with its row in the ledger, in one transaction.

`raw._committed_parts` has a row for each part of each run. Until a run's load is among the finished
ones, dbt and the loader see none of its rows.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from loader import rows
from loader.adbc import Connections
from loader.errors import WarehouseError
from loader.settings import Settings
from loader.warehouse import Warehouse

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

LEDGER = "_committed_parts"
_TABLE = f"""
    create table if not exists raw.{LEDGER} (
        run_id text not null,
        part_id text not null,
        row_count bigint not null,
        committed_at timestamp with time zone not null default current_timestamp,
        primary key (run_id, part_id)
    )
"""
_ENTER = """
    insert into raw._committed_parts (run_id, part_id, row_count)
    values ({}, {}, {})
    on conflict (run_id, part_id) do nothing
"""
_COMMITTERS = 2  # as many connections as dlt has in postgres.py

_Batches = Iterable[tuple[str, pa.RecordBatch]]


class Committer(Protocol):
    """Commits parts.

    Args:
        threads: How many parts may be committed at a time; 0 for one after the other.
    """

    threads: int

    def commit(self, run_id: str, part_id: str, row_count: int, batches: _Batches) -> bool:
        """Commit a part.

        Args:
            run_id: The run, which is its load, too.
            part_id: The part.
            row_count: Of all tables.
            batches: The rows, as (table, batch); drawn only where the ledger lacks the part.

        Returns:
            False where the ledger has the part: then there is nothing to do.

        Raises:
            WarehouseError: The database refused it; nothing of the part is in it.
        """


@contextmanager
def open_committer(settings: Settings, warehouse: Warehouse) -> Iterator[Committer]:
    """The committer of a database, with its ledger.

    Args:
        settings: Which database.
        warehouse: The connection of the one writer.
    """
    if LEDGER not in warehouse.tables("raw"):
        warehouse.execute(_TABLE)
    if settings.database is None:
        yield _OfDuckDB(warehouse)
        return
    connections = Connections(settings.database.url)
    try:
        yield _OfPostgres(settings, connections)
    finally:
        connections.close()


class _OfDuckDB:
    """See `Committer`. The file is this process's, and so is the connection."""

    threads = 0

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def commit(self, run_id: str, part_id: str, row_count: int, batches: _Batches) -> bool:
        """See `Committer.commit`."""
        with self._warehouse.transaction():
            entry = (run_id, part_id, row_count)
            if not self._warehouse.change(_ENTER.format("%s", "%s", "%s"), entry):
                return False
            for name, batch in batches:
                self._warehouse.append(name, _of_load(run_id, batch))
        return True


class _OfPostgres:
    """See `Committer`. Of two that commit the same part, the second waits and finds it there."""

    threads = _COMMITTERS

    def __init__(self, settings: Settings, connections: Connections) -> None:
        self._settings = settings
        self._connections = connections

    def commit(self, run_id: str, part_id: str, row_count: int, batches: _Batches) -> bool:
        """See `Committer.commit`."""
        from adbc_driver_manager.dbapi import Error  # noqa: PLC0415 - its absence has a message

        try:
            with self._connections.taken() as connection:
                return _commit(connection, (run_id, part_id, row_count), batches)
        except Error as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            problem = self._settings.redacted(lines[0])
            message = (
                f"a part could not be committed: {problem}\n"
                "Nothing is lost: run the same command again, it goes on where this one stopped."
            )
            raise WarehouseError(message) from None  # the chain may show the address


def _commit(connection: "Connection", entry: tuple[str, str, int], batches: _Batches) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"{_ENTER.format('$1', '$2', '$3')} returning part_id", entry)
        if not cursor.fetchall():
            connection.rollback()
            return False
        for name, batch in batches:
            whole = _of_load(entry[0], batch)
            cursor.adbc_ingest(name, whole, mode="append", db_schema_name=rows.DATASET)
    connection.commit()
    return True


def _of_load(load_id: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    return batch.append_column(rows.LOAD_ID, pa.repeat(load_id, len(batch)))
