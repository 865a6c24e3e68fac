"""A query that a user typed, in a thread of its own."""

import threading
import time

from loader.database.sessions import Answer, Session
from loader.errors import LoaderError
from loader.studio.context import Studio


class Job:
    """Run a query in a thread, so that the page does not wait.

    Args:
        studio: Gives the connections.
        text: The query.
        most: The most rows to return.
        seconds: The time after which the query is cancelled.
    """

    def __init__(self, studio: Studio, text: str, most: int, seconds: float) -> None:
        self.answer: Answer | LoaderError | None = None
        self._began, self._ended = time.monotonic(), 0.0
        self._session: Session | None = None

        def run() -> None:
            try:
                self.answer = self._ask(studio, text, most, seconds)
            except LoaderError as error:
                self.answer = error
            self._ended = time.monotonic()

        threading.Thread(target=run, daemon=True).start()

    @property
    def is_done(self) -> bool:
        """Whether there is an answer or an error."""
        return self._ended > 0

    @property
    def seconds(self) -> float:
        """How long it has run so far, or ran."""
        return (self._ended or time.monotonic()) - self._began

    def cancel(self) -> None:
        """Cancel the query if it runs."""
        if self._session and not self.is_done:
            self._session.cancel()

    def _ask(self, studio: Studio, text: str, most: int, seconds: float) -> Answer:
        with studio.tables.connections.reading(seconds) as session:
            self._session = session
            return session.ask(text, most)
