"""Where the days of a daily report file begin: docs/workspace.md, "Which headings are days"."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from operator import attrgetter

from loader.parsing.dates import AmbiguousDateError, DateOrder, ImpossibleDateError
from loader.parsing.headings import OTHER, Heading, HeadingKind, read_heading, with_year
from loader.parsing.name_dates import period_of
from loader.parsing.names import LONGEST_NAME, Remembered
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import (
    WHITE_SPACE,
    find_regions,
    hidden,
    searchable,
    stripped,
)

LINE = 7  # the level of a day that begins with a line instead of a heading
_NO_LEVEL = 9  # a heading in a quote, a list or a code block, or without a space behind its marks
# The day level is the first of these that has a day; headings above it can be days, too.
_LEVELS = {2: {1, 2}, 1: {1}, 3: {1, 2, 3}, LINE: {1, 2, 3, LINE}}

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
_LONE_LINE = re.compile(
    rb"\n[ \t]*+\n(?![#-])(?=[^\n]*[\d\x80-\xff])([^\n]{5,200})(?=\n[ \t]*+(?:\n|\Z)|\Z)"
)

_DETAILS = {
    HeadingKind.SEVERAL: (Reason.TWO_DATES, "has more than one date"),
    HeadingKind.MONTH: (Reason.IMPOSSIBLE_DATE, "has a month, but no day"),
    HeadingKind.PARTIAL: (Reason.AMBIGUOUS_DATE, "has no year, and the file does not give one"),
}


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
        marks = "#" * self.level + " " if self.level <= max(_LEVELS[3]) else ""
        return marks + self.text.decode()[:LONGEST_NAME]

    def note(self, reason: Reason, detail: str) -> Rejection:
        """A rejection or note with this line's number."""
        return Rejection(reason, f"'{self.title}' {detail}", self.number)


@dataclass(slots=True)
class DayHeadings:
    """The day headings of a file.

    Args:
        lines: The searchable text; what is in code fences and comments is hidden.
        level: The day level; 0 if there is no day.
        headings: Those that begin a day, and those that end one without beginning another.
        notes: Notes on other lines with a date.
        closest: The line that comes closest to a day; None if no line has a date.
    """

    lines: bytes
    level: int = 0
    headings: list[DatedLine] = field(default_factory=list)
    notes: list[Rejection] = field(default_factory=list)
    closest: DatedLine | None = None


def find_days(text: bytes, name: str = "", order: DateOrder | None = None) -> DayHeadings:
    """Find the day headings of a file.

    Args:
        text: The file, UTF-8.
        name: Its name, which may have the period that days without a year are in.
        order: Which of two numbers is the month, if the team's config says so.
    """
    lines = searchable(text)
    dated = _dated_lines(lines)
    regions = find_regions(lines)
    outside = dated
    if regions.regions:
        outside = [each for each in dated if not regions.holds(each.start)]
    notes = []
    if regions.unpaired is not None:
        # No fence may take in a day: it ends before the next day at the latest.
        detail = "a code fence or comment never closes, or has another one's beginning inside"
        number = lines.count(b"\n", 0, regions.unpaired + 1)
        notes.append(Rejection(Reason.UNCLOSED_FENCE, detail, number))
        outside = dated
    _set_dates(outside, name, order)
    level = _day_level(outside)
    if regions.unpaired is not None:
        stops = [each.start for each in outside if _is_heading_of(each, level)]
        regions = find_regions(lines, stops)
    found = DayHeadings(hidden(lines, regions.regions), level, notes=notes)
    for each in dated:
        if each.level == level and each.day and not regions.regions and not each.is_day_first:
            found.headings.append(each)  # as nearly all are
        else:
            _add(found, each, is_hidden=regions.holds(each.start))
    if not level:
        found.closest = min(outside, key=_distance, default=None)
    return found


def _add(found: DayHeadings, line: DatedLine, *, is_hidden: bool) -> None:
    """Add a line with a date to the headings or to the notes."""
    kind = line.heading.kind
    if is_hidden:
        if kind in {HeadingKind.DAY, HeadingKind.SEVERAL}:
            found.notes.append(line.note(Reason.DATE_IN_FENCE, "is in a code fence or comment"))
    elif _is_heading_of(line, found.level):
        if found.headings or kind not in {HeadingKind.SEVERAL, HeadingKind.MONTH}:
            found.headings.append(line)
        if line.is_day_first:
            detail = "is read day first: no month has that number"
            found.notes.append(line.note(Reason.DAY_FIRST, detail))
    elif kind is HeadingKind.DAY and found.level and not found.headings:
        detail = "stands above the first day, and is not a heading of its level"
        found.notes.append(line.note(Reason.DATE_ABOVE, detail))
    elif line.heading.written:
        found.notes.append(line.note(Reason.DATE_INSIDE, "has a date, but begins no day"))


def _dated_lines(lines: bytes) -> list[DatedLine]:
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
        if heading.kind is HeadingKind.DAY and heading.is_only_date:
            yield DatedLine(match.start(1) - 2, match.end() - 1, LINE, heading, text)


def _set_dates(dated: Sequence[DatedLine], name: str, order: DateOrder | None) -> None:
    """Give each line its date, or the reason why it has none."""
    dotted = order or _proven_order(dated)
    has_partial = False
    for each in dated:
        kind = each.heading.kind
        if each.heading.certain and not order and not each.heading.is_ordered:
            each.day = each.heading.certain
        elif kind is HeadingKind.DAY:
            _set_date(each, order, dotted)
        elif kind is HeadingKind.PARTIAL:
            has_partial = True
        elif kind in _DETAILS:
            each.problem = each.note(*_DETAILS[kind])
    if has_partial:
        _set_years(dated, _periods(dated, name))


def _periods(dated: Iterable[DatedLine], name: str) -> list[tuple[date, date]]:
    """The periods that the file's name and a heading above its days give."""
    periods = [period] if (period := period_of(name)) else []
    for each in dated:
        if each.day:
            break
        if each.heading.known:
            periods.append((each.heading.known[0], each.heading.known[-1]))
    return periods


def _set_date(line: DatedLine, order: DateOrder | None, dotted: DateOrder | None) -> None:
    written = line.heading.written
    if not written:
        return
    try:
        line.day = written.date(dotted if written.separator == "." else order)
    except AmbiguousDateError:
        line.problem = line.note(Reason.AMBIGUOUS_DATE, "may be month first or day first")
    except ImpossibleDateError:
        detail = "is not a date of the calendar from 1990 to 2099"
        line.problem = line.note(Reason.IMPOSSIBLE_DATE, detail)
    else:
        is_expected = order is DateOrder.DMY or written.separator not in {"-", "/"}
        line.is_day_first = not is_expected and written.order is DateOrder.DMY


def _set_years(dated: Sequence[DatedLine], periods: Sequence[tuple[date, date]]) -> None:
    """Give the days without a year the one that the periods and the days around them leave."""
    days = [each.day if each.level in _LEVELS[LINE] else None for each in dated]
    before = [*accumulate(days, _latest)]
    after = [*accumulate(reversed(days), _latest)][::-1]
    for each, *around in zip(dated, before, after, strict=True):
        if each.heading.kind is HeadingKind.PARTIAL:
            near = [(day, day) for day in around if day]
            each.day = with_year(each.heading.month, each.heading.day, [*periods, *near])
            if not each.day:
                each.problem = each.note(*_DETAILS[HeadingKind.PARTIAL])


def _latest(last: date | None, day: date | None) -> date | None:
    return day or last


def _proven_order(dated: Iterable[DatedLine]) -> DateOrder | None:
    """The order that the file's dates with dots prove."""
    orders = set()
    for each in dated:
        if each.heading.written and each.heading.written.separator == ".":
            orders.add(each.heading.written.order)
            if each.heading.has_late_clock:
                orders.add(DateOrder.DMY)
    orders.discard(None)
    return orders.pop() if len(orders) == 1 else None


def _day_level(dated: Iterable[DatedLine]) -> int:
    levels = {each.level for each in dated if each.day}
    return next((level for level in _LEVELS if level in levels), 0)


def _is_heading_of(line: DatedLine, level: int) -> bool:
    """Whether a line begins or ends a day of a file with this day level."""
    return line.level in _LEVELS.get(level, ()) and bool(line.day or line.problem)


def _distance(line: DatedLine) -> tuple[bool, bool, int]:
    """How far a line is from being a day."""
    return not line.problem, line.level > max(_LEVELS[3]), line.start


def _read(raw: bytes) -> tuple[Heading, bytes, bool]:
    """A heading, its trimmed text, and whether a space is behind its marks."""
    text = stripped(raw)
    decoded = raw.decode()
    return read_heading(text.decode()), text, bool(_MARKED.match(decoded))


_READ = Remembered(_read)
_START = attrgetter("start")
