"""Find the position of a database error in a query."""

import re
import unicodedata
from dataclasses import dataclass

_LINE = re.compile(r"^LINE (?P<number>\d+): (?P<shown>.*)\n(?P<spaces>[ \t]*)\^", re.MULTILINE)
_QUOTED = re.compile(r"\n+LINE \d+: .*\n[ \t]*\^[\^~]*")
_WORD = re.compile(r"\w+|\S")


@dataclass(frozen=True, slots=True)
class Spot:
    """A place in a text.

    Args:
        before: The text before it.
        word: The word at the position.
        after: The text after it.
        line: Its line, from 1.
        column: The position in the line, from 1.
    """

    before: str
    word: str
    after: str
    line: int
    column: int


def spot_of(text: str, error: BaseException) -> Spot | None:
    """Return the position that an error gives; None if it gives none.

    Args:
        text: The query as sent to the database.
        error: Our error, whose cause is the driver's.
    """
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is not None:  # PostgreSQL counts characters
        position = getattr(diagnosis, "statement_position", None)
        return _spot(text, int(position) - 1) if position else None
    found = _LINE.search(str(error))
    lines = text.split("\n")
    if not found or int(found["number"]) > len(lines):
        return None
    number = int(found["number"]) - 1
    line, shown = lines[number], found["shown"].rstrip("\r")
    column = len(found["spaces"]) - len(f"LINE {found['number']}: ")
    if shown.startswith("..."):
        shown, column = shown[3:], column - 3
    begin = line.find(shown.removesuffix("...").rstrip())
    if begin < 0 or column < 0:
        return None
    start = sum(len(each) + 1 for each in lines[:number])
    return _spot(text, start + begin + _characters(shown, column))


def without_place(message: str) -> str:
    """Return an error's message without the quoted line of the query."""
    return _QUOTED.sub("", message.removeprefix("the database refused a statement: ")).strip()


def _characters(text: str, width: int) -> int:
    """Return the number of characters in some terminal columns; DuckDB gives a tab no width."""
    for number, character in enumerate(text):
        if width <= 0 and character != "\t":
            return number
        is_wide = unicodedata.east_asian_width(character) in "WF"
        width -= 0 if character == "\t" else 2 if is_wide else 1
    return len(text)


def _spot(text: str, position: int) -> Spot | None:
    if not 0 <= position <= len(text):
        return None
    word = _WORD.match(text, position)
    end = word.end() if word else position
    line = text.count("\n", 0, position)
    column = position - (text.rfind("\n", 0, position) + 1)
    return Spot(text[:position], text[position:end], text[end:], line + 1, column + 1)
