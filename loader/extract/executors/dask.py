"""Run tasks on a Dask cluster.

A cluster runs any code that it receives: everybody who reaches its scheduler has its workers'
rights.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from itertools import islice
from typing import Any, Self

from distributed import Client, Future, as_completed, get_worker
from distributed.scheduler import KilledWorker

from loader.errors import EngineError
from loader.extract.executors import AGAIN, Answer, Item

_ATTEMPTS = "orchestrator-attempts"
_PATIENCE = 30  # seconds until a scheduler counts as unreachable
_UNKNOWN = "deserialization of the task"  # the error of a scheduler that cannot import the loader
_AHEAD = 2  # submitted tasks per thread of the cluster


class DaskCluster:
    """See `Executor`.

    Args:
        address: The scheduler's address. For `tls://`, Dask's configuration names the certificates.

    Raises:
        EngineError: The scheduler cannot be reached, or has no worker.
    """

    keeps_parts = True

    def __init__(self, address: str) -> None:
        self._address = address
        self._begun = self._answered = 0
        # Our error already reports a lost connection.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        try:
            self._client = Client(address, timeout=_PATIENCE, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise EngineError(self._problem(error)) from error
        try:
            self._client.wait_for_workers(1, timeout=_PATIENCE)
        except TimeoutError:
            self._client.close()
            message = (
                f"The cluster at {address} has no worker."
                f" Start one: python -m dask worker {address}"
            )
            raise EngineError(message) from None
        self._client.subscribe_topic(_ATTEMPTS, self._count)

    def __enter__(self) -> Self:
        """Return the executor."""
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect from the cluster."""
        self._client.close()

    @property
    def attempts(self) -> int:
        """See `Executor`. The cluster reports a started task with a delay."""
        return max(self._begun, self._answered)

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """See `Executor.map`. A task is retried on another worker if its worker dies."""
        rest = iter(items)
        under_way = as_completed(loop=self._client.loop)
        count = 0
        try:
            while True:
                limit = _AHEAD * max(1, sum(self._client.nthreads().values()))
                for item in islice(rest, max(0, limit - count)):
                    under_way.add(self._client.submit(_attempt, act, item, pure=False))
                    count += 1
                if not count:
                    return
                future: Future[Answer] = next(under_way)
                count -= 1
                self._answered += 1
                answer: Answer = future.result()
                future.release()
                yield answer
        except (KilledWorker, CancelledError, OSError) as error:
            raise EngineError(self._problem(error)) from error
        except (RuntimeError, ModuleNotFoundError) as error:
            if isinstance(error, RuntimeError) and _UNKNOWN not in str(error):
                raise
            message = (
                f"The cluster at {self._address} has another version of the loader. Start scheduler"
                " and workers in clones of the same version: python -m dask scheduler, python -m"
                f" dask worker {self._address}\n{AGAIN}"
            )
            raise EngineError(message) from error

    def _count(self, _: Any) -> None:  # noqa: ANN401 - Dask's event
        self._begun += 1

    def _problem(self, error: Exception) -> str:
        what = str(error).strip().partition("\n")[0] or type(error).__name__
        return f"Cannot use the cluster at {self._address}: {what}\n{AGAIN}"


def _attempt(act: Callable[[Item], Answer], item: Item) -> Answer:
    worker = get_worker()
    worker.log_event(_ATTEMPTS, worker.address)
    return act(item)
