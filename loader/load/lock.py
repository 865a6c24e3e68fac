"""One writer: a file lock on this machine, an advisory lock in PostgreSQL."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from loader.database.environment import check, claim
from loader.database.locks import become_writer
from loader.database.warehouse import Warehouse
from loader.errors import LockedError
from loader.private import close_to_others
from loader.settings import Settings


@contextlib.contextmanager
def only_writer(
    settings: Settings, *, remembers_target: bool = False, is_adopting: bool = False
) -> Iterator[Warehouse]:
    """Take the locks and yield the target's database.

    Args:
        settings: Which database.
        remembers_target: Have it remember the target as its environment.
        is_adopting: Accept a database of another environment.

    Raises:
        LockedError: Another process holds a lock.
        WarehouseError: The database cannot be reached, or is another environment's.
    """
    with _file_lock(settings), Warehouse(settings) as warehouse:
        become_writer(warehouse)
        known = check(warehouse, settings.target, is_adopting=is_adopting)
        if remembers_target and known != settings.target:
            claim(warehouse, settings.target)
        yield warehouse


def _regain(folder: Path) -> None:
    """Make a folder of our state readable and writable again, for its user alone."""
    with suppress(OSError):
        folder.chmod(0o700)
        for entry in os.scandir(folder):
            if entry.is_dir(follow_symlinks=False):
                _regain(Path(entry.path))


@contextlib.contextmanager
def _file_lock(settings: Settings) -> Iterator[None]:
    """Be the one run on this machine. The lock of a dead process is free."""
    close_to_others(settings.warehouse_dir)
    for folder in (
        settings.working_dir,
        settings.runs_dir.parent,
        settings.warehouse_dir / "parts",
    ):
        _regain(folder)
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
            message = f"locked by {holder}. Wait for it to end, then run the command again."
            raise LockedError(message) from None
        file.truncate(0)
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        file.write(f"pid {os.getpid()} on {socket.gethostname()}, since {since}")
        file.flush()
        yield
