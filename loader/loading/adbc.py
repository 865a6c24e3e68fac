"""ADBC connections to PostgreSQL: Arrow batches go in by COPY, and come out by COPY."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loader.errors import WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa
    from adbc_driver_manager.dbapi import Connection

    from loader.database.url import DatabaseUrl


_HOLD = "select run_id from raw.runs where load_id = $1 and finished_at is null for share"


class Connections:
    """ADBC connections to a database, which stay open for the next use.

    Args:
        database: The database's address.
    """

    def __init__(self, database: "DatabaseUrl") -> None:
        self.database = database
        self._idle: list[Connection] = []

    @contextlib.contextmanager
    def taken(self) -> "Iterator[Connection]":
        """Yield a connection; if its use fails, it is closed and its transaction rolled back."""
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - its absence has a message

        try:
            connection = self._idle.pop()
        except IndexError:
            connection = dbapi.connect(self.database.pinned)
        with contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            yield connection
            stack.pop_all()
        self._idle.append(connection)

    @contextlib.contextmanager
    def of_load(self, load_id: str) -> "Iterator[Connection]":
        """Yield a connection whose transaction holds the load's row in `raw.runs`.

        The next run removes that row before the load's rows. So a process that has lost its lock
        cannot leave rows that nobody removes.

        Args:
            load_id: The load.

        Raises:
            WarehouseError: The row is gone.
        """
        with self.taken() as connection:
            with connection.cursor() as cursor:
                cursor.execute(_HOLD, (load_id,))
                if not cursor.fetchall():
                    raise WarehouseError(
                        "Another run has taken over this one, and removed its rows."
                    )
            yield connection

    @contextlib.contextmanager
    def fetched(
        self, query: str, given: "pa.RecordBatchReader", name: str
    ) -> "Iterator[pa.RecordBatchReader]":
        """Yield the rows of a query that reads given rows from a temporary table.

        Args:
            query: The query.
            given: The rows.
            name: The temporary table.

        Raises:
            WarehouseError: The database refused it, or went away.
        """
        from adbc_driver_manager.dbapi import Error  # noqa: PLC0415 - likewise

        try:
            with self.taken() as connection, connection.cursor() as cursor:
                cursor.adbc_ingest(name, given, mode="create", temporary=True)
                cursor.execute(query)
                yield cursor.fetch_record_batch()
                connection.rollback()
        except Error as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            message = f"the database refused a query: {self.database.redacted(lines[0])}"
            raise WarehouseError(message) from None  # the chain may show the address

    def close(self) -> None:
        """Close the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()
