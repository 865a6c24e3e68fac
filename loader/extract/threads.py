"""Run I/O-bound tasks in threads, and take their results in order."""

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
    """What to do with an item.

    Args:
        item: The item.
        act: What to do; None for nothing.
        size: Bytes that the item holds in memory.
    """

    item: Item
    act: Callable[[], Answer] | None
    size: int = 0


class Threads(Generic[Item, Answer]):
    """Runs tasks in threads.

    At most twice as many tasks as there are threads, and of about 64 MiB, are under way. The
    threads are daemons: an interrupted command ends at once, whatever they wait for.

    Args:
        count: How many; 0 to do each task in the calling thread.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._work: queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]] | None]
        self._work = queue.SimpleQueue()
        self._started = 0
        self._under_way: deque[tuple[Item, Future[Answer] | None, int]] = deque()
        self._size = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Let the threads end; tasks that none has begun are dropped."""
        with contextlib.suppress(queue.Empty):
            while True:
                self._work.get_nowait()
        for _ in range(self._started):
            self._work.put(None)

    def put(self, task: Task[Item, Answer]) -> Iterator[tuple[Item, Answer | None]]:
        """Begin a task; yield the items, each with its answer, whose turn has come.

        Raises:
            BaseException: What the next task in order raised.
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
        """Yield the items that are left, each with its answer; raise as `put` does."""
        while self._under_way:
            yield self._next()

    def _next(self) -> tuple[Item, Answer | None]:
        item, future, size = self._under_way.popleft()
        self._size -= size
        return item, future.result() if future else None


def in_order(
    tasks: Iterable[Task[Item, Answer]], count: int
) -> Generator[tuple[Item, Answer | None], None, None]:
    """Do tasks in threads, looking ahead a little, and yield each item with its answer.

    Args:
        tasks: Drawn in this thread, as they are needed.
        count: How many threads; 0 to do each task here, as its turn comes.

    Raises:
        BaseException: What the next task in order raised; the rest is not begun.
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
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is taken
            future.set_exception(error)
