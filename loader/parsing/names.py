"""Parse people's names in daily reports."""

import re
import unicodedata
from collections.abc import Callable
from typing import TypeVar

from loader.parsing.people import is_nobody
from loader.parsing.rejections import Reason
from loader.parsing.text import SPACES, WHITE_SPACE
from loader.parsing.values import AuthorName

LONGEST_NAME = 200
_LONGEST_REMEMBERED = 500  # bytes per cached line, and number of cached lines
_MOST_REMEMBERED = 4096
DASH = "\N{EM DASH}"
UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_ENTRY_DASH = re.compile(f"[{WHITE_SPACE}]{DASH}[{WHITE_SPACE}]")
Answer = TypeVar("Answer")


class RejectedDayError(Exception):
    """A day that cannot be stored."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


class Remembered(dict[bytes, Answer]):
    """A cache of a function's results for recent lines.

    Args:
        function: The function; its errors are raised.
    """

    def __init__(self, function: Callable[[bytes], Answer]) -> None:
        super().__init__()
        self._function = function

    def __missing__(self, line: bytes) -> Answer:
        answer = self._function(line)
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        if len(line) <= _LONGEST_REMEMBERED:
            self[line] = answer
        return answer


def split_entry(text: str) -> tuple[str, str] | None:
    """Return the employee and the project in ` {Employee} — {Project}`; None for another form."""
    dash = _ENTRY_DASH.search(text)
    project = text[dash.end() :].strip(WHITE_SPACE) if dash else ""
    return (text[: dash.start()], project) if dash and project else None


def _entry_name(line: bytes) -> AuthorName | None:
    """Return the employee in ` {Employee} — {Project}`; None for another form."""
    entry = split_entry(line.decode())
    return _name(entry[0].encode()) if entry else None


def _name(raw: bytes) -> AuthorName | None:
    """Return a person's name in its stored form; None for an empty name or a placeholder.

    Raises:
        RejectedDayError: The text is too long for a name.
    """
    name = UNSEEN.sub("", SPACES.sub(" ", raw.decode())).strip(WHITE_SPACE)
    for mark in ("**", "__"):
        name = name.removesuffix(mark).removeprefix(mark)
    name = SPACES.sub(" ", name.strip(WHITE_SPACE))
    # Normalizing combining characters is quadratic. One character replaces at most four.
    if len(name) <= 4 * LONGEST_NAME:
        name = unicodedata.normalize("NFC", name)
    if is_nobody(name):
        return None
    if len(name) > LONGEST_NAME:
        raise RejectedDayError(Reason.NAME_TOO_LONG, f"the name has {len(name)} characters")
    return AuthorName(name) if name else None


NAMES = Remembered(_name)
ENTRY_NAMES = Remembered(_entry_name)
