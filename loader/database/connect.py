"""Connections to PostgreSQL and DuckDB, whose settings do not depend on the surroundings."""

import logging
import os
import socket
from itertools import chain, repeat
from typing import TYPE_CHECKING, Any

from loader.blobs.retry import Retry
from loader.database.url import DatabaseUrl
from loader.errors import WarehouseError
from loader.private import close_to_others
from loader.settings import Settings

if TYPE_CHECKING:
    import psycopg

CONNECT_TIMEOUT = 15  # seconds; Neon wakes in some hundred milliseconds
CONNECT_PATIENCE = 60  # seconds until the last try begins
_KEEPALIVE = 60  # seconds; what lies between forgets a silent connection after some minutes
_PASSING_STATES = ("57P", "53")  # the server starts or stops; it has no room
# What libpq says without a state, and what asking again does not change.
_LASTING = (
    "authentication",
    "Name or service not known",
    "nodename nor servname provided",  # the same on macOS
    "certificate",
    "does not support SSL",
    "unsupported startup parameter",
    "invalid",
)

_log = logging.getLogger("loader")


def connect_postgres(database: DatabaseUrl) -> "psycopg.Connection":
    """A connection in autocommit mode; a database that is asleep or full is waited for.

    Raises:
        WarehouseError: It cannot be reached, within a minute.
    """
    import psycopg  # noqa: PLC0415 - not needed by the local target

    name = f"orchestrator loader, pid {os.getpid()} on {socket.gethostname()}"
    retry = Retry(CONNECT_PATIENCE, chain([0.5, 1, 2, 4], repeat(5)))
    while True:
        try:
            connection = psycopg.connect(
                database.pinned,
                autocommit=True,
                connect_timeout=CONNECT_TIMEOUT,
                application_name=name[:63],
                keepalives_idle=_KEEPALIVE,
            )
        except psycopg.Error as error:
            problem = database.redacted(str(error).strip())
            if retry.tries == 1 and is_passing(error):  # most databases answer by then
                _log.warning("%s cannot be reached yet; trying for a minute.", database)
            if not is_passing(error) or not retry.wait():
                break
        else:
            _check_encoding(connection, database)
            return connection
    hint = "Check DATABASE_URL, and the project's state in Neon Console → Monitoring."
    if "unsupported startup parameter" in problem:
        hint = (
            "This is a connection pooler, which loading, dbt and locks cannot use: put the"
            " database's own host and port into DATABASE_URL."
        )
    message = f"cannot connect to {database}: {problem}\n{hint}"
    raise WarehouseError(message)


def _check_encoding(connection: "psycopg.Connection", database: DatabaseUrl) -> None:
    """Refuse a database that cannot hold every text."""
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != "UTF8":
        connection.close()
        message = (
            f"The database {database} has the encoding {encoding}, which cannot hold every text:"
            " nothing was written.\nCreate another one, and name it in DATABASE_URL:"
            " create database NAME encoding 'UTF8' template template0"
        )
        raise WarehouseError(message)


def is_passing(error: "psycopg.Error") -> bool:
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
    close_to_others(path.parent)
    try:
        connection = duckdb.connect(str(path), read_only=is_read_only)
        connection.execute("set timezone = 'UTC'")
    except duckdb.Error as error:
        message = f"cannot open {path}: {error}\nIs another command using it? Wait for it to end."
        raise WarehouseError(message) from error
    return connection
