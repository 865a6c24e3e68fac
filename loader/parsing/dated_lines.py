"""Find the lines of a daily report with a date: headings, and lines that are only a date."""

import re
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

from loader.parsing.headings import OTHER, Heading, HeadingKind, read_heading
from loader.parsing.names import LONGEST_NAME, Remembered
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import WHITE_SPACE, stripped

DEEPEST = 3  # the deepest heading level of a day
LINE = 7  # the level of a day that begins with a plain line
_DAYS = {HeadingKind.DAY, HeadingKind.PARTIAL}
_MOST_LOOKED_AT = 2000  # lines
_NO_LEVEL = 9  # a heading in a quote, list or code block, or without a space after its marks
_NO_ROOM = "\u200b-\u200d\u2060\ufeff"  # zero-width characters
_DEEPEST_MARKS = 6  # the deepest heading level of Markdown
_SHORTEST, _LONGEST = 5, 200  # bytes of a line that is only a date

_WITH_DIGIT = rb"[^\n\d\x80-\xff]*+[\d\x80-\xff][^\n]*+"  # each date has a digit, in ASCII or not
_BEFORE_MARKS = rb"(?:[ \t>*+-]|\xe2\x80[\x8b-\x8d]|\xe2\x81\xa0|\xef\xbb\xbf)*+"
_UNDERLINE = rb"\n {0,3}(?:=+|-+)[ \t]*+(?=\n|\Z)"
# A heading, a single or underlined line below a blank line, or the beginning of a code fence.
# A line below a heading may also be underlined. All other lines belong to a paragraph.
# One pass finds all of them. Most lines are decided by their first characters; the text before the
# marks is checked later.
_LINES = re.compile(
    rb"\n[ \t>*+\-\d.)\x80-\xff]*+(?:"
    rb"#++(?:(%(text)b|[ \t]++(?i:daily[ ]report)[^\n]*+)(?=%(below)b%(underline)b|)"
    rb"|[^\n]*+(?=%(below)b%(underline)b))"
    rb"|%(below)b(?=%(underline)b|\n[ \t]*+(?:\n|\Z)|\Z)"
    rb"|```)"
    % {
        b"text": _WITH_DIGIT,
        b"below": rb"\n(?=[^\n#-]|-[^ \t])(?!%b#)(%b)" % (_BEFORE_MARKS, _WITH_DIGIT),
        b"underline": _UNDERLINE,
    }
)
_HEADING, _BELOW_BLANK = 1, 4  # groups
_MARKS_AND_TEXT = re.compile(rb"\n(%b)(#+)(.+)" % _BEFORE_MARKS, re.DOTALL)
# The title of a file. If several files were concatenated, each begins with its title.
_TITLE = re.compile(rb"\n##?[ \t]+Daily Reports?\b", re.IGNORECASE)
_MARGIN = re.compile(f"[{_NO_ROOM}]*(?: [{_NO_ROOM}]*){{0,3}}")
_UNDERLINED = re.compile(_UNDERLINE)
_MARKED = re.compile(f"[{_NO_ROOM}]*[{WHITE_SPACE}]")
_BLOCK = re.compile(rb"[ \t]*(?:[#>|]|[-*+][ \t]|\d{1,9}[.)][ \t])|    |\t")
_LINE_WITH_DIGIT = re.compile(rb"\n([^\n\d]{0,200}\d[^\n]{0,500})")


@dataclass(slots=True)
class DatedLine:
    """A line with a date.

    Args:
        start: Offset of the line feed before it, in the searchable text.
        end: Offset of its end, including its underline.
        level: The number of `#`, or `LINE`.
        heading: The parsed heading.
        number: The line number, from 1.
        text: The text without marks, trimmed.
        day: The day that it begins; None if unknown.
        problem: The reason why it begins no day, although it looks like a date.
        is_underlined: Whether an underline makes it a heading, instead of `#`.
        is_day_first: Whether its numbers are read day first, because the month would be invalid.
    """

    start: int
    end: int
    level: int
    heading: Heading
    text: bytes
    number: int = 0
    day: date | None = None
    problem: Rejection | None = None
    is_underlined: bool = False
    is_day_first: bool = False

    @property
    def title(self) -> str:
        """Return the line for messages."""
        marks = "#" * self.level + " " if self.level <= DEEPEST else ""
        return marks + self.text.decode()[:LONGEST_NAME]

    def note(self, reason: Reason, detail: str) -> Rejection:
        """Return a rejection or note with this line's number."""
        return Rejection(reason, f"'{self.title}' {detail}", self.number)


class FoundLines(NamedTuple):
    """The result of one pass over a text.

    Args:
        dated: The lines with a date, in order.
        titles: Start and end of the titles of files.
        may_have_regions: Whether the text may have a code fence or comment.
    """

    dated: list[DatedLine]
    titles: list[tuple[int, int]]
    may_have_regions: bool


def find_lines(lines: bytes) -> FoundLines:
    """Find the lines with a date, and the titles of files.

    Args:
        lines: The searchable text.
    """
    found: list[DatedLine] = []
    titles: list[tuple[int, int]] = []
    # Searching for a single byte first is ten times faster.
    may_have_regions = (b"<" in lines and b"<!--" in lines) or (b"~" in lines and b"~~~" in lines)
    for match in _LINES.finditer(b"\n" + lines):  # the first line has no line above
        kind = match.lastindex
        if match[_HEADING]:
            heading, text, level, is_title = _READ[match[0]]
            start, end = match.start() - 1, match.end() - 1
            if heading is not OTHER:
                found.append(DatedLine(start, end, level, heading, text))
            if is_title:
                titles.append((start, end))
        if kind != _HEADING:
            may_have_regions = True
            if kind and (line := _unmarked(match, kind)):
                found.append(line)
    counted = number = 0
    for each in found:
        start = each.start + 1
        number += lines.count(b"\n", counted, start)
        counted = start
        each.number = number
    return FoundLines(found, titles, may_have_regions)


def _unmarked(match: re.Match[bytes], index: int) -> DatedLine | None:
    """Return a line that is underlined, or that is only a date between blank lines."""
    start, end = match.span(index)
    raw, text = match[index], stripped(match[index])
    above = match.string[match.start() : start]
    is_below = not above.strip(b" \t\n") if index == _BELOW_BLANK else above.startswith(b"\n#")
    heading = read_heading(text.decode())
    if heading is OTHER or not is_below or _BLOCK.match(raw):
        return None
    underline = _UNDERLINED.match(match.string, end)
    if underline:
        level = 1 if b"=" in underline[0] else 2
        return DatedLine(start - 2, underline.end() - 1, level, heading, text, is_underlined=True)
    is_lone = not raw.startswith(b"-") and _SHORTEST <= len(raw) <= _LONGEST
    if is_lone and heading.kind in _DAYS and heading.is_only_date:
        return DatedLine(start - 2, end - 1, LINE, heading, text)
    return None


def closest_line(lines: bytes) -> DatedLine | None:
    """Return the first line of any form with a date anywhere in it.

    Args:
        lines: The searchable text of a file without a dated line.
    """
    for match in islice(_LINE_WITH_DIGIT.finditer(lines), _MOST_LOOKED_AT):
        text = stripped(match[1])
        heading = read_heading(text.decode())
        if heading is not OTHER:
            number = lines.count(b"\n", 0, match.start() + 1)
            return DatedLine(match.start(), match.end(), _NO_LEVEL, heading, text, number)
    return None


def _read(line: bytes) -> tuple[Heading, bytes, int, bool]:
    """Read a line with `#`, even if it is indented, in a quote or in a list.

    Returns:
        The heading, its text without marks, its level, and whether it is the title of a file.
    """
    parts = _MARKS_AND_TEXT.fullmatch(line)
    if not parts:
        return OTHER, b"", _NO_LEVEL, False
    before, marks, raw = parts.groups()
    text = stripped(raw)
    is_heading = _MARGIN.fullmatch(before.decode()) and _MARKED.match(raw.decode())
    level = len(marks) if is_heading and len(marks) <= _DEEPEST_MARKS else _NO_LEVEL
    return read_heading(text.decode()), text, level, bool(_TITLE.match(line))


_READ = Remembered(_read)
