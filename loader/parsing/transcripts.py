"""Parse a transcript file: one row per meeting. Places of its date: docs/workspace.md."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice

import yaml

from loader.parsing.dates import AmbiguousDateError, DateOrder, ImpossibleDateError
from loader.parsing.headings import HeadingKind, read_heading
from loader.parsing.name_dates import NameDate, name_date, path_date
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import find_regions, hidden, is_blank, searchable
from loader.parsing.values import DateFrom, Filename, Text

LONGEST_FILENAME = 1000  # bytes; a unique index takes keys of up to about 2,700

_LONGEST_FRONT_MATTER = 10_000  # bytes
_FIRST_LINES = 20
_FRONT_MATTER = re.compile(rb"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LINE = re.compile(rb"\n([^\n]{0,1000})")
_HEADING = re.compile(rb"\n {0,3}(#{1,6})(?:[ \t]|\xc2\xa0)+([^\n]{1,1000})")
_DATE_LINE = re.compile(
    r"[\s#>*_|-]*(?:[\w ]{1,30}[ _])?(?:dat(?:e|um|a)|fecha|when)"
    r"(?: ?(?:[/&]|and) ?time| of [\w ]{1,30}| \([\w ]{1,30}\))?[\s*_]*[:=][\s*_:]*(?P<value>.+)",
    re.IGNORECASE,
)
# The length of a meeting, after its date: "Oct 13, 2025 - 30 mins".
_DURATION = re.compile(
    r"(?<![\s\u00b7\u2022|,(\u2013\u2014-])[\s\u00b7\u2022|,(\u2013\u2014-]++"
    r"(?:\d{1,3} ?(?:h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)\b\.? ?){1,3}[\s)*_]*\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One meeting.

    Args:
        filename: Path below the team's folder, with `/`.
        transcript_date: The day of the meeting, as the file writes it.
        date_from: The place of the date.
        started_at: The time in the name, in UTC; None without a time.
        transcript_text: The whole file, UTF-8.
    """

    filename: Filename
    transcript_date: date
    date_from: DateFrom
    started_at: datetime | None
    transcript_text: Text


def parse_transcript(
    filename: str, text: bytes, order: DateOrder | None = None
) -> tuple[list[Transcript], list[Rejection]]:
    """Parse a transcript file.

    Args:
        filename: Path below the team's folder, with `/`.
        text: The file, as UTF-8.
        order: The order of day and month, if the team's config sets it.

    Returns:
        One transcript, or none and the reason. Never raises.
    """
    if is_blank(text):
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    size = len(filename.encode())
    if size > LONGEST_FILENAME:
        return [], [Rejection(Reason.NAME_TOO_LONG, f"the path has {size} bytes")]
    search = _Search(filename, text, order)
    try:
        found = search.first()
    except (ImpossibleDateError, AmbiguousDateError) as error:
        is_impossible = isinstance(error, ImpossibleDateError)
        reason = Reason.IMPOSSIBLE_DATE if is_impossible else Reason.AMBIGUOUS_DATE
        return [], [Rejection(reason, str(error), search.line_number)]
    if not found:
        places = ", ".join(DateFrom)
        return [], [Rejection(Reason.NO_DATE, f"no date in any of: {places}")]
    place, named = found
    transcript = Transcript(
        filename=Filename(filename),
        transcript_date=named.date,
        date_from=place,
        started_at=named.started_at,
        transcript_text=Text(text),
    )
    notes = []
    if named.bad_time:
        notes.append(Rejection(Reason.IMPOSSIBLE_TIME, f"'{named.bad_time}' is not a time of day"))
    if named.is_day_first:
        detail = f"read day first, as {named.date}: no month has that number"
        notes.append(Rejection(Reason.DAY_FIRST, detail, search.line_number))
    return [transcript], notes


@dataclass(slots=True)
class _Search:
    """A search of all places that may have a transcript's date.

    Args:
        filename: Path below the team's folder.
        text: The file.
        order: The order of day and month.
    """

    filename: str
    text: bytes
    order: DateOrder | None
    _lines: bytes = field(default=b"", init=False)
    _at: int | None = field(default=None, init=False)  # offset of the current line

    @property
    def line_number(self) -> int | None:
        """Return the number of the last searched line; None for the name or the whole file."""
        return None if self._at is None else self._lines.count(b"\n", 0, self._at + 1)

    def first(self) -> tuple[DateFrom, NameDate] | None:
        """Return the first place with a date, and the date.

        Raises:
            AmbiguousDateError: The order of its numbers is unknown.
            ImpossibleDateError: A text looks like a date that does not exist.
        """
        name = self.filename.rpartition("/")[2]
        for place, found in (
            (DateFrom.NAME, name_date(name, self.order)),
            (DateFrom.PATH, path_date(self.filename, self.order)),
        ):
            if found:
                return place, found
        self._lines = searchable(self.text)
        for place, each in self._places(self._lines):
            if each:
                return place, each
        return None

    def _places(self, lines: bytes) -> Iterator[tuple[DateFrom, NameDate | None]]:
        yield DateFrom.FRONT_MATTER, self._front_matter(lines)
        for match in islice(_LINE.finditer(lines), _FIRST_LINES):
            self._at = match.start()
            yield DateFrom.LINE, self._date_line(match[1].decode(errors="ignore"))
        visible = hidden(lines, find_regions(lines).regions)
        for index, match in enumerate(_HEADING.finditer(visible)):
            heading = match[2].decode(errors="ignore")
            if index and len(match[1]) > 2:  # noqa: PLR2004 - levels 1 and 2
                continue
            self._at = match.start()
            yield DateFrom.HEADING, self._day(heading) if index else self._any_date(heading)
        self._at = None

    def _front_matter(self, lines: bytes) -> NameDate | None:
        match = _FRONT_MATTER.match(lines, 1, _LONGEST_FRONT_MATTER)
        if not match:
            return None
        try:
            values = yaml.load(match[1].decode(), Loader=yaml.BaseLoader)  # noqa: S506 - texts only
        except (yaml.YAMLError, RecursionError):
            return None
        if not isinstance(values, dict):
            return None
        value = next((value for key, value in values.items() if str(key).lower() == "date"), None)
        return self._day(value) if isinstance(value, str) else None

    def _date_line(self, line: str) -> NameDate | None:
        """Return the date of `**Date:** December 16, 2025`, or of a line that is only a date."""
        match = _DATE_LINE.fullmatch(line)
        if match:
            return self._day(match["value"])
        line = _DURATION.sub("", line)
        heading = read_heading(line)
        is_plain = not line.lstrip().startswith(("#", "-", ">"))
        return self._day(line) if is_plain and heading.is_only_date else None

    def _any_date(self, heading: str) -> NameDate | None:
        found = self._day(heading) or name_date(heading, self.order)
        return found or self._day(heading, HeadingKind.FURTHER_IN)

    def _day(self, text: str, kind: HeadingKind = HeadingKind.DAY) -> NameDate | None:
        """Return the date at the start of a text, or further in."""
        found = read_heading(text)
        if found.kind is not kind or not found.written or not found.has_year:
            return None
        day = found.written.date(self.order)
        is_numbers = found.written.separator in {"-", "/"} and self.order is not DateOrder.DMY
        return NameDate(day, is_day_first=is_numbers and found.written.order is DateOrder.DMY)
