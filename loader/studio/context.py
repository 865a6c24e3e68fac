"""What every page of the studio needs: the database, and how the studio was started."""

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
    """A studio that runs.

    Args:
        settings: Name the database.
        is_writing: Whether tables may be edited.
        port: Where it listens on this machine.
        token: What a browser must have.
        seeds: The folder of the seeds' files.
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
        """Connect nothing yet."""
        self.sessions = Sessions(self.settings)

    @cached_property
    def tables(self) -> "Tables":
        """The tables of the database."""
        from loader.studio.tables import Tables  # noqa: PLC0415 - their contracts take a while

        return Tables(self.sessions, self.settings.triggered_by)

    @property
    def place(self) -> str:
        """The database, without its password."""
        if self.settings.database:
            return str(self.settings.database)
        return self.settings.duckdb_path.name

    @contextmanager
    def reading(self, timeout: float = 30.0) -> Iterator[Session]:
        """Yield a session that cannot write.

        Args:
            timeout: Seconds until what runs is ended.

        Raises:
            NotReadyError: The database is not ready; the page of the error says what to do.
            LoaderError: The database refused a statement.
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
        """Return whether the content tables are there."""
        return self._knows("contents", lambda: situations.has_contents(session))

    def check_contents(self, session: Session) -> None:
        """Refuse a page that needs the content tables, if they are missing.

        Raises:
            NotReadyError: They are missing.
        """
        self._knows("contents", lambda: situations.check_contents(session, self.settings))

    def can_read_raw(self, session: Session) -> bool:
        """Return whether the role may read loads and rejections."""
        return self._knows("raw", lambda: loads.can_read(session))

    def _knows(self, fact: str, ask: Callable[[], bool]) -> bool:
        """Return a fact. Once it is true it is remembered: asking costs as much as a page."""
        if fact not in self._known and ask():
            self._known.add(fact)
        return fact in self._known
