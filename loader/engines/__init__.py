"""Who does the tasks of a run: this process, some of this machine, or a cluster.

A task is a function of a module and one argument; both are pickled. An engine does each at least
once: a task may begin anew, also after it ended, and beside itself.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from loader.errors import SettingsError

LOCAL = "local"
CLUSTERS = ("tcp://", "tls://")
AGAIN = "Nothing is lost: run the same command again, it goes on where this one stopped."

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Engine(Protocol):
    """See the module."""

    @property
    def attempts(self) -> int:
        """How many tasks have been begun, also anew."""

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """The answers, in any order.

        Args:
            act: The task's function.
            items: Its arguments, drawn as they are needed: few are held at a time.

        Raises:
            LoaderError: A task raised it, or the engine cannot go on.
        """


class Here:
    """Does each task in this process, one after the other."""

    def __init__(self) -> None:
        self.attempts = 0

    def map(self, act: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """See `Engine.map`."""
        for item in items:
            self.attempts += 1
            yield act(item)


def open_engine(name: str) -> AbstractContextManager[Engine]:
    """The engine of a name, until the context ends.

    Args:
        name: `local` for processes of this machine, or a Dask scheduler's address.

    Raises:
        EngineError: It cannot be reached.
        SettingsError: There is no such engine, or it is not installed.
    """
    if name == LOCAL:
        from loader.engines.processes import Processes  # noqa: PLC0415 - few runs need it

        return Processes()
    if not name.startswith(CLUSTERS):
        message = f"--engine {name} is none. Use local, tcp://HOST:PORT or tls://HOST:PORT."
        raise SettingsError(message)
    try:
        from loader.engines.cluster import Cluster  # noqa: PLC0415 - likewise
    except ImportError:
        message = "--engine needs Dask here. Install it: pip install 'orchestrator-elt[dask]'"
        raise SettingsError(message) from None
    return Cluster(name)
