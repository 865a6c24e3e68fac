"""Allow one writer: a file lock on this machine, an advisory lock in PostgreSQL."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from loader.database import objects
from loader.database.environment import check, claim
from loader.database.locks import become_writer, schema_lock
from loader.database.warehouse import Warehouse
from loader.errors import LockedError
from loader.guards.private import close_to_others
from loader.settings import Settings


@contextlib.contextmanager
def only_writer(
    settings: Settings,
    tables: Collection[str],
    *,
    claims: bool = False,
    is_adopting: bool = False,
    allows_foreign: bool = False,
) -> Iterator[Warehouse]:
    """Take the locks and yield the target's database.

    Args:
        settings: The settings of the target.
        tables: The tables to write; final tables without their schema.
        claims: Whether the database must record the target as its environment.
        is_adopting: Whether to accept a database of another environment.
        allows_foreign: Whether to accept objects that others created under our names.

    Raises:
        LockedError: Another process holds a lock.
        WarehouseError: The database cannot be reached, belongs to another environment, is
            read-only, has objects of others under our names, or the role may not write a table.
    """
    with locked(settings, tables) as warehouse:
        found = objects.read(warehouse)
        if not allows_foreign:
            objects.refuse(found, settings)
        is_there = found.has_environment
        known = check(warehouse, settings.target, is_adopting=is_adopting, is_there=is_there)
        if claims and not (found.is_listed and known == settings.target):
            with schema_lock(warehouse):
                if not found.is_listed:
                    objects.create(warehouse, found)
                claim(warehouse, settings.target)
        yield warehouse


@contextlib.contextmanager
def locked(
    settings: Settings, tables: Collection[str] = (), *, is_read_only: bool = False
) -> Iterator[Warehouse]:
    """Take the locks and yield the target's database, without a check of its environment.

    Args:
        settings: The settings of the target.
        tables: The tables to write; final tables without their schema.
        is_read_only: Whether to open a DuckDB file read-only.

    Raises:
        LockedError: Another process holds a lock.
        WarehouseError: The database cannot be reached or written.
    """
    with _file_lock(settings), Warehouse(settings, is_read_only=is_read_only) as warehouse:
        become_writer(warehouse, [] if is_read_only else tables)
        yield warehouse


def _restore_access(folder: Path) -> None:
    """Restore the user's access to a folder of our state, and remove everybody else's."""
    with suppress(OSError):
        folder.chmod(0o700)
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                _restore_access(Path(entry.path))


@contextlib.contextmanager
def _file_lock(settings: Settings) -> Iterator[None]:
    """Lock out other runs on this machine. The lock ends with its process."""
    close_to_others(settings.warehouse_dir)
    for folder in (
        settings.working_dir,
        settings.runs_dir.parent,
        settings.warehouse_dir / "parts",
    ):
        _restore_access(folder)
    settings.working_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = settings.working_dir / f"{settings.pipeline_name}.lock"
    with suppress(OSError):
        path.chmod(0o600)
    with path.open("a+", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another run"
            message = f"Locked by {holder}. Wait for it to end, then run the same command again."
            raise LockedError(message) from None
        file.truncate(0)
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        file.write(f"pid {os.getpid()} on {socket.gethostname()}, since {since}")
        file.flush()
        yield
