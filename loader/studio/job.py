"""Run queries that users typed, each in a thread."""

import secrets
import threading
import time
from collections import OrderedDict

from loader.database.answers import Answer
from loader.database.sessions import Session, Sessions
from loader.errors import LoaderError, WarehouseError

_MOST_RUNNING = 4
_MOST_KEPT = 12  # answers
_MOST_CHARACTERS = 5_000_000  # of an answer


class Job:
    """A query in a thread, so that pages do not wait for it.

    Args:
        sessions: Connect to the database.
        text: The query's text.
        most: The maximum number of rows.
        seconds: The time limit.
    """

    def __init__(self, sessions: Sessions, text: str, most: int, seconds: float) -> None:
        self.id = secrets.token_urlsafe(9)
        self.text, self.most = text, most
        self.answer: Answer | None = None
        self.error: LoaderError | None = None
        self._began, self._ended = time.monotonic(), 0.0
        self._session: Session | None = None
        self._is_cancelled = False
        self._done = threading.Event()
        threading.Thread(target=self._run, args=(sessions, seconds), daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether there is a result or an error."""
        return self._done.is_set()

    @property
    def seconds(self) -> float:
        """The running time so far, or in total."""
        return (self._ended or time.monotonic()) - self._began

    def wait(self, seconds: float) -> bool:
        """Wait for the query up to a number of seconds; return whether it is done."""
        return self._done.wait(seconds)

    def cancel(self) -> None:
        """Cancel the query if it is running."""
        self._is_cancelled = True
        if self._session and not self.is_done:
            self._session.cancel()

    def _run(self, sessions: Sessions, seconds: float) -> None:
        try:
            with sessions.reading(seconds) as session:
                self._session = session
                if self._is_cancelled:
                    raise WarehouseError("The query was cancelled before it began.")
                self.answer = session.ask(self.text, self.most, _MOST_CHARACTERS)
        except LoaderError as error:
            self.error = error
        finally:
            self._session = None
            self._ended = time.monotonic()
            self._done.set()


class Jobs:
    """The running queries of a studio, and the latest results."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, sessions: Sessions, text: str, most: int, seconds: float) -> Job:
        """Start a query.

        Raises:
            WarehouseError: Too many queries are running.
        """
        with self._lock:
            if sum(not job.is_done for job in self._jobs.values()) >= _MOST_RUNNING:
                message = f"{_MOST_RUNNING} queries are running: cancel one, or wait for it to end."
                raise WarehouseError(message)
            job = Job(sessions, text, most, seconds)
            self._jobs[job.id] = job
            done = [id_ for id_, each in self._jobs.items() if each.is_done]
            for id_ in done[: max(0, len(self._jobs) - _MOST_KEPT)]:
                del self._jobs[id_]
            return job

    def get(self, id_: str) -> Job | None:
        """Return a query by its id; None if it is no longer kept."""
        with self._lock:
            return self._jobs.get(id_)
