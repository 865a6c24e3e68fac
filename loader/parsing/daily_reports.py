"""A daily report file: one row per employee and day.

`## ` and a date start a day; its author is the day's own **Employee** line, else the people of its
entry headings (`### Employee — Project`), else the file's header. What cannot be told for certain
is a rejection with its line, never a guess.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from loader.parsing.dates import ImpossibleDateError, heading_date
from loader.parsing.text import (
    SPACES,
    WHITE_SPACE,
    HiddenRegions,
    LineNumbers,
    with_line_feeds,
)
from loader.rejections import Reason, Rejection, Severity

LONGEST_NAME = 200

_SECTION = "\n##"
_SUBSECTION = "\n###"
_EMPLOYEE = "\n**Employee**:"
_BLANKS = (" ", "\t")
_DASH = "\N{EM DASH}"
_ENTRY_DASH = re.compile(f"[{WHITE_SPACE}]{_DASH}[{WHITE_SPACE}]")
# A `Key: value` line, plain, bold or in a list. Bounded, so that no line can make it slow.
_KEY_VALUE = re.compile(
    r"[ \t]{0,3}(?:[-*+][ \t]{1,4})?(?:\*\*|__)?(?P<key>[^\W\d_][\w ]{0,40}?)[ \t]{0,3}(?:\*\*|__)?"
    r"[ \t]{0,3}:(?:[ \t]{0,3}(?:\*\*|__))?(?P<value>.*)"
)


class DailyReport(NamedTuple):
    """What one person wrote for one day.

    Args:
        author_name: The full name: NFC, runs of white space as one space, letter case kept.
        report_date: The day.
        content: The day's markdown: its heading, an empty line, its body.
        line_number: Where the day begins in the file, from 1.
    """

    author_name: str
    report_date: date
    content: str
    line_number: int


def parse_daily_reports(text: str) -> tuple[list[DailyReport], list[Rejection]]:
    """Split a daily report file into one report per employee and day.

    Args:
        text: The decoded file.

    Returns:
        The reports in order of appearance, each author and day once, and what was left out or
        repaired. Every day heading ends in a report or in a rejection. Never raises.
    """
    if not text.strip(WHITE_SPACE):
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    file = _File(text)
    rejections = file.notes
    reports: dict[tuple[str, date], DailyReport] = {}
    again: dict[tuple[str, date], list[str]] = {}
    for day in file.days():
        try:
            for author, content in file.by_author(day):
                report = DailyReport(author, day.date, content, day.line_number)
                if reports.setdefault((author, day.date), report) is not report:
                    again.setdefault((author, day.date), []).append(content)
        except _RejectedDayError as error:
            rejections.append(Rejection(error.reason, str(error), day.line_number))
    for key, contents in again.items():
        whole = "\n\n".join([reports[key].content, *contents])
        reports[key] = reports[key]._replace(content=whole)
    if not reports and all(note.reason.severity is Severity.REPAIRED for note in rejections):
        rejections.append(Rejection(Reason.NO_DAY, "no '## ' heading is a date"))
    return list(reports.values()), rejections


class _RejectedDayError(Exception):
    """A day that cannot be stored."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass(slots=True)
class _Day:
    """A section whose heading is a date; offsets are of the line feed that begins a line."""

    date: date
    line_number: int
    heading: str
    body: int
    end: int


class _File:
    """A file's text, and a copy of its lines in which what is hidden cannot be taken for a heading.

    The copy is searched, the text is what is stored. Plain searches within a day, one for each form:
    no regular expression is as fast.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        lines = with_line_feeds(text)
        hidden = HiddenRegions(lines)
        self._lines = hidden.masked(lines)
        self._header: str | _RejectedDayError | None = None
        self._is_header_read = False
        self._first_section = 0
        self.notes: list[Rejection] = []
        if hidden.unclosed is not None:
            number = LineNumbers(lines).at(hidden.unclosed)
            detail = "a code fence or comment that never closes"
            self.notes.append(Rejection(Reason.UNCLOSED_FENCE, detail, number))

    def days(self) -> Iterator[_Day]:
        """The days in order.

        A heading shaped like a date ends the day above it; any other belongs to that day. Headings
        that begin no day and belong to none are added to the notes.
        """
        lines = self._lines
        numbers = LineNumbers(lines)
        day: _Day | None = None
        is_before_first_day = True
        end = self._first_section = self._heading_at(_SECTION, 0, len(lines))
        while end < len(lines):
            start, end = end, self._heading_at(_SECTION, end + 1, len(lines))
            number = numbers.at(start)
            body = lines.find("\n", start + 1, end)
            body = end if body < 0 else body
            heading = self._stripped(start + len("##"), body)
            try:
                found = heading_date(heading)
            except ImpossibleDateError as error:
                self.notes.append(Rejection(Reason.IMPOSSIBLE_DATE, str(error), number))
                if day:
                    yield day
                day, is_before_first_day = None, False
                continue
            if found:
                if day:
                    yield day
                day, is_before_first_day = _Day(found, number, heading, body, end), False
            elif day:
                day.end = end
            elif is_before_first_day:
                detail = f"'## {heading[:LONGEST_NAME]}' is no date and stands before the first day"
                self.notes.append(Rejection(Reason.NO_DATE, detail, number))
        if day:
            yield day

    def by_author(self, day: _Day) -> Iterator[tuple[str, str]]:
        """Each author of a day with the markdown that is theirs.

        Raises:
            _RejectedDayError: The day has no text, or nobody for certain to whom it belongs.
        """
        title = f"## {day.heading}"
        body = self._stripped(day.body, day.end)
        if not body:
            raise _RejectedDayError(Reason.EMPTY_DAY, f"{title!r} has no text")
        preamble_end = self._heading_at(_SUBSECTION, day.body, day.end)
        author = self._employee(day.body, preamble_end, day.end)
        entries = {} if author else self._entries(preamble_end, day.end)
        if len(entries) > 1:
            # Text above the first entry is everybody's: leaving it out would lose it.
            shared = self._stripped(day.body, preamble_end)
            for name, parts in entries.items():
                own = "".join(self._text[start:end] for start, end in parts).strip(WHITE_SPACE)
                yield name, "\n\n".join(filter(None, (title, shared, own)))
            return
        author = author or next(iter(entries), None) or self._header_employee()
        if not author:
            raise _RejectedDayError(Reason.NO_AUTHOR, f"nobody is named as the author of {title!r}")
        yield author, f"{title}\n\n{body}"

    def _header_employee(self) -> str | None:
        """The employee of the file's header, which may be long: read once."""
        if not self._is_header_read:
            self._is_header_read = True
            try:
                self._header = self._employee(0, self._first_section, self._first_section)
            except _RejectedDayError as error:
                self._header = error
        if isinstance(self._header, _RejectedDayError):
            raise self._header
        return self._header

    def _entries(self, start: int, end: int) -> dict[str, list[tuple[int, int]]]:
        """The parts of a day by the name in their entry headings.

        Empty unless the day's first `###` heading is one; from then on each of its form counts.
        """
        if start == end or self._entry_name(start) is None:
            return {}
        entries: dict[str, list[tuple[int, int]]] = {}
        headings = []
        while start < end:
            name = self._entry_name(start)
            if name is not None:
                headings.append((start, name))
            start = self._heading_at(_SUBSECTION, start + 1, end)
        for (at, name), (stop, _) in pairwise([*headings, (end, "")]):
            entries.setdefault(name, []).append((at, stop))
        return entries

    def _entry_name(self, start: int) -> str | None:
        """The employee in `### {Employee} — {Project}`; None for a heading of another form."""
        line = self._lines[start + len(_SUBSECTION) : self._line_end(start)]
        dash = _ENTRY_DASH.search(line) if _DASH in line else None
        if not dash or not line[dash.end() :].strip(WHITE_SPACE):
            return None
        return _name(line[: dash.start()])

    def _employee(self, start: int, preamble_end: int, end: int) -> str | None:
        """The name on the Employee line between two offsets, where one says so for certain.

        `**Employee**: X` counts anywhere; its variants (`Employee: X`, `**Employee:** X`, a list
        item) only among the `Key: value` lines at the top, where they cannot be a sentence.
        """
        names = set()
        at = self._lines.find(_EMPLOYEE, start, end)
        while at >= 0:
            line = self._lines[at + len(_EMPLOYEE) : self._line_end(at)]
            if name := _name(line):
                names.add(name)
            at = self._lines.find(_EMPLOYEE, at + 1, end)
        if not names:
            return self._employee_variant(start, preamble_end)
        if len(names) > 1:
            detail = "several Employee lines: " + ", ".join(sorted(names))
            raise _RejectedDayError(Reason.AMBIGUOUS_AUTHOR, detail)
        return names.pop()

    def _employee_variant(self, start: int, end: int) -> str | None:
        while start < end:
            line = self._lines[start + 1 : self._line_end(start)]
            if line.strip(WHITE_SPACE) and (start or not line.startswith("# ")):
                pair = _KEY_VALUE.fullmatch(line)
                if not pair:
                    return None
                if pair["key"].lower() == "employee":
                    return _name(pair["value"])
            start = self._line_end(start)
        return None

    def _heading_at(self, marks: str, start: int, end: int) -> int:
        """Where the next heading with these marks begins; `end` for none."""
        while True:
            at = self._lines.find(marks, start, end)
            if at < 0:
                return end
            if self._lines.startswith(_BLANKS, at + len(marks), end):
                return at
            start = at + len(marks)

    def _line_end(self, start: int) -> int:
        """The end of the line that the line feed at `start` begins."""
        end = self._lines.find("\n", start + 1)
        return end if end >= 0 else len(self._lines)

    def _stripped(self, start: int, end: int) -> str:
        return self._text[start:end].strip(WHITE_SPACE)


def _name(raw: str) -> str | None:
    """A person's name as it is stored; None for an empty one.

    Raises:
        _RejectedDayError: It is longer than a name can be.
    """
    name = _normalised_name(raw) if len(raw) <= 2 * LONGEST_NAME else _normalised(raw)
    if name and len(name) > LONGEST_NAME:
        raise _RejectedDayError(Reason.NAME_TOO_LONG, f"the name has {len(name)} characters")
    return name


def _normalised(raw: str) -> str | None:
    name = raw.strip(WHITE_SPACE)
    for mark in ("**", "__"):
        name = name.removesuffix(mark).removeprefix(mark)
    name = name.strip(WHITE_SPACE)
    return SPACES.sub(" ", unicodedata.normalize("NFC", name)) or None


_normalised_name = lru_cache(maxsize=4096)(_normalised)
