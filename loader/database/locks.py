"""Locks in PostgreSQL. A DuckDB file is one process's anyway."""

import contextlib
from collections.abc import Collection, Iterable, Iterator

from loader.database.refusals import no_right, read_only
from loader.database.warehouse import Warehouse
from loader.errors import LockedError, WarehouseError

_LOCK_KEY = 7_230_416_852_119_045  # any constant: advisory locks are per database
# One statement, because each run waits for it.
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
    """Take turns with dbt at creating raw tables (macros/locks.sql)."""
    lock = "select {}(hashtextextended('schema', 0))"
    if warehouse.is_postgres:
        warehouse.fetch(lock.format("pg_advisory_lock"))
    yield
    if warehouse.is_postgres:
        warehouse.fetch(lock.format("pg_advisory_unlock"))


def block_builds(warehouse: Warehouse, tables: Iterable[str]) -> None:
    """Have no build write into some final tables until the transaction ends.

    Raises:
        LockedError: A build goes on writing into one.
    """
    if not warehouse.is_postgres:
        return  # the file is this process's
    warehouse.execute(f"set local lock_timeout = {_BUILD_PATIENCE}")
    for table in tables:
        try:  # as lock_and_look in macros/locks.sql does
            query = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
            warehouse.fetch(query, [f'"{warehouse.final_schema}"."{table}"'])
        except WarehouseError as error:
            if "lock timeout" not in str(error):
                raise
            message = f"a build is writing into {table}. Wait for it to end, then try again."
            raise LockedError(message) from error


def become_writer(warehouse: Warehouse, tables: Collection[str] = ()) -> None:
    """Become the one writer of a PostgreSQL database, until the connection closes.

    Args:
        warehouse: The database.
        tables: What will be written; those that are not there yet do not count.

    Raises:
        LockedError: Another process is; the message says which.
        WarehouseError: The database is read-only, or the role may not write some table.
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
    message = f"locked by {who}. Wait for it to end, then run the command again."
    raise LockedError(message)
