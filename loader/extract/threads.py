"""Run I/O-bound tasks in threads; yield results in order."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

_MOST_BYTES = 64 * 1024 * 1024

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(slots=True)
class Task(Generic[Item, Answer]):
    """A function to run for an item.

    Args:
        act: The function; None for no work.
        size: Bytes of the item in memory.
    """

    item: Item
    act: Callable[[], Answer] | None
    size: int = 0


class Threads(Generic[Item, Answer]):
    """Run tasks in threads.

    At most two tasks per thread, and about 64 MiB in total, are pending. The threads are
    daemons, so that an interrupted command ends immediately.

    Args:
        count: Number of threads; 0 to run each task in the calling thread.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._work: queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]] | None]
        self._work = queue.SimpleQueue()
        self._started = 0
        self._under_way: deque[tuple[Item, Future[Answer] | None, int]] = deque()
        self._size = 0

    def __enter__(self) -> Self:
        """Return the threads."""
        return self

    def __exit__(self, *error: object) -> None:
        """Stop the threads and drop tasks that have not started."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._work.get_nowait()
        for _ in range(self._started):
            self._work.put(None)

    def put(self, task: Task[Item, Answer]) -> Iterator[tuple[Item, Answer | None]]:
        """Start a task; yield the finished items in order, each with its answer.

        Raises:
            BaseException: The error of the next task in order.
        """
        if not self._count:
            yield task.item, task.act() if task.act else None
            return
        future: Future[Answer] | None = None
        if task.act:
            future = Future()
            self._work.put((future, task.act))
            if self._started < self._count:
                self._started += 1
                threading.Thread(target=_work, args=(self._work,), daemon=True).start()
        self._under_way.append((task.item, future, task.size))
        self._size += task.size
        while self._under_way and (
            len(self._under_way) >= 2 * self._count
            or self._size >= _MOST_BYTES
            or _is_done(self._under_way[0][1])
        ):
            yield self._next()

    def rest(self) -> Iterator[tuple[Item, Answer | None]]:
        """Yield the remaining items, each with its answer; raise like `put`."""
        while self._under_way:
            yield self._next()

    def _next(self) -> tuple[Item, Answer | None]:
        item, future, size = self._under_way.popleft()
        self._size -= size
        return item, future.result() if future else None


def in_order(
    tasks: Iterable[Task[Item, Answer]], count: int
) -> Generator[tuple[Item, Answer | None], None, None]:
    """Run tasks in threads with a small look-ahead; yield each item with its answer.

    Args:
        tasks: The tasks, drawn in this thread on demand.
        count: Number of threads; 0 to run each task in this thread.

    Raises:
        BaseException: The error of the next task in order; later tasks are not started.
    """
    with Threads[Item, Answer](count) as threads:
        for task in tasks:
            yield from threads.put(task)
        yield from threads.rest()


def _is_done(future: "Future[Any] | None") -> bool:
    return future is None or future.done()


def _work(work: "queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]] | None]") -> None:
    while task := work.get():
        future, act = task
        try:
            future.set_result(act())
        except BaseException as error:  # noqa: BLE001 - raised again when the result is read
            future.set_exception(error)
