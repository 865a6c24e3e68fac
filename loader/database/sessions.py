"""Sessions for queries that users type: read-only sessions and writing sessions.

On PostgreSQL, a session setting is no protection: SQL can switch it off. So each query runs in a
transaction that starts read-only. After a first query, PostgreSQL refuses to switch it. The user's
text is sent as one prepared statement, so that no second statement can end the transaction. It may
not call a function that acts on the server (`statements.py`). A DuckDB file is opened read-only,
without access to other files.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from loader.database.answers import Answer, answer_of, names_of
from loader.database.attached import AttachedFile
from loader.database.connect import configure_duckdb, connect_postgres, no_file
from loader.database.duckdb_file import open_file
from loader.database.refusals import explained
from loader.database.renames import with_new_names
from loader.database.statements import refuse_effects
from loader.errors import WarehouseError
from loader.settings import Settings

_TIMEOUT = 30.0  # seconds
_PATIENCE = 5.0  # seconds; a user waits for the page
_EXPLAINING = ("explain", "show")
_ONLY_QUERIES = (
    "Only statements that return rows run here: select, with, values, table, explain, show."
)


class Session(Protocol):
    """A connection that the `with` block closes."""

    def fetch(self, statement: str, params: Sequence[object] = ()) -> Answer:
        """Return the rows of one of our own queries; `%s` stands for each parameter."""

    def fetch_within(
        self, statement: str, params: Sequence[object], seconds: float
    ) -> Answer | None:
        """Do as `fetch`; return None if PostgreSQL needs more than these seconds."""

    def batches(
        self, statement: str, params: Sequence[object], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the rows of one of our own queries, in batches of `size`."""

    def execute(self, statement: str, params: Sequence[object] = ()) -> int:
        """Run one of our own statements; return the number of changed rows."""

    def ask(self, text: str, most: int, most_characters: int | None = None) -> Answer:
        """Return the first rows of a user's query.

        Args:
            text: One statement.
            most: The maximum number of rows.
            most_characters: The size at which fetching stops; by default unlimited.
        """

    def cancel(self) -> None:
        """Cancel the running statement, from another thread."""


class Sessions:
    """Open sessions. None keeps a DuckDB file after its end: an open file blocks loads.

    Args:
        settings: The settings of the target.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._file = AttachedFile(settings)
        self.is_postgres = settings.database is not None
        self.final_schema = settings.final_schema

    def warm(self) -> None:
        """Prepare the first session, without opening the database."""
        if not self.is_postgres:
            self._file.warm()

    def close(self) -> None:
        """Free what `warm` prepared."""
        self._file.close()

    @contextmanager
    def reading(self, timeout: float = _TIMEOUT) -> Iterator[Session]:
        """Open a read-only session.

        Args:
            timeout: Seconds until a running statement is cancelled.

        Raises:
            WarehouseError: The database cannot be reached or refused a statement.
        """
        if self._settings.database:
            connection = connect_postgres(self._settings.database, _PATIENCE)
            with explained(self._settings), connection:
                connection.autocommit = False
                connection.read_only = True
                connection.execute("set local time zone 'UTC'")
                connection.execute("set local standard_conforming_strings = on")
                milliseconds = str(int(timeout * 1000))
                connection.execute(
                    "select set_config('statement_timeout', %s, true)", [milliseconds]
                )
                session: Session = _PostgresSession(connection, self._settings)
                with _limited(session, timeout + 1):  # for all fetches together
                    yield session
                connection.rollback()
            return
        self._path()
        with self._file.reading(_PATIENCE) as connection, explained(self._settings):
            opened = _DuckDBSession(connection, self._settings)
            with _limited(opened, timeout):
                yield opened

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session in a transaction, which is rolled back after an error.

        Raises:
            WarehouseError: The database cannot be reached or refused a statement.
        """
        if self._settings.database:
            connection = connect_postgres(self._settings.database, _PATIENCE)
            with explained(self._settings), connection, connection.transaction():
                yield _PostgresSession(connection, self._settings)
            return
        path = self._path()
        options = {"enable_external_access": "false"}
        with (
            self._file.writing(_PATIENCE),
            explained(self._settings),
            open_file(path, is_read_only=False, patience=_PATIENCE, config=options) as opened,
        ):
            configure_duckdb(opened, self._settings)
            session = _DuckDBSession(opened, self._settings)
            session.execute("begin transaction")
            try:
                yield session
            except BaseException:
                session.execute("rollback")
                raise
            session.execute("commit")

    def _path(self) -> Path:
        path = self._settings.duckdb_path
        if not path.exists():
            raise no_file(path)
        return path


class _PostgresSession:
    def __init__(self, connection: Any, settings: Settings) -> None:  # noqa: ANN401 - psycopg's
        self._connection = connection
        self._settings = settings

    def fetch(self, statement: str, params: Sequence[object] = ()) -> Answer:
        cursor = self._connection.execute(with_new_names(statement), list(params) or None)
        return Answer(names_of(cursor), cursor.fetchall())

    def fetch_within(
        self, statement: str, params: Sequence[object], seconds: float
    ) -> Answer | None:
        import psycopg  # noqa: PLC0415 - not needed by the local target

        # The rollback to a savepoint restores the time limit.
        with (
            suppress(psycopg.errors.QueryCanceled),
            self._connection.transaction(force_rollback=True),
        ):
            self.execute(f"set local statement_timeout = {int(seconds * 1000)}")
            return self.fetch(statement, params)
        return None

    def batches(
        self, statement: str, params: Sequence[object], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        with self._connection.cursor(name="batches") as cursor:
            cursor.execute(with_new_names(statement), list(params) or None)
            while rows := cursor.fetchmany(size):
                yield rows

    def execute(self, statement: str, params: Sequence[object] = ()) -> int:
        return int(self._connection.execute(statement, list(params) or None).rowcount)

    def ask(self, text: str, most: int, most_characters: int | None = None) -> Answer:
        import psycopg  # noqa: PLC0415 - not needed by the local target

        text = text.strip().rstrip(";")
        refuse_effects(text, lambda query, names: self.fetch(query, names).rows)
        with explained(self._settings), self._connection.cursor() as cursor:
            if text.casefold().startswith(_EXPLAINING):
                cursor.execute(text, prepare=True)
                return answer_of(cursor, cursor.fetchmany, most, most_characters)
            self._check(text)
            try:
                cursor.execute(f"declare asked no scroll cursor for {text}", prepare=True)
            except psycopg.errors.SyntaxError:
                raise WarehouseError(_ONLY_QUERIES) from None

            def fetch(number: int) -> list[tuple[Any, ...]]:
                rows: list[tuple[Any, ...]] = cursor.execute(
                    f"fetch forward {number} from asked"
                ).fetchall()
                return rows

            return answer_of(cursor, fetch, most, most_characters)

    def _check(self, text: str) -> None:
        """Let the server parse a statement, so that its own error message is shown."""
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
        result = self._result(statement, params)
        return Answer(names_of(result), result.fetchall())

    def fetch_within(
        self,
        statement: str,
        params: Sequence[object],
        seconds: float,  # noqa: ARG002
    ) -> Answer | None:
        return self.fetch(statement, params)

    def batches(
        self, statement: str, params: Sequence[object], size: int
    ) -> Iterator[list[tuple[Any, ...]]]:
        result = self._result(statement, params)
        while rows := result.fetchmany(size):
            yield rows

    def execute(self, statement: str, params: Sequence[object] = ()) -> int:
        result = self._result(statement, params)
        rows = result.fetchall() if result.description else []
        return int(rows[0][0]) if rows and isinstance(rows[0][0], int) else 0

    def _result(self, statement: str, params: Sequence[object]) -> Any:  # noqa: ANN401 - DuckDB's
        query = with_new_names(statement).replace("%s", "?")
        return self._connection.execute(query, list(params) or None)

    def ask(self, text: str, most: int, most_characters: int | None = None) -> Answer:
        import duckdb  # noqa: PLC0415 - not needed by the Neon targets

        with explained(self._settings):
            statements = self._connection.extract_statements(text)
            if len(statements) != 1:
                raise WarehouseError(f"Run one statement at a time: these are {len(statements)}.")
            kinds = {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
            if statements[0].type not in kinds:
                raise WarehouseError(_ONLY_QUERIES)
            result = self._connection.execute(statements[0])
            return answer_of(result, result.fetchmany, most, most_characters)

    def cancel(self) -> None:
        self._connection.interrupt()


@contextmanager
def _limited(session: Session, timeout: float) -> Iterator[None]:
    """Cancel the running statement after some seconds: DuckDB has no such setting."""
    timer = threading.Timer(timeout, session.cancel)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
