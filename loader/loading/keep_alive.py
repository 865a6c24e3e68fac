"""Keep the connection that holds the lock active during long uploads.

Neon suspends a database after five minutes without an active session, and ends its sessions.
"""

import time

from loader.database.warehouse import Warehouse
from loader.extract.options import Progress

_LONGEST_IDLE = 60.0  # seconds


class KeepAlive(Progress):
    """A progress that runs a query about once a minute."""

    def __init__(self, progress: Progress, warehouse: Warehouse) -> None:
        self._progress = progress
        self._warehouse = warehouse
        self._last = time.monotonic()

    def start(self, files: int) -> None:
        """Forward the call."""
        self._progress.start(files)

    def advance(self, size: int | None = None) -> None:
        """Forward the call, and run a query if the last one is too old."""
        self._progress.advance(size)
        if time.monotonic() - self._last > _LONGEST_IDLE:
            self._warehouse.fetch("select 1")
            self._last = time.monotonic()
