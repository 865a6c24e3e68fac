"""Connections for the studio: such that cannot write, and such that do.

On PostgreSQL, a setting of the session is no wall: SQL can switch it off again. Here each question
is a transaction that is read-only from its beginning, in which a query came before: PostgreSQL
then refuses to switch. What a user types goes there as one prepared statement, so that no second
one can end the transaction. A DuckDB file is opened read-only, with no way to other files.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from loader.database.connect import configure_duckdb, connect_postgres, no_file
from loader.database.duckdb_file import open_file
from loader.database.refusals import explained
from loader.errors import WarehouseError
from loader.settings import Settings

_TIMEOUT = 30.0  # seconds
_FILE_PATIENCE = 5.0  # seconds; somebody looks at the page
_EXPLAINING = ("explain", "show")
_ONLY_QUERIES = "only what gives rows runs here: select, with, values, table, explain, show."


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gives.

    Args:
        columns: Their names.
        rows: Their values.
        is_cut: Whether there are more rows.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    is_cut: bool = False


class Session(Protocol):
    """A connection, for as long as `with` lasts."""

    def fetch(self, statement: str, params: Sequence[object] = ()) -> Answer:
        """The rows of one of our own queries; `%s` stands for each parameter."""

    def execute(self, statement: str, params: Sequence[object] = ()) -> int:
        """Run one of our own statements; how many rows it changed."""

    def ask(self, text: str, most: int) -> Answer:
        """The first rows of a query that a user wrote."""

    def cancel(self) -> None:
        """End what runs, from another thread."""


class StudioConnections:
    """Open sessions; none is kept, because an open DuckDB file keeps loads away.

    Args:
        settings: Name the database.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.is_postgres = settings.database is not None
        self.final_schema = settings.final_schema

    @contextmanager
    def reading(self, timeout: float = _TIMEOUT) -> Iterator[Session]:
        """A session that cannot write.

        Args:
            timeout: Seconds until what runs is ended.

        Raises:
            WarehouseError: The database cannot be reached, or refused a statement.
        """
        if self._settings.database:
            connection = connect_postgres(self._settings.database)
            with explained(self._settings), connection:
                connection.autocommit = False
                connection.read_only = True
                connection.execute("set local time zone 'UTC'")
                milliseconds = str(int(timeout * 1000))
                connection.execute(
                    "select set_config('statement_timeout', %s, true)", [milliseconds]
                )
                yield _PostgresSession(connection, self._settings)
                connection.rollback()
            return
        with self._duckdb(is_read_only=True) as session, session.limited(timeout):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session in a transaction, which an error undoes.

        Raises:
            WarehouseError: The database cannot be reached, or refused a statement.
        """
        if self._settings.database:
            connection = connect_postgres(self._settings.database)
            with explained(self._settings), connection, connection.transaction():
                yield _PostgresSession(connection, self._settings)
            return
        with self._duckdb(is_read_only=False) as session:
            session.execute("begin transaction")
            try:
                yield session
            except BaseException:
                session.execute("rollback")
                raise
            session.execute("commit")

    @contextmanager
    def _duckdb(self, *, is_read_only: bool) -> "Iterator[_DuckDBSession]":
        path = self._settings.duckdb_path
        if not path.exists():
            raise no_file(path)
        connection = open_file(
            path,
            is_read_only=is_read_only,
            patience=_FILE_PATIENCE,
            config={"enable_external_access": "false"},
        )
        configure_duckdb(connection, self._settings)
        connection.execute("set lock_configuration = true")
        with connection, explained(self._settings):
            yield _DuckDBSession(connection, self._settings)


class _PostgresSession:
    def __init__(self, connection: Any, settings: Settings) -> None:  # noqa: ANN401 - psycopg's
        self._connection = connection
        self._settings = settings

    def fetch(self, statement: str, params: Sequence[object] = ()) -> Answer:
        cursor = self._connection.execute(statement, list(params) or None)
        return Answer(_names(cursor), cursor.fetchall())

    def execute(self, statement: str, params: Sequence[object] = ()) -> int:
        return int(self._connection.execute(statement, list(params) or None).rowcount)

    def ask(self, text: str, most: int) -> Answer:
        import psycopg  # noqa: PLC0415 - not needed by the local target

        text = text.strip().rstrip(";")
        with explained(self._settings), self._connection.cursor() as cursor:
            if text.casefold().startswith(_EXPLAINING):
                cursor.execute(text, prepare=True)
            else:
                self._check(text)
                try:
                    cursor.execute(f"declare asked no scroll cursor for {text}", prepare=True)
                except psycopg.errors.SyntaxError:
                    raise WarehouseError(_ONLY_QUERIES) from None
                cursor.execute(f"fetch forward {most + 1} from asked")
            rows = cursor.fetchall()
            return Answer(_names(cursor), rows[:most], len(rows) > most)

    def _check(self, text: str) -> None:
        """Have the server read a statement, for what it says of it, word for word."""
        from psycopg import errors, pq  # noqa: PLC0415 - not needed by the local target

        result = self._connection.pgconn.prepare(b"", text.encode())
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise errors.error_from_result(result)

    def cancel(self) -> None:
        self._connection.cancel_safe()


class _DuckDBSession:
    def __init__(self, connection: Any, settings: Settings) -> None:  # noqa: ANN401 - DuckDB's
        self._connection = connection
        self._settings = settings

    def fetch(self, statement: str, params: Sequence[object] = ()) -> Answer:
        result = self._connection.execute(statement.replace("%s", "?"), list(params) or None)
        return Answer(_names(result), result.fetchall())

    def execute(self, statement: str, params: Sequence[object] = ()) -> int:
        result = self._connection.execute(statement.replace("%s", "?"), list(params) or None)
        rows = result.fetchall() if result.description else []
        return int(rows[0][0]) if rows and isinstance(rows[0][0], int) else 0

    def ask(self, text: str, most: int) -> Answer:
        import duckdb  # noqa: PLC0415 - not needed by the Neon targets

        with explained(self._settings):
            statements = self._connection.extract_statements(text)
            if len(statements) != 1:
                raise WarehouseError(f"one statement at a time: these are {len(statements)}.")
            kinds = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
            if statements[0].type not in kinds:
                raise WarehouseError(_ONLY_QUERIES)
            result = self._connection.execute(statements[0])
            rows = result.fetchmany(most + 1)
        return Answer(_names(result), rows[:most], len(rows) > most)

    def cancel(self) -> None:
        self._connection.interrupt()

    @contextmanager
    def limited(self, timeout: float) -> Iterator[None]:
        """End what runs after some seconds: DuckDB has no such setting."""
        timer = threading.Timer(timeout, self.cancel)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _names(cursor: Any) -> tuple[str, ...]:  # noqa: ANN401
    return tuple(each[0] for each in cursor.description or ())
