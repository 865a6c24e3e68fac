"""Take locks in PostgreSQL. DuckDB needs none, because one process owns its file."""

import contextlib
from collections.abc import Collection, Iterable, Iterator

from loader.database.refusals import no_right, read_only
from loader.database.warehouse import Warehouse
from loader.errors import LockedError, WarehouseError

_LOCK_KEY = 7_230_416_852_119_045  # an arbitrary constant: advisory locks are per database
# One statement, because each run pays for its round trip.
_BECOME = """
    select
        pg_try_advisory_lock(%s),
        current_setting('transaction_read_only') = 'on',
        array(
            select nspname || '.' || relname
            from pg_catalog.pg_class
            inner join pg_catalog.pg_namespace on pg_class.relnamespace = pg_namespace.oid
            where
                nspname || '.' || relname = any(%s)
                and not (
                    has_schema_privilege(pg_namespace.oid, 'USAGE')
                    and has_table_privilege(pg_class.oid, 'SELECT')
                    and has_table_privilege(pg_class.oid, 'DELETE')
                )
            order by 1
        )
"""
_BUILD_PATIENCE = 30_000  # milliseconds


@contextlib.contextmanager
def schema_lock(warehouse: Warehouse) -> Iterator[None]:
    """Lock the creation of raw tables, which dbt also locks (macros/locks.sql)."""
    lock = "select {}(hashtextextended('schema', 0))"
    if warehouse.is_postgres:
        warehouse.fetch(lock.format("pg_advisory_lock"))
    yield
    if warehouse.is_postgres:
        warehouse.fetch(lock.format("pg_advisory_unlock"))


def block_builds(warehouse: Warehouse, tables: Iterable[str]) -> None:
    """Block builds from writing into final tables until the transaction ends.

    Raises:
        LockedError: A build keeps writing into a table.
    """
    if not warehouse.is_postgres:
        return  # this process owns the file
    warehouse.execute(f"set local lock_timeout = {_BUILD_PATIENCE}")
    for table in tables:
        try:  # same lock as lock_and_look in macros/locks.sql
            query = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
            warehouse.fetch(query, [f'"{warehouse.final_schema}"."{table}"'])
        except WarehouseError as error:
            if "lock timeout" not in str(error):
                raise
            message = (
                f"A build is writing into '{table}'. Wait for it to end, then run the same command"
                " again."
            )
            raise LockedError(message) from error


def become_writer(warehouse: Warehouse, tables: Collection[str] = ()) -> None:
    """Take the writer's lock of a PostgreSQL database, until the connection closes.

    Args:
        warehouse: The database.
        tables: The tables to write; missing tables are ignored.

    Raises:
        LockedError: Another process holds the lock; the message names it.
        WarehouseError: The database is read-only, or the role may not write a table.
    """
    if not warehouse.is_postgres:
        return
    names = [warehouse.full_name(table) for table in tables]
    is_locked, is_read_only, forbidden = warehouse.fetch(_BECOME, [_LOCK_KEY, names])[0]
    if is_locked and is_read_only:
        raise WarehouseError(read_only(warehouse.settings.target))
    if is_locked and forbidden:
        lacks = f"has no such right on {', '.join(forbidden)}"
        raise WarehouseError(no_right(warehouse.settings, lacks))
    if is_locked:
        return
    holder = warehouse.fetch(
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
    message = f"Locked by {who}. Wait for it to end, then run the same command again."
    raise LockedError(message)
