"""ADBC connections to PostgreSQL: Arrow batches go into a table by COPY."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection


class Connections:
    """ADBC connections to a database, which stay open for the next job.

    Args:
        url: The database's address.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: list[Connection] = []

    @contextlib.contextmanager
    def taken(self) -> "Iterator[Connection]":
        """A connection for one job; one that fails is closed, and its transaction rolled back."""
        from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - its absence has a message

        try:
            connection = self._idle.pop()
        except IndexError:
            connection = dbapi.connect(self._url)
        with contextlib.ExitStack() as stack:
            stack.callback(connection.close)
            yield connection
            stack.pop_all()
        self._idle.append(connection)

    def close(self) -> None:
        """Close those that no job has."""
        while self._idle:
            self._idle.pop().close()
