"""Connect to PostgreSQL and DuckDB with settings that no environment variable changes."""

import logging
import os
import socket
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader.blobs.retry import Retry
from loader.database import refusals
from loader.database.duckdb_file import open_file
from loader.database.url import DatabaseUrl
from loader.errors import WarehouseError
from loader.guards.private import close_to_others
from loader.settings import Settings

if TYPE_CHECKING:
    import psycopg

CONNECT_TIMEOUT = 15  # seconds; Neon wakes within some hundred milliseconds
CONNECT_PATIENCE = 60  # seconds until the last try begins
_KEEPALIVE = 60  # seconds; firewalls drop a silent connection after some minutes
_log = logging.getLogger("loader")


def connect_postgres(database: DatabaseUrl, patience: float | None = None) -> "psycopg.Connection":
    """Return a connection in autocommit mode. Retry while the database sleeps or is unreachable.

    Args:
        database: The database's address.
        patience: Seconds until the last try begins; by default CONNECT_PATIENCE.

    Raises:
        WarehouseError: The database refuses, or cannot be reached in that time.
    """
    import psycopg  # noqa: PLC0415 - not needed by the local target

    name = f"orchestrator loader, pid {os.getpid()} on {socket.gethostname()}"
    seconds = CONNECT_PATIENCE if patience is None else patience
    retry = Retry(seconds, chain([0.5, 1, 2, 4], repeat(5)))
    while True:
        try:
            connection = psycopg.connect(
                database.pinned,
                autocommit=True,
                connect_timeout=int(min(CONNECT_TIMEOUT, seconds)),
                application_name=name[:63],
                keepalives_idle=_KEEPALIVE,
            )
        except psycopg.Error as error:
            refusal = refusals.of_connection(database.redacted(str(error)))
            is_passing = refusal.is_passing and isinstance(error, psycopg.OperationalError)
            if retry.tries == 1 and is_passing:  # most databases answer within the first tries
                _log.warning("Cannot reach %s yet. Trying for %d s.", database, seconds)
            if not is_passing or not retry.wait():
                break
        else:
            _check_encoding(connection, database)
            return connection
    message = f"Cannot connect to {database}: {refusal.words}.\n{refusal.hint}"
    raise WarehouseError(message)


def _check_encoding(connection: "psycopg.Connection", database: DatabaseUrl) -> None:
    """Refuse a database that cannot hold every text."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        message = (
            f"The database {database} has the encoding {encoding!r}, which cannot hold every text."
            " Nothing was written.\nCreate another one, and name it in DATABASE_URL:"
            " create database NAME encoding 'UTF8' template template0"
        )
        raise WarehouseError(message)


def connect_duckdb(settings: Settings, *, is_read_only: bool) -> Any:  # noqa: ANN401
    """Return a connection to the target's file, in UTC. Wait while another process uses the file.

    Raises:
        WarehouseError: The file does not exist, stays in use, or is damaged.
    """
    path = settings.duckdb_path
    if is_read_only and not path.exists():
        raise no_file(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    close_to_others(path.parent)
    connection = open_file(path, is_read_only=is_read_only)
    configure_duckdb(connection, settings)
    return connection


def configure_duckdb(connection: Any, settings: Settings) -> None:  # noqa: ANN401
    """Set the time zone and the default schema, as a PostgreSQL address does.

    Args:
        connection: A connection to a DuckDB file.
        settings: The settings, with the default schema.
    """
    connection.execute("set timezone = 'UTC'")
    choose_schema(connection, settings)


def choose_schema(connection: Any, settings: Settings) -> None:  # noqa: ANN401
    """Set the default schema, if it exists."""
    query = (
        "select 1 from information_schema.schemata"
        " where catalog_name = current_database() and schema_name = ?"
    )
    if connection.execute(query, [settings.final_schema]).fetchall():
        connection.execute(f"set schema = '{settings.final_schema}'")


def no_file(path: Path) -> WarehouseError:
    """Return the error for a DuckDB file that does not exist yet."""
    hint = "Load first: python -m loader run --target local --workspace DIR"
    return WarehouseError(f"There is no {path} yet. {hint}")
