"""Run tasks in local processes, one per processor."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import Self

from loader.errors import EngineError
from loader.extract.executors import AGAIN, Answer, Item
from loader.guards import terminal


class Processes:
    """See `Executor`.

    Args:
        count: Number of processes; by default one for each processor that this process may use.
    """

    keeps_parts = True

    def __init__(self, count: int | None = None) -> None:
        self.attempts = 0
        processors = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
        self._count = count or len(processors(0))  # macOS lacks sched_getaffinity
        # Spawn instead of fork, because Arrow and the object stores' libraries run threads.
        context = multiprocessing.get_context("spawn")
        self._pool = ProcessPoolExecutor(self._count, context, _begin)

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the processes and drop tasks that have not started."""
        self._pool.shutdown(cancel_futures=True)

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """See `Executor.map`."""
        rest = iter(items)
        under_way: set[Future[Answer]] = set()
        try:
            while True:
                for item in islice(rest, 2 * self._count - len(under_way)):
                    under_way.add(self._pool.submit(act, item))
                    self.attempts += 1
                if not under_way:
                    return
                done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool:
            message = (
                "A process of --engine local was killed, perhaps because it ran out of memory."
            )
            raise EngineError(f"{message}\n{AGAIN}") from None


def _begin() -> None:
    """Guard the output, ignore the terminal's interrupts, and end together with the parent."""
    terminal.guard()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := multiprocessing.parent_process():
        parent.join()
        os._exit(1)
