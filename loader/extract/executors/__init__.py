"""Executors run the extract tasks: in this process, in local processes, or on a cluster.

A task is a module-level function and one argument; both are pickled. An executor runs each task at
least once. A task may run again after it ended, or in parallel with itself.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from loader.errors import SettingsError
from loader.project import how_to_install

LOCAL = "local"
CLUSTERS = ("tcp://", "tls://")
AGAIN = "Run the same command again: finished parts are not extracted twice."

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Executor(Protocol):
    """Runs tasks.

    Args:
        keeps_parts: Whether to keep the parts of a run that does not finish, because runs may take
            hours.
    """

    keeps_parts: bool

    @property
    def attempts(self) -> int:
        """Return the number of started tasks, including repeated ones."""

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """Yield the answers, in any order.

        Args:
            act: The task's function.
            items: The arguments, drawn on demand; few are held at a time.

        Raises:
            LoaderError: A task raised it, or the executor cannot continue.
        """


class InProcess:
    """Run each task in this process, one after the other."""

    keeps_parts = False
    attempts = 0  # each task starts once

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """See `Executor.map`."""
        return map(act, items)


def open_executor(name: str) -> AbstractContextManager[Executor]:
    """Open the executor named by `--engine`; the context closes it.

    Args:
        name: `local` for local processes, or a Dask scheduler's address.

    Raises:
        EngineError: The executor cannot be reached.
        SettingsError: The executor is unknown or not installed.
    """
    if name == LOCAL:
        from loader.extract.executors.processes import Processes  # noqa: PLC0415 - few runs need it

        return Processes()
    if not name.startswith(CLUSTERS):
        message = f"Unknown engine {name!r}. Use local, tcp://HOST:PORT or tls://HOST:PORT."
        raise SettingsError(message)
    try:
        from loader.extract.executors.dask import DaskCluster  # noqa: PLC0415 - few runs need it
    except ImportError:
        raise SettingsError(f"--engine needs Dask: {how_to_install('dask')}") from None
    return DaskCluster(name)
