"""One DuckDB engine for the read-only sessions of a process. It has the file while one is open.

To start an engine and to load its time zones takes 60 ms of CPU; to attach a file takes 10 ms.
"""

import atexit
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from loader.database.connect import choose_schema
from loader.database.duckdb_file import retried
from loader.errors import WarehouseError
from loader.settings import Settings

if TYPE_CHECKING:
    import duckdb

# DuckDB reads or replays these files beside its own.
_BESIDE = ("", ".wal", ".wal.checkpoint", ".wal.recovery")


class AttachedFile:
    """The target's file, attached while a session reads it.

    Args:
        settings: The settings of the target.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._engine: duckdb.DuckDBPyConnection | None = None
        self._readers = 0
        self._is_written = False
        self._state = threading.Condition()

    @contextmanager
    def reading(self, patience: float) -> Iterator[Any]:
        """Yield a connection that reads the file, and no other file.

        Args:
            patience: Seconds to wait for another process that writes.

        Raises:
            WarehouseError: The file stays in use, or cannot be opened.
        """
        path = self._settings.duckdb_path
        connection = retried(path, lambda: self._opened(patience), patience)
        try:
            yield connection
        finally:
            self._close(connection)

    @contextmanager
    def writing(self, patience: float) -> Iterator[None]:
        """Keep this process from reading while it writes: the file's lock is the process's.

        Args:
            patience: Seconds to wait for the sessions that read.

        Raises:
            WarehouseError: A session still reads or writes.
        """
        with self._state:
            self._wait(lambda: not self._readers and not self._is_written, patience)
            self._is_written = True
        try:
            yield
        finally:
            with self._state:
                self._is_written = False
                self._state.notify_all()

    def warm(self) -> None:
        """Start the engine, so that the first session does not wait for it."""
        with self._state:
            self._started()

    def close(self) -> None:
        """End the engine."""
        with self._state:
            if self._engine:
                self._engine.close()
            self._engine = None

    def _wait(self, is_free: Callable[[], bool], patience: float) -> None:
        if not self._state.wait_for(is_free, patience):
            message = (
                f"{self._settings.duckdb_path} is in use by another session of this process.\n"
                "Wait for it to end. Then run the same command again."
            )
            raise WarehouseError(message)

    def _opened(self, patience: float) -> "duckdb.DuckDBPyConnection":
        with self._state:
            self._wait(lambda: not self._is_written, patience)
            engine = self._started()
            if not self._readers:
                # The name that views in the file were created with.
                file = _literal(str(self._settings.duckdb_path.absolute()))
                engine.execute(f"attach {file} as {self._name} (type duckdb, read_only)")
            connection = engine.cursor()
            self._readers += 1
        try:
            connection.execute(f"use {self._name}")
            choose_schema(connection, self._settings)
        except BaseException:
            self._close(connection)
            raise
        return connection

    def _close(self, connection: "duckdb.DuckDBPyConnection") -> None:
        import duckdb  # noqa: PLC0415 - not needed by the Neon targets

        with suppress(duckdb.Error):  # its transaction failed
            connection.close()
        with self._state:
            self._readers -= 1
            if self._readers or not self._engine:
                return
            try:
                self._engine.execute(f"detach {self._name}")
            except duckdb.Error:  # an internal error ends an engine
                self._engine.close()
                self._engine = None
            self._state.notify_all()

    def _started(self) -> "duckdb.DuckDBPyConnection":
        if self._engine:
            return self._engine
        import duckdb  # noqa: PLC0415 - not needed by the Neon targets

        path = str(self._settings.duckdb_path.absolute())
        allowed = ", ".join(_literal(path + end) for end in _BESIDE)
        engine = duckdb.connect(
            ":memory:",
            config={"autoinstall_known_extensions": "false", "temp_directory": f"{path}.tmp"},
        )
        for statement in (
            f"set allowed_paths = [{allowed}]",
            "set enable_external_access = false",
            "set global timezone = 'UTC'",
            "set lock_configuration = true",
            "select now() at time zone 'UTC'",  # loads the time zones
        ):
            engine.execute(statement)
        self._engine = engine
        # DuckDB reports connections as leaks that are there after the interpreter's end.
        atexit.register(_close_the_rest, weakref.ref(self))
        return engine

    @property
    def _name(self) -> str:
        return '"' + self._settings.duckdb_path.stem.replace('"', '""') + '"'


def _close_the_rest(file: "weakref.ref[AttachedFile]") -> None:
    if left := file():
        left.close()


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
