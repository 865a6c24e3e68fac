"""Wait between retries.

Hand-written because tenacity 9.2 imports tornado if it is installed: 50 ms for each command.
"""

import time
from collections.abc import Iterable


class Retry:
    """Wait between retries until a time limit.

    Args:
        patience: Seconds from now until the last try begins.
        pauses: Seconds to wait after each try.
        least: The minimum number of tries, even beyond the patience.
        most_asked: Maximum seconds that the server may ask to wait, in addition to the patience.
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
        """Return the seconds since the first try began."""
        return time.monotonic() - self._began

    @property
    def left(self) -> float:
        """Return the remaining seconds."""
        return self._patience + self._asked - self.seconds

    def wait(self, asked: float = 0) -> bool:
        """Wait for the next try; return False immediately if no time is left.

        Args:
            asked: Seconds that the server asks to wait. They extend the patience.
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
