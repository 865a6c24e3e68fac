"""Work that waits for others, done in threads, its results taken in order."""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

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


def in_order(
    tasks: Iterable[Task[Item, Answer]], threads: int, *, is_joined: bool = False
) -> Generator[tuple[Item, Answer | None], None, None]:
    """Do tasks in threads, looking ahead a little, and give each item with its answer.

    The threads are daemons: an interrupted command ends at once, whatever they wait for.

    Args:
        tasks: Drawn in this thread, as they are needed: at most twice as many as there are
            threads, and of about 64 MiB, are under way.
        threads: How many; 0 to do each task here, as its turn comes.
        is_joined: Whether to wait, also at an early end, until the threads have ended.

    Raises:
        BaseException: What the next task in order raised; the rest is not begun.
    """
    if not threads:
        for task in tasks:
            yield task.item, task.act() if task.act else None
        return
    work: queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]] | None]
    work = queue.SimpleQueue()
    started: list[threading.Thread] = []
    under_way: deque[tuple[Item, Future[Answer] | None, int]] = deque()
    size = 0
    try:
        for task in tasks:
            future: Future[Answer] | None = None
            if task.act:
                future = Future()
                work.put((future, task.act))
                if len(started) < threads:
                    started.append(threading.Thread(target=_work, args=(work,), daemon=True))
                    started[-1].start()
            under_way.append((task.item, future, task.size))
            size += task.size
            while under_way and (
                len(under_way) >= 2 * threads or size >= _MOST_BYTES or _is_done(under_way[0][1])
            ):
                item, future, its_size = under_way.popleft()
                yield item, future.result() if future else None
                size -= its_size
        while under_way:
            item, future, _ = under_way.popleft()
            yield item, future.result() if future else None
    finally:
        _drain(work)  # so that an early end begins nothing more
        for _ in started:
            work.put(None)
        for thread in started if is_joined else ():
            thread.join()


def _is_done(future: "Future[Answer] | None") -> bool:
    return future is None or future.done()


def _drain(work: "queue.SimpleQueue[Any]") -> None:
    with contextlib.suppress(queue.Empty):
        while True:
            work.get_nowait()


def _work(work: "queue.SimpleQueue[tuple[Future[Answer], Callable[[], Answer]] | None]") -> None:
    while task := work.get():
        future, act = task
        try:
            future.set_result(act())
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is taken
            future.set_exception(error)
