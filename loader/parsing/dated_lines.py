"""The lines of a daily report that have a date: headings, and lines that are only a date."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from operator import attrgetter

from loader.parsing.headings import OTHER, Heading, HeadingKind, read_heading
from loader.parsing.names import LONGEST_NAME, Remembered
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import WHITE_SPACE, stripped

DEEPEST = 3  # level of a heading that can be a day
LINE = 7  # the level of a day that begins with a line instead of a heading
_DAYS = {HeadingKind.DAY, HeadingKind.PARTIAL}
_MOST_LOOKED_AT = 2000  # lines
_NO_LEVEL = 9  # a heading in a quote, a list or a code block, or without a space behind its marks
_NO_ROOM = "\u200b-\u200d\u2060\ufeff"  # characters that take no room
# The literal beginnings are what makes these fast; each date has a digit, of ASCII or not.
_TOP = re.compile(rb"\n#(#?)([^\n#][^\n]*)")
_DEEP = re.compile(rb"\n##(#+)([^\n#\d\x80-\xff]*+[\d\x80-\xff][^\n]*)")
_BEFORE_MARKS = rb"(?:[ \t>*+-]|\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0|\xef\xbb\xbf)"
_ANY = re.compile(rb"\n(%b*+)(#{1,6})([^\n#][^\n]*)" % _BEFORE_MARKS)
# Headings that do not begin their line, and lines that may underline one.
_UNUSUAL = re.compile(rb"\n(?:%b++#|--|==)" % _BEFORE_MARKS)
_MARGIN = re.compile(f"[{_NO_ROOM}]*(?: [{_NO_ROOM}]*){{0,3}}")
_MARKED = re.compile(f"[{_NO_ROOM}]*[{WHITE_SPACE}]")
# A blank line or a heading is above it: a line of a paragraph is not a heading.
_UNDERLINED = re.compile(rb"\n(?:[ \t]*+|#[^\n]*)\n([^\n]+)\n {0,3}(=+|-+)[ \t]*+(?=\n|\Z)")
_BLOCK = re.compile(rb"[ \t]*(?:[#>|]|[-*+][ \t]|\d{1,9}[.)][ \t])|    |\t")
_LINE_WITH_DIGIT = re.compile(rb"\n([^\n\d]{0,200}\d[^\n]{0,500})")
_LONE_LINE = re.compile(
    rb"\n[ \t]*+\n(?![#-])(?=[^\n]*[\d\x80-\xff])([^\n]{5,200})(?=\n[ \t]*+(?:\n|\Z)|\Z)"
)


@dataclass(slots=True)
class DatedLine:
    """A line with a date.

    Args:
        start: Offset of the line feed before it, in the searchable text.
        end: Where it ends, with its underline.
        level: How many `#` it has, or `LINE`.
        heading: What it says.
        number: Its line, from 1.
        text: Its text without marks, trimmed.
        day: The day that it begins; None if it is not known.
        problem: Why it begins no day, although it is shaped like a date.
        is_day_first: Whether its numbers are read day first, because there is no such month.
    """

    start: int
    end: int
    level: int
    heading: Heading
    text: bytes
    number: int = 0
    day: date | None = None
    problem: Rejection | None = None
    is_day_first: bool = False

    @property
    def title(self) -> str:
        """The line, as a message shows it."""
        marks = "#" * self.level + " " if self.level <= DEEPEST else ""
        return marks + self.text.decode()[:LONGEST_NAME]

    def note(self, reason: Reason, detail: str) -> Rejection:
        """A rejection or note with this line's number."""
        return Rejection(reason, f"'{self.title}' {detail}", self.number)


def dated_lines(lines: bytes) -> list[DatedLine]:
    """The lines with a date, in order."""
    if _UNUSUAL.search(lines):
        found = [*_any_headings(lines), *_underlined_headings(lines)]
    else:
        found = [*_plain_headings(lines)]
    if lone := [*_lone_lines(lines)]:
        starts = {each.start for each in found}
        found += [each for each in lone if each.start not in starts]
    found.sort(key=_START)
    counted = number = 0
    for each in found:
        number += lines.count(b"\n", counted, each.start + 1)
        counted = each.start + 1
        each.number = number
    return found


def _plain_headings(lines: bytes) -> Iterator[DatedLine]:
    for form, level in ((_TOP, 1), (_DEEP, 2)):
        for match in form.finditer(lines):
            heading, text, is_marked = _READ[match[2]]
            if heading is not OTHER:
                own = level + len(match[1]) if is_marked else _NO_LEVEL
                yield DatedLine(match.start(), match.end(), own, heading, text)


def _any_headings(lines: bytes) -> Iterator[DatedLine]:
    """Yield headings, also those that are indented, in a quote or in a list."""
    for match in _ANY.finditer(lines):
        heading, text, is_marked = _READ[match[3]]
        if heading is not OTHER:
            is_heading = is_marked and _MARGIN.fullmatch(match[1].decode())
            level = len(match[2]) if is_heading else _NO_LEVEL
            yield DatedLine(match.start(), match.end(), level, heading, text)


def _underlined_headings(lines: bytes) -> Iterator[DatedLine]:
    for match in _UNDERLINED.finditer(b"\n" + lines):  # nothing is above the first line
        heading, text, _ = _READ[match[1]]
        if heading is not OTHER and not _BLOCK.match(match[1]):
            level = 1 if match[2].startswith(b"=") else 2
            yield DatedLine(match.start(1) - 2, match.end() - 1, level, heading, text)


def _lone_lines(lines: bytes) -> Iterator[DatedLine]:
    """Yield lines between blank ones that are only a date."""
    for match in _LONE_LINE.finditer(b"\n" + lines):  # nothing is above the first line
        if _BLOCK.match(match[1]):
            continue
        heading, text, _ = _READ[match[1]]
        if heading.kind in _DAYS and heading.is_only_date:
            yield DatedLine(match.start(1) - 2, match.end() - 1, LINE, heading, text)


def closest_line(lines: bytes) -> DatedLine | None:
    """The first line with a date at its start or further in, whatever else it is.

    Args:
        lines: The searchable text of a file without a dated line.
    """
    for match in islice(_LINE_WITH_DIGIT.finditer(lines), _MOST_LOOKED_AT):
        heading, text, _ = _READ[match[1]]
        if heading is not OTHER:
            number = lines.count(b"\n", 0, match.start() + 1)
            return DatedLine(match.start(), match.end(), _NO_LEVEL, heading, text, number)
    return None


def _read(raw: bytes) -> tuple[Heading, bytes, bool]:
    """A heading, its trimmed text, and whether a space is behind its marks."""
    text = stripped(raw)
    decoded = raw.decode()
    return read_heading(text.decode()), text, bool(_MARKED.match(decoded))


_READ = Remembered(_read)
_START = attrgetter("start")
