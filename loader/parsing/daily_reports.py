"""A daily report file: one row per employee and day.

`## ` and a date start a day; its author is the day's own **Employee** line, else the people of its
entry headings (`### Employee — Project`), else the file's header. What cannot be told for certain
is a rejection with its line, never a guess.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from loader.parsing.dates import ImpossibleDateError, heading_date
from loader.parsing.names import (
    DASH,
    ENTRY_NAMES,
    LONGEST_NAME,
    NAMES,
    RejectedDayError,
    Remembered,
)
from loader.parsing.rejections import Reason, Rejection, Severity
from loader.parsing.text import is_blank, stripped, visible_lines
from loader.parsing.values import AuthorName, Text

_SECTION = re.compile(rb"\n##[ \t]([^\n]*)")
_SUBSECTION = re.compile(rb"\n###[ \t]")
_EMPLOYEE = b"\n**Employee**:"
_ENTRY = re.compile(rb"\n###[ \t]([^\n]*%b[^\n]*)" % DASH.encode())
_MOST_REPEATED = 16 * 1024 * 1024  # bytes; beside the file's own length
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
        content: The day's markdown, UTF-8: its heading, an empty line, its body.
        line_number: Where the day begins in the file, from 1.
    """

    author_name: AuthorName
    report_date: date
    content: Text
    line_number: int


def parse_daily_reports(text: bytes) -> tuple[list[DailyReport], list[Rejection]]:
    """Split a daily report file into one report per employee and day.

    Args:
        text: The file, as UTF-8.

    Returns:
        The reports in order of appearance, each author and day once, and what was left out or
        repaired. Every day heading ends in a report or in a rejection. Never raises.
    """
    if is_blank(text):
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    file = _File(text)
    rejections = file.notes
    reports: dict[tuple[AuthorName, date], DailyReport] = {}
    again: dict[tuple[AuthorName, date], list[bytes]] = {}
    for day in file.days():
        try:
            for author, content in file.by_author(day):
                report = DailyReport(
                    author_name=author,
                    report_date=day.date,
                    content=Text(content),
                    line_number=day.line_number,
                )
                if reports.setdefault((author, day.date), report) is not report:
                    again.setdefault((author, day.date), []).append(content)
        except RejectedDayError as error:
            rejections.append(Rejection(error.reason, str(error), day.line_number))
    for key, contents in again.items():
        whole = b"\n\n".join([reports[key].content, *contents])
        reports[key] = reports[key]._replace(content=Text(whole))
    if not reports and all(note.reason.severity is Severity.REPAIRED for note in rejections):
        rejections.append(Rejection(Reason.NO_DAY, "no '## ' heading is a date"))
    return list(reports.values()), rejections


@dataclass(slots=True)
class _Day:
    """A section whose heading is a date; offsets are of the line feed that begins a line."""

    date: date
    line_number: int
    heading: bytes
    body: int
    end: int


class _File:
    """A file's text, and its visible lines: these are searched, the text is what is stored."""

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._lines, unclosed = visible_lines(text)
        first = _SECTION.search(self._lines)
        self._header_end = first.start() if first else len(self._lines)
        self._header: AuthorName | RejectedDayError | None = None
        self._is_header_read = False
        self._repeated = 0  # bytes
        self.notes: list[Rejection] = []
        if unclosed is not None:
            number = self._lines.count(b"\n", 0, unclosed + 1)
            detail = "a code fence or comment that never closes"
            self.notes.append(Rejection(Reason.UNCLOSED_FENCE, detail, number))

    def days(self) -> Iterator[_Day]:
        """The days in order.

        A heading shaped like a date ends the day above it; any other belongs to that day. Headings
        that begin no day and belong to none are added to the notes.
        """
        lines = self._lines
        day: _Day | None = None
        is_before_first_day = True
        counted = number = 0
        for section in _SECTION.finditer(lines):
            start, body = section.span()
            number += lines.count(b"\n", counted, start + 1)
            counted = start + 1
            try:
                heading, found = _DATED[section[1]]
            except ImpossibleDateError as error:
                self.notes.append(Rejection(Reason.IMPOSSIBLE_DATE, str(error), number))
                found = None
            else:
                if not found:
                    if is_before_first_day:
                        self.notes.append(_no_date(heading, number))
                    continue
            if day:
                day.end = start
                yield day
            day = _Day(found, number, heading, body, len(lines)) if found else None
            is_before_first_day = False
        if day:
            yield day

    def by_author(self, day: _Day) -> list[tuple[AuthorName, bytes]]:
        """Each author of a day with the markdown that is theirs.

        Raises:
            RejectedDayError: The day has no text, or nobody for certain to whom it belongs.
        """
        body = stripped(self._text[day.body : day.end])
        if not body:
            raise RejectedDayError(Reason.EMPTY_DAY, f"{_title(day)!r} has no text")
        author = self._employee(day.body, day.end)
        if not author:
            subsection = _SUBSECTION.search(self._lines, day.body, day.end)
            preamble_end = subsection.start() if subsection else day.end
            author = self._employee_variant(day.body, preamble_end)
            entries = {} if author else self._entries(preamble_end, day.end)
            if len(entries) > 1:
                return self._shared(day, preamble_end, entries)
            author = author or next(iter(entries), None) or self._header_employee()
        if not author:
            detail = f"nobody is named as the author of {_title(day)!r}"
            raise RejectedDayError(Reason.NO_AUTHOR, detail)
        return [(author, b"## %b\n\n%b" % (day.heading, body))]

    def _shared(
        self, day: _Day, preamble_end: int, entries: dict[AuthorName, list[tuple[int, int]]]
    ) -> list[tuple[AuthorName, bytes]]:
        """A day of several people; text above the first entry is everybody's: none is lost.

        Raises:
            RejectedDayError: A crafted file: what it repeats would be far longer than the file.
        """
        top = (b"## " + day.heading, stripped(self._text[day.body : preamble_end]))
        self._repeated += len(top[1]) * (len(entries) - 1)
        if self._repeated > _MOST_REPEATED + len(self._text):
            detail = f"too much text above the entries of {len(entries):,} people for each of them"
            raise RejectedDayError(Reason.AMBIGUOUS_AUTHOR, detail)
        own = {
            name: stripped(b"".join(self._text[start:end] for start, end in parts))
            for name, parts in entries.items()
        }
        return [(name, b"\n\n".join(filter(None, (*top, text)))) for name, text in own.items()]

    def _header_employee(self) -> AuthorName | None:
        """The employee of the file's header, which may be long: read once."""
        if not self._is_header_read:
            self._is_header_read = True
            end = self._header_end
            try:
                self._header = self._employee(0, end) or self._employee_variant(0, end)
            except RejectedDayError as error:
                self._header = error
        if isinstance(self._header, RejectedDayError):
            raise self._header
        return self._header

    def _entries(self, start: int, end: int) -> dict[AuthorName, list[tuple[int, int]]]:
        """The parts of a day by the name in their entry headings.

        Empty unless the day's first `###` heading is one; from then on each of its form counts.
        """
        found = list(_ENTRY.finditer(self._lines, start, end))
        if not found or found[0].start() != start or not ENTRY_NAMES[found[0][1]]:
            return {}
        headings = [(match.start(), name) for match in found if (name := ENTRY_NAMES[match[1]])]
        entries: dict[AuthorName, list[tuple[int, int]]] = {}
        for (at, name), (stop, _) in pairwise([*headings, (end, AuthorName(""))]):
            entries.setdefault(name, []).append((at, stop))
        return entries

    def _employee(self, start: int, end: int) -> AuthorName | None:
        """The name on the `**Employee**: X` line between two offsets, wherever it stands."""
        at = self._lines.find(_EMPLOYEE, start, end)
        if at < 0:
            return None
        names: dict[AuthorName, None] = {}  # a set that keeps their order
        while at >= 0:
            name = NAMES[self._line(at + len(_EMPLOYEE))]
            if name:
                names[name] = None
            at = self._lines.find(_EMPLOYEE, at + 1, end)
        if len(names) > 1:
            detail = "several Employee lines: " + ", ".join(sorted(names))
            raise RejectedDayError(Reason.AMBIGUOUS_AUTHOR, detail)
        return next(iter(names), None)

    def _employee_variant(self, start: int, end: int) -> AuthorName | None:
        """The name on another form of that line (`Employee: X`, `**Employee:** X`, a list item).

        Only among the `Key: value` lines at the top, where it cannot be a sentence.
        """
        is_header = start == 0
        while start < end:
            line = self._line(start + 1)
            start += 1 + len(line)
            if is_blank(line) or (is_header and line.startswith(b"# ")):
                continue
            pair = _KEY_VALUE.fullmatch(line.decode())
            if not pair:
                return None
            if pair["key"].lower() == "employee":
                return NAMES[pair["value"].encode()]
        return None

    def _line(self, start: int) -> bytes:
        """From an offset to the end of its line."""
        end = self._lines.find(b"\n", start)
        return self._lines[start : end if end >= 0 else None]


def _dated(raw: bytes) -> tuple[bytes, date | None]:
    """A section's heading, trimmed, and the date that it is."""
    heading = stripped(raw)
    return heading, heading_date(heading.decode())


def _title(day: _Day) -> str:
    return f"## {day.heading.decode()}"


def _no_date(heading: bytes, number: int) -> Rejection:
    text = heading.decode()[:LONGEST_NAME]
    return Rejection(
        Reason.NO_DATE, f"'## {text}' is no date and stands before the first day", number
    )


_DATED = Remembered(_dated)
