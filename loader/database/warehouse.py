"""A connection to DuckDB or PostgreSQL, with the same statements on both."""

import contextlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self

from loader.database.connect import configure_duckdb, connect_duckdb, connect_postgres
from loader.database.refusals import explained
from loader.database.renames import old_names, with_new_names
from loader.errors import WarehouseError
from loader.settings import Settings

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


_LOAD_MEMORY = 180_000_000  # bytes, at least
_PAGE = 10_000  # rows
_COUNT = 'select count(*) from "{}"."{}"'
_TABLES_OF_DUCKDB = "select table_name from information_schema.tables where table_schema = %s"
# The information schema hides objects on which the role has no right.
_TABLES = """
    select relname
    from pg_catalog.pg_class
    inner join pg_catalog.pg_namespace on pg_class.relnamespace = pg_namespace.oid
    where nspname = %s and relkind in ('r', 'p', 'v', 'm', 'f')
"""
_UNREADABLE = f"""{_TABLES}
    and not (
        has_schema_privilege(pg_namespace.oid, 'USAGE')
        and has_table_privilege(pg_class.oid, 'SELECT')
    )
"""


class Connection(Protocol):
    """The common interface of psycopg and DuckDB."""

    def execute(self, query: Any, params: Any = None) -> Any:  # noqa: ANN401
        """Run a statement."""

    def close(self) -> None:
        """Close the connection."""


class Warehouse:
    """The target's database, connected on the first query.

    Args:
        settings: The settings of the target.
        is_read_only: Whether to open a DuckDB file read-only.
    """

    def __init__(self, settings: Settings, *, is_read_only: bool = False) -> None:
        self.is_postgres = settings.database is not None
        self.final_schema = settings.final_schema
        self.settings = settings
        self._is_read_only = is_read_only
        self._open: Connection | None = None

    def __enter__(self) -> Self:
        """Return the warehouse."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection, which releases its locks."""
        self.close()

    def close(self) -> None:
        """Close the connection; the next query opens a new one."""
        if self._open:
            self._open.close()
            self._open = None

    @property
    def _connection(self) -> Connection:
        if not self._open:
            database = self.settings.database
            self._open = (
                connect_postgres(database)
                if database
                else connect_duckdb(self.settings, is_read_only=self._is_read_only)
            )
        return self._open

    def fetch(self, query: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Args:
            query: The query, with `%s` for each parameter and no other percent sign.
            params: The parameters.

        Raises:
            WarehouseError: The database cannot be reached or refused the query.
        """
        query = with_new_names(query)
        if not self.is_postgres:
            query = query.replace("%s", "?")
        with explained(self.settings):
            rows: list[tuple[Any, ...]] = self._connection.execute(
                query, list(params) or None
            ).fetchall()
        return rows

    def execute(self, statement: str, params: Sequence[object] = ()) -> None:
        """Run a statement without a result.

        Args:
            statement: The statement, with `%s` for each parameter and no other percent sign.
            params: The parameters.

        Raises:
            WarehouseError: The database refused the statement or the connection was lost.
        """
        statement = with_new_names(statement)
        if not self.is_postgres:
            statement = statement.replace("%s", "?")
        with explained(self.settings):
            self._connection.execute(statement, list(params) or None)

    def change(self, statement: str, params: Sequence[object] = ()) -> int:
        """Run an insert, update or delete; return the number of affected rows.

        Args:
            statement: The statement, with `%s` for each parameter and no other percent sign.
            params: The parameters.

        Raises:
            WarehouseError: The database refused the statement or the connection was lost.
        """
        if not self.is_postgres:
            return int(self.fetch(statement, params)[0][0])
        statement = with_new_names(statement)
        with explained(self.settings):
            return int(self._connection.execute(statement, list(params) or None).rowcount)

    def stream(self, query: str) -> Generator[tuple[Any, ...], None, None]:
        """Yield the rows of a query without parameters; keep few of them in memory.

        Raises:
            WarehouseError: The database cannot be reached or refused the query.
        """
        query = with_new_names(query)
        with explained(self.settings):
            connection: Any = self._connection
            cursor = connection.cursor()
            try:
                if self.is_postgres:
                    yield from cursor.stream(query, size=_PAGE)
                    return
                configure_duckdb(cursor, self.settings)  # a cursor has its own settings
                cursor.execute(query)
                while found := cursor.fetchmany(_PAGE):
                    yield from found
            finally:
                cursor.close()

    @contextlib.contextmanager
    def transaction(self, *, is_kept: bool = True) -> Iterator[None]:
        """Run the block in a transaction; roll it back after an error or without `is_kept`."""
        self.execute("begin transaction")
        try:
            yield
        except BaseException:
            self.execute("rollback")
            raise
        self.execute("commit" if is_kept else "rollback")

    def tables(self, schema: str) -> set[str]:
        """Return the names of a schema's tables and views, even if the role may not read them."""
        query = _TABLES if self.is_postgres else _TABLES_OF_DUCKDB
        return {name for (name,) in self.fetch(query, [schema])}

    def full_name(self, table: str) -> str:
        """Return a table's name with its schema; a name without schema is a final table."""
        return table if "." in table else f"{self.final_schema}.{table}"

    def final_tables(self) -> set[str]:
        """Return the names of the tables and views in the schema of the final tables."""
        return self.tables(self.final_schema)

    def unreadable(self, schema: str) -> set[str]:
        """Return the names of a schema's tables and views that the role may not read."""
        if not self.is_postgres:
            return set()
        return {name for (name,) in self.fetch(_UNREADABLE, [schema])}

    def schemas(self) -> set[str]:
        """Return the names of all schemas."""
        # The information schema lists only schemas that the user owns.
        query = "select nspname from pg_catalog.pg_namespace"
        return {name for (name,) in self.fetch(query)}

    def columns(self, schema: str, table: str) -> set[str]:
        """Return a table's columns, renamed ones under both names; none if it does not exist."""
        query = (
            "select column_name from information_schema.columns"
            " where table_schema = %s and table_name = %s"
        )
        there = {name for (name,) in self.fetch(query, [schema, table])}
        return there | old_names(table, there) if schema == self.final_schema else there

    def count(self, schema: str, table: str) -> int:
        """Return the number of rows of a table or view."""
        names = [name.replace('"', '""') for name in (schema, table)]
        return int(self.fetch(_COUNT.format(*names))[0][0])

    def environment(self, *, is_there: bool | None = None) -> str | None:
        """Return the environment recorded in the database, or None.

        Args:
            is_there: Whether bookkeeping.environment exists; None to query it.

        Raises:
            WarehouseError: The role may not read the table.
        """
        if is_there is None:
            is_there = "environment" in self.tables("bookkeeping")
        if not is_there:
            return None
        found = self.fetch("select name from bookkeeping.environment")
        return found[0][0] if found else None

    @property
    def clock(self) -> str:
        """Return the SQL expression for the database's clock."""
        return "clock_timestamp()" if self.is_postgres else "get_current_timestamp()"

    @property
    def duckdb(self) -> "duckdb.DuckDBPyConnection":
        """Return the DuckDB connection, which dlt and Arrow share to keep the file."""
        found: duckdb.DuckDBPyConnection = self._connection  # type: ignore[assignment]
        return found

    @contextlib.contextmanager
    def fetched(
        self, query: str, given: "pa.RecordBatchReader", name: str
    ) -> "Iterator[pa.RecordBatchReader]":
        """Yield the rows of a DuckDB query that joins given rows.

        Args:
            query: A query that reads the relation `name`.
            given: The rows of the relation `name`.
            name: The relation's name.

        Raises:
            WarehouseError: The database refused the query.
        """
        with explained(self.settings), self.duckdb.cursor() as cursor:
            cursor.register(name, given)
            yield cursor.sql(query).to_arrow_reader()

    def bound_memory(self, largest: int, gathered: int, folder: Path) -> None:
        """Limit DuckDB's memory for a load to what its files need.

        A row group of 122,880 rows needs 1.8 times the bytes of its texts, and 30 MB: measured with
        DuckDB 2.0.0 and texts of 300 to 2,400 bytes.

        Args:
            largest: Bytes of the largest row group of the files.
            gathered: Bytes of texts in the row groups that DuckDB builds at the same time.
            folder: The folder to which DuckDB may spill.
        """
        need = max(_LOAD_MEMORY, 30_000_000 + gathered * 185 // 100)
        limit = (need + largest * 7 // 4) // 1_000_000
        self.execute(f"set memory_limit = '{limit}MB'")
        place = str(folder).replace("'", "''")
        self.execute(f"set temp_directory = '{place}'")
        self.execute("set preserve_insertion_order = false")
        # Each thread builds a row group of its own.
        self.execute("set threads = 1")


def missing_tables(names: Iterable[str], target: str) -> WarehouseError:
    """Return the error for raw tables that were dropped by hand."""
    tables = ", ".join(f"raw.{name}" for name in sorted(names))
    return WarehouseError(
        f"{tables} is missing from the database, and what it held with it.\n"
        f"Load everything again: python -m loader run --full --target {target} --workspace DIR"
    )


def check_release(warehouse: Warehouse) -> None:
    """Refuse a database that the loader must upgrade before it can be read.

    Raises:
        WarehouseError: The database has raw tables but no `raw.runs`.
    """
    tables = warehouse.tables("raw")
    if "files" in tables and "runs" not in tables:
        message = (
            "The table raw.runs is missing: an earlier release loaded this database, or somebody"
            " dropped the table.\nThe next run adds it:"
            f" python -m loader run --target {warehouse.settings.target} --workspace DIR"
        )
        raise WarehouseError(message)
