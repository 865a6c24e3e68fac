"""The database as the loader asks it: DuckDB or PostgreSQL, the same statements on both."""

import contextlib
import logging
import os
import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any, Protocol, Self

from loader.database_url import DatabaseUrl
from loader.errors import LockedError, WarehouseError
from loader.run import LastReading, Memory, StoredDay
from loader.settings import Settings

if TYPE_CHECKING:
    import psycopg
    import pyarrow as pa

_LOCK_KEY = 7_230_416_852_119_045  # any constant: advisory locks are per database
CONNECT_TIMEOUT = 15  # seconds; Neon wakes in some hundred milliseconds
CONNECT_PATIENCE = 60  # seconds until the last try begins
_BUILD_PATIENCE = 30_000  # milliseconds
_KEEPALIVE = 60  # seconds; what lies between forgets a silent connection after some minutes
# As dlt sends it: a pooler refuses it here, before anything is read.
_OPTIONS = "-c search_path=public"
_PASSING_STATES = ("57P", "53")  # the server starts or stops; it has no room
# What libpq says without a state, and what asking again does not change.
_LASTING = (
    "authentication",
    "Name or service not known",
    "certificate",
    "does not support SSL",
    "unsupported startup parameter",
    "invalid",
)

_log = logging.getLogger("loader")

# Of a package that a kill interrupted, the rows are there and its load is not.
FINISHED = "_dlt_load_id in (select load_id from raw._dlt_loads where status = 0)"
# The loads that every final table has taken in, each with a mark of its own.
APPLIED = """
    select load_id
    from bookkeeping.applied_loads
    where
        applied_at is not null
        and model in (
            'daily_reports',
            'meeting_transcripts',
            'jira_snapshots',
            'slack_captures',
            'generated_reports',
            'report_data_links'
        )
    group by load_id
    having count(*) = 6
"""
_COUNT = 'select count(*) from "{}"."{}"'
_APPEND = 'insert into raw."{}" by name select * from batch'
READINGS = f"""
    select distinct on (kind, source_path)
        kind, source_path, team, file_sha256, outcome, parser_version, worst
    from raw.files
    left join
        (
            -- Of the two severities, the worse comes first in the alphabet.
            select kind, source_path, run_id, min(severity) as worst
            from raw.rejections
            group by kind, source_path, run_id
        ) as rejected
        using (kind, source_path, run_id)
    where {FINISHED}
    order by kind, source_path, loaded_at desc
"""  # noqa: S608 - constants only
_STORED_DAYS = f"""
    select distinct on (source_path, author_name, report_date)
        team, source_path, author_name, report_date, checksum_sha256
    from raw.daily_reports
    inner join
        (
            select
                unnest(%s::text[]) as author_name,
                unnest(%s::date[]) as report_date
        ) as wanted
        using (author_name, report_date)
    where {FINISHED}
    order by source_path, author_name, report_date, loaded_at desc, line_number desc
"""  # noqa: S608 - constants only


class Connection(Protocol):
    """What psycopg and DuckDB have in common."""

    def execute(self, query: Any, params: Any = None) -> Any:  # noqa: ANN401
        """Run a statement."""

    def close(self) -> None:
        """Close the connection."""


class Warehouse:
    """The target's database, connected at the first question.

    Args:
        settings: Which database.
        is_read_only: For commands that only look.
    """

    def __init__(self, settings: Settings, *, is_read_only: bool = False) -> None:
        self.is_postgres = settings.database is not None
        self._settings = settings
        self._is_read_only = is_read_only
        self._open: Connection | None = None

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection; locks go with it."""
        if self._open:
            self._open.close()
            self._open = None

    def release(self) -> None:
        """Let dlt have the DuckDB file; a PostgreSQL connection stays, for it holds the lock."""
        if not self.is_postgres:
            self.__exit__()

    @property
    def _connection(self) -> Connection:
        if not self._open:
            database = self._settings.database
            self._open = (
                connect_postgres(database)
                if database
                else connect_duckdb(self._settings, is_read_only=self._is_read_only)
            )
        return self._open

    def fetch(self, query: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """The rows of a query.

        Args:
            query: With `%s` for each parameter and no other percent sign.
            params: The parameters.

        Raises:
            WarehouseError: The database cannot be reached, or refused it.
        """
        if not self.is_postgres:
            query = query.replace("%s", "?")
        with explained(is_postgres=self.is_postgres):
            rows: list[tuple[Any, ...]] = self._connection.execute(
                query, list(params) or None
            ).fetchall()
        return rows

    def execute(self, statement: str, params: Sequence[object] = ()) -> None:
        """Run a statement that gives no rows.

        Args:
            statement: With `%s` for each parameter and no other percent sign.
            params: The parameters.

        Raises:
            WarehouseError: The database refused it or went away.
        """
        if not self.is_postgres:
            statement = statement.replace("%s", "?")
        with explained(is_postgres=self.is_postgres):
            self._connection.execute(statement, list(params) or None)

    def change(self, statement: str, params: Sequence[object] = ()) -> int:
        """Run a statement that inserts, updates or deletes; how many rows it did.

        Args:
            statement: With `%s` for each parameter and no other percent sign.
            params: The parameters.

        Raises:
            WarehouseError: The database refused it or went away.
        """
        if not self.is_postgres:
            return int(self.fetch(statement, params)[0][0])
        with explained(is_postgres=True):
            return int(self._connection.execute(statement, list(params) or None).rowcount)

    def append(self, table: str, batch: "pa.RecordBatch") -> None:
        """Append rows to a raw table of DuckDB; PostgreSQL takes them over ADBC.

        Raises:
            WarehouseError: The database refused them.
        """
        import pyarrow as pa  # noqa: PLC0415 - commands that do not load go without

        with explained(is_postgres=False):
            connection: Any = self._connection
            connection.register("batch", pa.Table.from_batches([batch]))
            try:
                connection.execute(_APPEND.format(table))
            finally:
                connection.unregister("batch")

    def stream(self, query: str, size: int = 10_000) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query without parameters, some at a time; none is kept.

        Raises:
            WarehouseError: The database cannot be reached, or refused it.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(explained(is_postgres=self.is_postgres))
            connection: Any = self._connection
            if self.is_postgres:
                stack.enter_context(connection.transaction())  # the cursor lives in it
                cursor = stack.enter_context(connection.cursor(name="stream"))
            else:
                cursor = connection.cursor()
                stack.callback(cursor.close)
            cursor.execute(query)
            while found := cursor.fetchmany(size):
                yield found

    @contextlib.contextmanager
    def transaction(self, *, is_kept: bool = True) -> Iterator[None]:
        """All that is done within, or nothing of it; nothing either where it is not to be kept."""
        self.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.execute("rollback")
            raise
        self.execute("commit" if is_kept else "rollback")

    def tables(self, schema: str) -> set[str]:
        """The names of a schema's tables and views."""
        query = "select table_name from information_schema.tables where table_schema = %s"
        return {name for (name,) in self.fetch(query, [schema])}

    def schemas(self) -> set[str]:
        """The names of all schemas."""
        # The information schema has only those that the user owns.
        query = "select nspname from pg_catalog.pg_namespace"
        return {name for (name,) in self.fetch(query)}

    def columns(self, schema: str, table: str) -> set[str]:
        """The names of a table's columns; none where there is no such table."""
        query = (
            "select column_name from information_schema.columns"
            " where table_schema = %s and table_name = %s"
        )
        return {name for (name,) in self.fetch(query, [schema, table])}

    def count(self, schema: str, table: str) -> int:
        """How many rows a table or view of any name has."""
        names = [name.replace('"', '""') for name in (schema, table)]
        return int(self.fetch(_COUNT.format(*names))[0][0])

    def environment(self) -> str | None:
        """The environment that the database remembers to be of."""
        if "environment" not in self.tables("bookkeeping"):
            return None
        found = self.fetch("select name from bookkeeping.environment")
        return found[0][0] if found else None

    def next_loaded_at(self) -> datetime:
        """The database's time, or a microsecond after the last load where its clock went back."""
        clock = "clock_timestamp()" if self.is_postgres else "get_current_timestamp()"
        latest = "null"
        if "files" in self.tables("raw"):
            latest = "(select max(loaded_at) + interval '1 microsecond' from raw.files)"
        query = f"select greatest({clock}, {latest})"
        found: datetime = self.fetch(query)[0][0]
        return found

    def memory(self) -> Memory:
        """What earlier runs left; `stored_days` asks this connection."""
        readings = {}
        tables = self.tables("raw")
        if {"files", "rejections"} <= tables:
            readings = {
                (kind, path): LastReading(*reading) for kind, path, *reading in self.fetch(READINGS)
            }
        has_days = "daily_reports" in tables and any(
            kind == "daily_reports" for kind, _ in readings
        )
        return Memory(readings, self._stored_days if has_days else lambda _: [])

    def _stored_days(self, pairs: Sequence[tuple[str, date]]) -> list[StoredDay]:
        names, days = [name for name, _ in pairs], [day for _, day in pairs]
        return [StoredDay(*row) for row in self.fetch(_STORED_DAYS, [names, days])]

    def stop_builds(self, tables: Iterable[str]) -> None:
        """Have no build write into some final tables until the transaction ends.

        Raises:
            LockedError: A build goes on writing into one.
        """
        if not self.is_postgres:
            return  # the file is this process's
        self.execute(f"set local lock_timeout = {_BUILD_PATIENCE}")
        for table in tables:
            try:  # as take_turn_and_look in macros/turns.sql does
                query = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
                self.fetch(query, [f'"public"."{table}"'])
            except WarehouseError as error:
                if "lock timeout" not in str(error):
                    raise
                message = f"a build is writing into {table}. Wait for it to end, then try again."
                raise LockedError(message) from error

    def lock(self) -> None:
        """Become the one writer of a PostgreSQL database, until the connection closes.

        Raises:
            LockedError: Another process is; the message says which.
        """
        if not self.is_postgres or self.fetch("select pg_try_advisory_lock(%s)", [_LOCK_KEY])[0][0]:
            return
        holder = self.fetch(
            "select coalesce(application_name, 'another user''s session')"
            " || coalesce(', connected ' || date_trunc('second', backend_start), '')"
            " from pg_stat_activity inner join pg_locks using (pid)"
            " where locktype = 'advisory' and granted and objsubid = 1"
            " and pg_locks.database ="
            " (select oid from pg_database where datname = current_database())"
            " and (classid::bigint << 32) | objid::bigint = %s",
            [_LOCK_KEY],
        )
        who = holder[0][0] if holder else "another run"
        message = f"locked by {who}. Wait for it to end, then run the command again."
        raise LockedError(message)


def missing_tables(names: Iterable[str]) -> WarehouseError:
    """The error for raw tables that were dropped by hand."""
    tables = ", ".join(f"raw.{name}" for name in sorted(names))
    return WarehouseError(
        f"{tables} is missing from the database, and what it held with it.\n"
        "Load everything again: python -m loader run --full"
    )


def connect_postgres(database: DatabaseUrl) -> "psycopg.Connection":
    """A connection in autocommit mode; a database that is asleep or full is waited for.

    Raises:
        WarehouseError: It cannot be reached, within a minute.
    """
    import psycopg  # noqa: PLC0415 - not needed by the local target

    name = f"orchestrator loader, pid {os.getpid()} on {socket.gethostname()}"
    give_up = time.monotonic() + CONNECT_PATIENCE
    for tries, pause in enumerate(chain([0.5, 1, 2, 4], repeat(5))):
        try:
            return psycopg.connect(
                database.url,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT,
                application_name=name[:63],
                keepalives_idle=_KEEPALIVE,
                options=None if "options=" in database.url else _OPTIONS,
            )
        except psycopg.Error as error:
            problem = database.redacted(str(error).strip())
            if not _is_passing(error) or time.monotonic() + pause > give_up:
                break
            if tries == 1:
                _log.warning("%s cannot be reached yet; trying for a minute.", database)
            time.sleep(pause)
    mend = "Check DATABASE_URL, and the project's state in Neon Console → Monitoring."
    if "unsupported startup parameter" in problem:
        mend = (
            "This is a connection pooler, which loading, dbt and locks cannot use: put the"
            " database's own host and port into DATABASE_URL."
        )
    message = f"cannot connect to {database}: {problem}\n{mend}"
    raise WarehouseError(message)


def _is_passing(error: "psycopg.Error") -> bool:
    """Whether asking again can help: nobody answers, the server starts, or it is full."""
    import psycopg  # noqa: PLC0415 - not needed by the local target

    if error.sqlstate or not isinstance(error, psycopg.OperationalError):
        return (error.sqlstate or "").startswith(_PASSING_STATES)
    return not any(lasting in str(error) for lasting in _LASTING)


def connect_duckdb(settings: Settings, *, is_read_only: bool) -> Any:  # noqa: ANN401
    """A connection to the target's file, in UTC.

    Raises:
        WarehouseError: There is none to read, or another process has it.
    """
    import duckdb  # noqa: PLC0415 - not needed by the Neon targets

    path = settings.duckdb_path
    if is_read_only and not path.exists():
        message = f"there is no {path} yet. Load first: python -m loader run --workspace DIR"
        raise WarehouseError(message)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), read_only=is_read_only)
        connection.execute("set timezone = 'UTC'")
    except duckdb.Error as error:
        message = f"cannot open {path}: {error}\nIs another command using it? Wait for it to end."
        raise WarehouseError(message) from error
    return connection


@contextlib.contextmanager
def explained(*, is_postgres: bool) -> Iterator[None]:
    """Turn the errors of a connection that is open into ours: the server never sends a password."""
    if is_postgres:
        import psycopg as driver  # noqa: PLC0415 - a target goes without the other's driver
    else:
        import duckdb as driver  # type: ignore[no-redef]  # noqa: PLC0415

    try:
        yield
    except driver.Error as error:
        message = f"the database refused a statement: {str(error).strip()}"
        if is_postgres and _is_passing(error):
            message = (
                f"the connection to the database was lost: {str(error).strip()}\n"
                "Nothing is lost: run the same command again."
            )
        raise WarehouseError(message) from error
