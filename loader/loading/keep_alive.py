"""Keeping the connection that holds the lock from being idle while long uploads go on.

Neon suspends a database whose sessions are all idle for five minutes, and ends them.
"""

import time

from loader.database.warehouse import Warehouse
from loader.extract.options import Progress

_LONGEST_IDLE = 60.0  # seconds


class KeepAlive(Progress):
    """Progress that asks the database for something about once a minute."""

    def __init__(self, progress: Progress, warehouse: Warehouse) -> None:
        self._progress = progress
        self._warehouse = warehouse
        self._last = time.monotonic()

    def start(self, files: int) -> None:
        """Pass it on."""
        self._progress.start(files)

    def advance(self, size: int | None = None) -> None:
        """Pass it on, and ask if it is time."""
        self._progress.advance(size)
        if time.monotonic() - self._last > _LONGEST_IDLE:
            self._warehouse.fetch("select 1")
            self._last = time.monotonic()
