"""Wait between tries.

tenacity 9.2 would do, but it imports tornado if that is there: 50 ms for each command.
"""

import time
from collections.abc import Iterable


class Retry:
    """Waits between tries, as long as patience lasts.

    Args:
        patience: Seconds from now until the last try begins.
        pauses: Seconds to wait after each try.
        least: How many tries there are, however long they take.
        most_asked: Seconds that the other side may ask to wait, beside patience.
    """

    def __init__(
        self, patience: float, pauses: Iterable[float], *, least: int = 1, most_asked: float = 0
    ) -> None:
        self.tries = 0
        self._began = time.monotonic()
        self._patience = patience
        self._pauses = iter(pauses)
        self._least = least
        self._most_asked = most_asked
        self._asked = 0.0

    @property
    def seconds(self) -> float:
        """Seconds since the first try began."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Seconds until patience ends."""
        return self._patience + self._asked - self.seconds

    def wait(self, asked: float = 0) -> bool:
        """Wait for the next try; return False, at once, if patience has ended.

        Args:
            asked: Seconds that the other side asks to wait. Patience grows by them.
        """
        self.tries += 1
        self._asked += asked
        pause = max(next(self._pauses), asked)
        is_over = self._asked > self._most_asked or (
            self.tries >= self._least and pause > self.left
        )
        if not is_over:
            time.sleep(pause)
        return not is_over
