"""Executors run the extract tasks: in this process, in processes of this machine, or on a cluster.

A task is a function of a module and one argument; both are pickled. An executor runs each at least
once: a task may be repeated, also after it ended, and beside itself.
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
        keeps_parts: Whether a run may take hours, so that its parts are kept if it does not finish.
    """

    keeps_parts: bool

    @property
    def attempts(self) -> int:
        """How many tasks have been begun, repeated ones included."""

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """Yield the answers, in any order.

        Args:
            act: The task.
            items: Its arguments, drawn as they are needed; few are held at a time.

        Raises:
            LoaderError: A task raised it, or the executor cannot go on.
        """


class InProcess:
    """Runs each task in this process, one after the other."""

    keeps_parts = False
    attempts = 0  # of its own: each task is begun once

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """See `Executor.map`."""
        return map(act, items)


def open_executor(name: str) -> AbstractContextManager[Executor]:
    """The executor that `--engine` names, until the context ends.

    Args:
        name: `local` for processes of this machine, or a Dask scheduler's address.

    Raises:
        EngineError: It cannot be reached.
        SettingsError: There is no such executor, or it is not installed.
    """
    if name == LOCAL:
        from loader.extract.executors.processes import Processes  # noqa: PLC0415 - few runs need it

        return Processes()
    if not name.startswith(CLUSTERS):
        message = f"Unknown engine {name!r}. Use local, tcp://HOST:PORT or tls://HOST:PORT."
        raise SettingsError(message)
    try:
        from loader.extract.executors.dask import DaskCluster  # noqa: PLC0415 - likewise
    except ImportError:
        raise SettingsError(f"--engine needs Dask: {how_to_install('dask')}") from None
    return DaskCluster(name)
