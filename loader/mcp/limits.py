"""Limits on the size of an answer."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

MOST_ROWS = 200
MOST_QUERY_ROWS = 1000
MOST_SECONDS = 60
MOST_CHARACTERS = 150_000  # of an answer
LONGEST_TEXT = 20_000  # characters of one text
_CUT = "… (cut)"

ModelT = TypeVar("ModelT", bound=BaseModel)


class Budget:
    """Counts the characters of an answer, and cuts it at the limit."""

    def __init__(self) -> None:
        self.is_cut = False
        self._left = MOST_CHARACTERS

    def text(self, text: str) -> str:
        """Return a text, cut if it is too long."""
        if len(text) <= LONGEST_TEXT:
            return text
        self.is_cut = True
        return text[:LONGEST_TEXT] + _CUT

    def fitting(self, items: Sequence[ModelT]) -> list[ModelT]:
        """Return the first items that fit; at least one, so that a caller makes progress."""
        kept: list[ModelT] = []
        for item in items:
            self._left -= len(item.model_dump_json())
            if kept and self._left < 0:
                break
            kept.append(item)
        return kept

    def rest(self, found: int, kept: int, offset: int) -> str | None:
        """Return how to get the rest; None if the answer is complete.

        Args:
            found: The number of items found.
            kept: The number of these in the answer.
            offset: The number of items skipped.
        """
        if kept < found:
            return f"Call again with offset={offset + kept}."
        if self.is_cut:
            return "A text is longer than an answer may be: read it in parts with `query`."
        return None
