"""Parse the day in a heading: docs/workspace.md, "Which headings are days"."""

import re
from calendar import monthrange
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import Enum, auto
from functools import lru_cache

from loader.parsing.dates import (
    COMPLETE,
    EARLIEST_YEAR,
    LATEST_YEAR,
    MONTH,
    MONTHS,
    WEEKDAY,
    DateOrder,
    ImpossibleDateError,
    Written,
    month_number,
    written,
)
from loader.parsing.ranges import (
    certain_dates,
    dates_in,
    is_range,
    last_day,
    range_inside,
    range_of_days,
)
from loader.parsing.text import folded, longest_match, match_end
from loader.parsing.yearless import (
    CLOCK,
    NO_WORDS,
    NUMBERS,
    PARTIAL,
    has_weekday,
    is_in_a_year,
    may_be_day,
    without_year,
)

FARTHEST = 92  # days, a quarter of a year: from a day without a year to its neighbors
_LONGEST = 500  # characters of a heading that are parsed
# Text that may precede the date: weekday, emoji, brackets, quotes, tags, "Day 2:", "Report for".
_BEFORE = re.compile(
    rf"(?:<[a-z/!][^<>]{{0,80}}>|:[a-z_]{{1,40}}:|\d\ufe0f?\u20e3|{WEEKDAY}"
    r"|(?:(?:day|tag|jour|dia|giorno|dag)[ -]*#?|(?:r\d{1,2}[ ]?)?d)\d{1,4}"
    r"(?:[ ]?(?:/|of)[ ]?\d{1,4})?(?!\d|[-/.]\d)"
    r"|(?:the|le|el|il|den|der|dem|am|vom|du|dia)(?!\w)"
    r"|(?:daily[ ]+)?(?:reports?|date)(?:[ ]+(?:for|of|on))?(?!\w)|[^\w<]|<|_)*+"
)
# A time after a date is not another date: 10-27-2025-09-30-00.
_CLOCK_BEHIND = re.compile(
    rf"[ ,]*(?:{CLOCK})|[-_t ](?:[01]\d|2[0-3])[-_.]?[0-5]\d(?:[-_.]?[0-5]\d)?(?!\d)"
)
# If the month comes first, the clock has twelve hours.
_LATE_CLOCK = re.compile(r"(?<!\d)(?:1[3-9]|2[0-3]):[0-5]\d(?!\d)")
_MONTH_AND_YEAR = re.compile(rf"{MONTH}[ ,.\-]{{0,4}}(?P<year>(?:19|20)\d\d)(?!\d)")
# An unknown month, with a day and a year.
_NEARLY = re.compile(
    r"(?:(?P<word>[^\W\d_]{3,12})\.?[ ]{0,3}\d\d?"
    r"|\d\d?\.?[ ](?:de[ ])?(?P<other>[^\W\d_]{3,14})\.?)"
    r"(?:st|nd|rd|th)?,?[ ](?:de[ ])?(?:19|20)\d\d(?!\d)"
)
_LIKENESS = 0.75  # minimum similarity of the letters


class HeadingKind(Enum):
    """The kinds of headings."""

    OTHER = auto()
    """It has no date, or not at its start."""
    DAY = auto()
    """It starts with a complete date and has no other one."""
    PARTIAL = auto()
    """It starts with a day and month without a year."""
    SEVERAL = auto()
    """It starts with a range, or has two different dates."""
    MONTH = auto()
    """It is a month and a year."""
    FURTHER_IN = auto()
    """It has a complete date, but does not start with it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A parsed heading.

    Args:
        kind: The kind of the heading.
        written: The date as written; for `FURTHER_IN`, the first date.
        has_year: Whether that date has a year; otherwise a leap year is assumed.
        certain: The date of a `DAY`; None if the order of its numbers is uncertain.
        known: The complete dates of a range, or the first and last day of a month.
        is_loose: Whether a `PARTIAL` may mean something else, as in `3/4 done`.
        is_ordered: Whether the date of a `DAY` depends on the order of its numbers.
        is_only_date: Whether it has only a date, weekday, time and punctuation.
        has_late_clock: Whether it has a time from 13:00 on a 24-hour clock.
    """

    kind: HeadingKind
    written: Written | None = None
    has_year: bool = True
    certain: date | None = None
    known: tuple[date, ...] = ()
    is_loose: bool = False
    is_ordered: bool = False
    is_only_date: bool = False
    has_late_clock: bool = False


OTHER = Heading(HeadingKind.OTHER)


@lru_cache(maxsize=4096)
def read_heading(text: str) -> Heading:
    """Parse a heading.

    Args:
        text: The text after its marks; bold or not, in any letter case.
    """
    plain = folded(text[:_LONGEST])
    if not any(map(str.isdigit, plain)):
        return OTHER
    start = match_end(_BEFORE, plain, 0)
    first = longest_match(COMPLETE, plain, start)
    if first:
        return _complete(plain, first)
    partial = longest_match(PARTIAL, plain, start) or NUMBERS.match(plain, start)
    return (
        (partial and _partial(plain, start, partial))
        or _range(plain, start)
        or _month_alone(plain, start)
        or _misspelled(plain, start)
        or _further_in(plain, start)
    )


def heading_date(heading: str, order: DateOrder | None = None) -> date | None:
    """Return the date of a heading that is a day.

    Args:
        heading: The text after its marks.
        order: See `Written.date`.

    Returns:
        The date, or None if the heading is not a day (`Week 44`, `TBD`).

    Raises:
        AmbiguousDateError: The order of its numbers is unknown.
        ImpossibleDateError: The date does not exist (`February 30, 2025`).
    """
    found = read_heading(heading)
    if found.kind is HeadingKind.MONTH:
        raise ImpossibleDateError(f"{heading[:100]!r} has no day")
    return found.written.date(order) if found.written and found.kind is HeadingKind.DAY else None


def with_year(
    month: int, day: int, spans: Iterable[tuple[date, date]], farthest: int = FARTHEST
) -> date | None:
    """Return the date of a day and month whose year follows from the periods around it.

    Args:
        month: The month, from 1.
        day: The day of the month.
        spans: First and last day of each period that contains the date or is near to it.
        farthest: The maximum distance to a period, in days.

    Returns:
        The date inside each period, otherwise the date near to it; None without such a date, or
        if the periods disagree.
    """
    answers = {_nearest(month, day, first, last, farthest) for first, last in spans}
    return answers.pop() if len(answers) == 1 else None


def _nearest(month: int, day: int, first: date, last: date, farthest: int) -> date | None:
    near = []
    for year in range(first.year - 1, last.year + 2):
        with suppress(ValueError):
            each = date(year, month, day)
            near.append((max((first - each).days, (each - last).days, 0), each))
    near.sort()
    if not near or near[0][0] > farthest or (len(near) > 1 and near[0][0] == near[1][0]):
        return None
    return near[0][1]


def _complete(plain: str, first: re.Match[str]) -> Heading:
    found = written(first)
    end = match_end(_CLOCK_BEHIND, plain, first.end())
    is_only = match_end(NO_WORDS, plain, end) == len(plain)
    if found.separator == "." and not is_only and len(found.text) < len("1.10.2010"):
        parts = found.text.split(".")
        if min(map(len, parts)) == 1 and len(parts[2]) == len("25"):
            return OTHER  # 1.2.10 is a version or a section's number
    known = [found, *dates_in(plain, end)]
    if len({_numbers(each) for each in known}) > 1 or is_range(plain, first.end(), found.second):
        return Heading(HeadingKind.SEVERAL, found, known=certain_dates(known))
    return Heading(
        HeadingKind.DAY,
        found,
        certain=next(iter(certain_dates([found])), None),
        is_ordered=bool(found.separator),
        is_only_date=is_only,
        has_late_clock=bool(_LATE_CLOCK.search(plain, first.end())),
    )


def _partial(plain: str, start: int, match: re.Match[str]) -> Heading | None:
    found = without_year(match)
    if is_range(plain, match.end(), found.second):
        known = certain_dates(dates_in(plain, match.end())) or last_day(plain, match)
        return Heading(HeadingKind.SEVERAL, known=known)
    is_only = match_end(NO_WORDS, plain, match.end()) == len(plain)
    if not is_in_a_year(found) and not (is_only and match.re is not NUMBERS):
        return None
    is_loose = False
    if match.re is NUMBERS and not has_weekday(plain, start, match.end()):
        if not may_be_day(plain, match, is_only=is_only):
            return None
        is_loose = not is_only
    return Heading(
        HeadingKind.PARTIAL, found, has_year=False, is_loose=is_loose, is_only_date=is_only
    )


def _range(plain: str, start: int) -> Heading | None:
    known = range_of_days(plain, start)
    return None if known is None else Heading(HeadingKind.SEVERAL, known=known)


def _month_alone(plain: str, start: int) -> Heading | None:
    match = _MONTH_AND_YEAR.match(plain, start)
    if not match or match_end(NO_WORDS, plain, match.end()) < len(plain):
        return None
    return Heading(HeadingKind.MONTH, known=_days_of_month(match))


def _days_of_month(match: re.Match[str]) -> tuple[date, ...]:
    """Return the first and the last day of a month."""
    year, month = int(match["year"]), month_number(match["name"])
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return ()
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _misspelled(plain: str, start: int) -> Heading | None:
    """Return a heading such as `Ocotber 28, 2025`: an impossible date.

    A day and a year around any other word count as a date further in, with an unknown month.
    """
    match = _NEARLY.match(plain, start)
    if not match:
        return None
    found = Written(match[0], 0, 0, 0)
    if get_close_matches(match["word"] or match["other"], MONTHS, 1, _LIKENESS):
        return Heading(HeadingKind.DAY, found)
    return Heading(HeadingKind.FURTHER_IN, found) if match["other"] else None


def _further_in(plain: str, start: int) -> Heading:
    """Return a heading with a date, range or month that is not at its start."""
    found = next(dates_in(plain, start), None)
    known = range_inside(plain, start)
    has_year = bool(found)
    if not found:
        partial = next(filter(None, (form.search(plain, start) for form in PARTIAL)), None)
        found = without_year(partial) if partial else None
        month = _MONTH_AND_YEAR.search(plain, start)
        known = known or (_days_of_month(month) if month else ())
        found = found if found and is_in_a_year(found) else None
    if not found and not known:
        return OTHER
    return Heading(HeadingKind.FURTHER_IN, found, has_year=has_year, known=known)


def _numbers(found: Written) -> tuple[int, frozenset[int]]:
    return found.year, frozenset((found.first, found.second))
