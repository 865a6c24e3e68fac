"""ADBC connections to PostgreSQL, which read and write Arrow batches with COPY."""

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
    """A pool of ADBC connections to a database.

    Args:
        database: The database's address.
    """

    def __init__(self, database: "DatabaseUrl") -> None:
        self.database = database
        self._idle: list[Connection] = []

    @contextlib.contextmanager
    def taken(self) -> "Iterator[Connection]":
        """Yield a connection; after an error, roll back its transaction and close it."""
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - a missing package has a message

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
        """Yield a connection whose transaction locks the load's row in `raw.runs`.

        The next run removes that row before the load's rows. So a process that has lost the
        advisory lock cannot leave rows behind.

        Args:
            load_id: The id of the load.

        Raises:
            WarehouseError: The row no longer exists.
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
        """Yield the rows of a query that joins given rows, which are copied to a temporary table.

        Args:
            query: A query that reads the temporary table.
            given: The rows of the temporary table.
            name: The temporary table's name.

        Raises:
            WarehouseError: The database refused the query or the connection was lost.
        """
        from adbc_driver_manager.dbapi import Error  # noqa: PLC0415 - a missing package has a message

        try:
            with self.taken() as connection, connection.cursor() as cursor:
                cursor.adbc_ingest(name, given, mode="create", temporary=True)
                cursor.execute(query)
                yield cursor.fetch_record_batch()
                connection.rollback()
        except Error as error:
            lines = str(error).strip().splitlines() or [type(error).__name__]
            message = f"The database refused a query: {self.database.redacted(lines[0])}"
            raise WarehouseError(message) from None  # the chained errors may show the address

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()
