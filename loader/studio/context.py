"""The context of every page: the database, and the studio's options."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from loader.database.sessions import Session, Sessions
from loader.errors import LoaderError, SearchError
from loader.project import find_seeds
from loader.questions import loads
from loader.questions.names import UnknownNameError
from loader.settings import Settings
from loader.studio import situations
from loader.studio.job import Jobs

if TYPE_CHECKING:
    from loader.studio.tables import Tables


@dataclass
class Studio:
    """A running studio.

    Args:
        settings: The settings of the target.
        is_writing: Whether tables may be edited.
        port: The port on this machine.
        token: The token that a browser must have.
        seeds: The folder of the seed files.
    """

    settings: Settings
    is_writing: bool
    port: int
    token: str
    seeds: Path = field(default_factory=find_seeds)
    sessions: Sessions = field(init=False)
    jobs: Jobs = field(init=False, default_factory=Jobs)
    _known: set[str] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        """Prepare the connections; open none."""
        self.sessions = Sessions(self.settings)

    @cached_property
    def tables(self) -> "Tables":
        """The tables of the database."""
        from loader.studio.tables import Tables  # noqa: PLC0415 - loading the contracts takes time

        return Tables(self.sessions, self.settings.triggered_by)

    @property
    def place(self) -> str:
        """The database's address, without its password."""
        if self.settings.database:
            return str(self.settings.database)
        return self.settings.duckdb_path.name

    @contextmanager
    def reading(self, timeout: float = 30.0) -> Iterator[Session]:
        """Yield a read-only session.

        Args:
            timeout: The time limit of a statement in seconds.

        Raises:
            NotReadyError: The database is not ready; the error page has the next command.
            LoaderError: The database rejected a statement.
        """
        try:
            with self.sessions.reading(timeout) as session:
                self._knows("ready", lambda: situations.check(session, self.settings))
                yield session
        except (situations.NotReadyError, UnknownNameError, SearchError):
            raise
        except LoaderError as error:
            self._known.clear()
            raise situations.explained(error, self.settings) from error

    def has_contents(self, session: Session) -> bool:
        """Return whether the content tables exist."""
        return self._knows("contents", lambda: situations.has_contents(session))

    def check_contents(self, session: Session) -> None:
        """Raise an error for a page that needs the content tables if they are missing.

        Raises:
            NotReadyError: The content tables are missing.
        """
        self._knows("contents", lambda: situations.check_contents(session, self.settings))

    def can_read_raw(self, session: Session) -> bool:
        """Return whether the role may read loads and rejections."""
        return self._knows("raw", lambda: loads.can_read(session))

    def _knows(self, fact: str, ask: Callable[[], bool]) -> bool:
        """Return a fact. Remember it once it is true: the query takes as long as a page."""
        if fact not in self._known and ask():
            self._known.add(fact)
        return fact in self._known
