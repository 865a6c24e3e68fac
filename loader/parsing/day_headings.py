"""Find the days of a daily report file: docs/workspace.md, "Which headings are days"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate

from loader.parsing.dated_lines import DEEPEST, LINE, DatedLine, closest_line, find_lines
from loader.parsing.dates import AmbiguousDateError, DateOrder, ImpossibleDateError
from loader.parsing.headings import (
    FARTHEST,
    HeadingKind,
    with_year,
)
from loader.parsing.name_dates import month_of, period_of
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import (
    NO_REGIONS,
    find_regions,
    hidden,
    searchable,
)

_FARTHEST_LOOSE = 7  # maximum days from the neighbors, for two numbers such as "10/28 standup"
# The day level is the first of these that has a day; higher headings can be days, too.
_LEVELS = {2: {1, 2}, 1: {1}, 3: {1, 2, 3}, LINE: {1, 2, 3, LINE}}

_DETAILS = {
    HeadingKind.SEVERAL: (Reason.TWO_DATES, "has more than one date"),
    HeadingKind.MONTH: (Reason.IMPOSSIBLE_DATE, "has a month, but no day"),
    HeadingKind.PARTIAL: (Reason.AMBIGUOUS_DATE, "has no year, and the file does not give one"),
}


@dataclass(slots=True)
class DayHeadings:
    """The day headings of a file.

    Args:
        lines: The searchable text, with code fences and comments hidden.
        level: The day level; 0 without any day.
        headings: The headings that begin a day, and those that end a day without a new one.
        titles: Start and end of the titles of files.
        notes: Notes on other lines with a date.
        closest: The line that comes closest to a day; None if no line has a date.
    """

    lines: bytes
    level: int = 0
    headings: list[DatedLine] = field(default_factory=list)
    titles: list[tuple[int, int]] = field(default_factory=list)
    notes: list[Rejection] = field(default_factory=list)
    closest: DatedLine | None = None


def find_days(text: bytes, name: str = "", order: DateOrder | None = None) -> DayHeadings:
    """Find the day headings of a file.

    Args:
        text: The file, UTF-8.
        name: The file's name, which may have the period of days without a year.
        order: The order of day and month, if the team's config sets it.
    """
    lines = searchable(text)
    dated, titles, may_have_regions = find_lines(lines)
    regions = find_regions(lines) if may_have_regions else NO_REGIONS
    outside = dated
    if regions.regions:
        outside = [each for each in dated if not regions.holds(each.start)]
    notes = []
    if regions.unpaired is not None:
        # A fence must not contain a day: it ends before the next day at the latest.
        detail = "a code fence or comment never closes, or has another one's beginning inside"
        number = lines.count(b"\n", 0, regions.unpaired + 1)
        notes.append(Rejection(Reason.UNCLOSED_FENCE, detail, number))
        outside = dated
    _set_dates(outside, name, order)
    level = _day_level(outside)
    if regions.unpaired is not None:
        stops = [each.start for each in outside if _is_heading_of(each, level)]
        regions = find_regions(lines, stops)
    if regions.regions:
        titles = [each for each in titles if not regions.holds(each[0])]
    found = DayHeadings(hidden(lines, regions.regions), level, titles=titles, notes=notes)
    are_all_visible = not regions.regions
    for each in dated:
        if are_all_visible and each.day and each.level == level and not each.is_day_first:
            found.headings.append(each)  # the usual case
        else:
            _add(found, each, is_hidden=regions.holds(each.start))
    if not level:
        found.closest = min(outside, key=_distance, default=None) or closest_line(lines)
    return found


def _add(found: DayHeadings, line: DatedLine, *, is_hidden: bool) -> None:
    """Add a line with a date to the headings or to the notes."""
    kind = line.heading.kind
    if is_hidden:
        if kind in {HeadingKind.DAY, HeadingKind.PARTIAL, HeadingKind.SEVERAL}:
            found.notes.append(line.note(Reason.DATE_IN_FENCE, "is in a code fence or comment"))
    elif _is_heading_of(line, found.level):
        if found.headings or kind not in {HeadingKind.SEVERAL, HeadingKind.MONTH}:
            found.headings.append(line)
        if line.is_day_first:
            detail = "is read day first: no month has that number"
            found.notes.append(line.note(Reason.DAY_FIRST, detail))
    elif (line.day or kind is HeadingKind.DAY) and found.level and not found.headings:
        detail = "stands above the first day, and is not a heading of its level"
        found.notes.append(line.note(Reason.DATE_ABOVE, detail))
    elif _is_noted(found, line):
        found.notes.append(line.note(Reason.DATE_INSIDE, "has a date, but begins no day"))


def _is_noted(found: DayHeadings, line: DatedLine) -> bool:
    """Return whether to note a line with a date: not if a day or a period already covers it."""
    heading = line.heading
    is_vague = heading.kind is HeadingKind.FURTHER_IN and not (heading.has_year or heading.known)
    if is_vague and line.level not in _LEVELS.get(found.level, ()):
        return False  # "### Plan for October 28" in a day
    has_date = heading.written is not None or heading.kind is HeadingKind.SEVERAL
    return has_date and (bool(found.headings) or not heading.known)


def _set_dates(dated: Sequence[DatedLine], name: str, order: DateOrder | None) -> None:
    """Set each line's date, or the reason for having none."""
    uncertain = []
    for each in dated:
        if each.heading.certain and not each.heading.is_ordered:
            each.day = each.heading.certain  # the usual case
        else:
            uncertain.append(each)
    if not uncertain:
        return
    dotted = order or _proven_order(dated)
    has_partial = False
    for each in uncertain:
        kind = each.heading.kind
        if kind is HeadingKind.DAY:
            each.day = _date(each, order, dotted)
        elif kind is HeadingKind.PARTIAL:
            has_partial = True
        elif kind in _DETAILS:
            each.problem = each.note(*_DETAILS[kind])
    if has_partial:
        _set_years(dated, _periods(dated, name), order, dotted)


def _periods(dated: Iterable[DatedLine], name: str) -> list[tuple[date, date]]:
    """Return the periods in the file's name and in a heading above its days."""
    periods = [period] if (period := period_of(name) or month_of(name)) else []
    for each in dated:
        if each.day:
            break
        if each.heading.known:
            periods.append((each.heading.known[0], each.heading.known[-1]))
    return periods


def _date(line: DatedLine, order: DateOrder | None, dotted: DateOrder | None) -> date | None:
    """Return the date of a line; otherwise return None and set the line's problem."""
    written = line.heading.written
    if not written:
        return None
    try:
        day = written.date(dotted if written.separator == "." else order)
    except AmbiguousDateError:
        line.problem = line.note(Reason.AMBIGUOUS_DATE, "may be month first or day first")
    except ImpossibleDateError:
        detail = "is not a date of the calendar from 1990 to 2099"
        line.problem = line.note(Reason.IMPOSSIBLE_DATE, detail)
    else:
        is_expected = order is DateOrder.DMY or written.separator not in {"-", "/"}
        line.is_day_first = not is_expected and written.order is DateOrder.DMY
        return day
    return None


def _set_years(
    dated: Sequence[DatedLine],
    periods: Sequence[tuple[date, date]],
    order: DateOrder | None,
    dotted: DateOrder | None,
) -> None:
    """Set the years of days without a year, from the periods and the neighboring days."""
    days = [each.day if each.level in _LEVELS[LINE] else None for each in dated]
    before = [*accumulate(days, _latest)]
    after = [*accumulate(reversed(days), _latest)][::-1]
    for each, *around in zip(dated, before, after, strict=True):
        if each.heading.kind is HeadingKind.PARTIAL and (day := _date(each, order, dotted)):
            near = [*periods, *((day, day) for day in around if day)]
            farthest = _FARTHEST_LOOSE if each.heading.is_loose else FARTHEST
            each.day = with_year(day.month, day.day, near, farthest)
            if not each.day:
                each.problem = each.note(*_DETAILS[HeadingKind.PARTIAL])
        if not each.day and each.heading.is_loose:
            each.problem = None  # a ratio or a section: it ends no day
            each.is_day_first = False


def _latest(last: date | None, day: date | None) -> date | None:
    return day or last


def _proven_order(dated: Iterable[DatedLine]) -> DateOrder | None:
    """Return the order that the file's dates with dots prove."""
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
    for level in _LEVELS:
        if level in levels:
            return level
    return 0


def _is_heading_of(line: DatedLine, level: int) -> bool:
    """Return whether a line begins or ends a day of a file with this day level."""
    return line.level in _LEVELS.get(level, ()) and bool(line.day or line.problem)


def _distance(line: DatedLine) -> tuple[bool, bool, int]:
    """Return a sort key: the closer a line is to being a day, the smaller the key."""
    return not line.problem, line.level > DEEPEST, line.start
