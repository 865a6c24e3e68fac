"""Query the database for a tool: one connection per call, and errors for callers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from loader.database.environment import check
from loader.database.refusals import is_missing
from loader.database.sessions import Session, Sessions
from loader.database.warehouse import Warehouse
from loader.errors import LoaderError, WarehouseError
from loader.reading import Reader
from loader.settings import Settings, redacted

ResultT = TypeVar("ResultT")

_AT_ONCE = 4  # connections to PostgreSQL
_BUILT = "select 1 from information_schema.tables where table_schema = %s and table_name = 'teams'"


class Service:
    """The database access that the tools share.

    Args:
        settings: The settings of the target.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.sessions = Sessions(settings)
        # All connections of a process to a DuckDB file need the same options.
        self._turn = threading.BoundedSemaphore(_AT_ONCE if settings.database else 1)
        self._is_checked = False

    def ask(self, question: Callable[[Session], ResultT]) -> ResultT:
        """Answer a question over a connection of its own.

        Raises:
            WarehouseError: The query failed; the message has the next command.
        """
        with self._explaining(), self.sessions.reading() as session:
            return question(session)

    def ask_reader(self, question: Callable[[Reader], ResultT]) -> ResultT:
        """Do as `ask`, with a Reader."""
        with self._explaining(), Reader(self.settings) as reader:
            return question(reader)

    def ask_sessions(self, question: Callable[[Sessions], ResultT]) -> ResultT:
        """Do as `ask`, for a question that opens its connection itself."""
        with self._explaining(is_typed=True):
            return question(self.sessions)

    @contextmanager
    def _explaining(self, *, is_typed: bool = False) -> Iterator[None]:
        """Add the next command if the tables are not built yet, and hide secrets.

        Args:
            is_typed: Whether a caller wrote the statement, which may name nonexistent tables.
        """
        with self._turn:
            try:
                self._check_environment()
                yield
            except LoaderError as error:
                message = str(error)
                if is_missing(message) and not (is_typed and self._is_built()):
                    first = message.partition("\n")[0]
                    target = self.settings.target
                    message = f"{first}\nBuild the tables first: dbt build --target {target}"
                raise WarehouseError(self.settings.redacted(redacted(message))) from error

    def _check_environment(self) -> None:
        """Refuse the database of another environment, if it has recorded one."""
        if self._is_checked:
            return
        with Warehouse(self.settings, is_read_only=True) as warehouse:
            # A reader role may not see it.
            is_visible = "environment" not in warehouse.unreadable("bookkeeping")
            name = is_visible and check(warehouse, self.settings.target, is_adopting=False)
            self._is_checked = name is not None

    def _is_built(self) -> bool:
        with self.sessions.reading() as session:
            return bool(session.fetch(_BUILT, [self.settings.final_schema]).rows)
