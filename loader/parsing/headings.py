"""What a heading says of a day: docs/workspace.md, "Which headings are days"."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from functools import lru_cache

from loader.parsing.dates import (
    COMPLETE,
    MONTH,
    PLAIN_MONTH,
    WEEKDAY,
    AmbiguousDateError,
    DateOrder,
    ImpossibleDateError,
    Written,
    full_year,
    month_number,
    written,
)
from loader.parsing.text import folded

_LONGEST = 500  # characters that are looked at
# What may stand before the date: weekday, emoji, brackets, quotes, tags, "Day 2:", "Report for".
_BEFORE = re.compile(
    rf"(?:<[^<>]{{0,80}}>|\d\ufe0f?\u20e3|{WEEKDAY}|day[ ]*#?\d{{1,4}}(?!\d|[-/.]\d)"
    r"|(?:daily[ ]+)?(?:reports?|date)(?:[ ]+(?:for|of|on))?(?!\w)|[^\w<]|<|_)*+"
)
_CLOCK = (
    r"(?:at[ ]+|@[ ]*|t)?\d\d?(?::\d\d){1,2}(?:[.,]\d{1,9})?(?:[ ]*[ap]\.?m(?!\w)\.?)?"
    r"(?:[ ]*(?:z|utc|gmt|h|uhr)(?!\w))?(?:[ ]*[+-]\d\d:?\d\d)?"
    r"|(?:at[ ]+|@[ ]*)?\d\d?[ ]*[ap]\.?m(?!\w)\.?"
)
# A time behind a date is not another date: 10-27-2025-09-30-00.
_CLOCK_BEHIND = re.compile(
    rf"[ ,]*(?:{_CLOCK})|[-_t ](?:[01]\d|2[0-3])[-_.]?[0-5]\d(?:[-_.]?[0-5]\d)?(?!\d)"
)
_NO_WORDS = re.compile(rf"(?:{WEEKDAY}|{_CLOCK}|[^\w]|_)*+")
# Where the month comes first, the clock has twelve hours.
_LATE_CLOCK = re.compile(r"(?<!\d)(?:1[3-9]|2[0-3]):[0-5]\d(?!\d)")
_PARTIAL = tuple(
    re.compile(form)
    for form in (
        rf"{PLAIN_MONTH}[ ,.\-]{{0,4}}(?P<day>\d\d?)(?:st|nd|rd|th)?(?!\d|[:/.\-]\d)",
        r"(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|\u00ba)?(?:[ \-]{0,3}|[ ]+(?:of|de|di)[ ]+)"
        + PLAIN_MONTH,
        r"(?P<month>\d\d?)[\u6708\uc6d4][ ]?(?P<day>\d\d?)[\u65e5\uc77c]",
    )
)
# "24/7" may be a ratio: a date only if there is nothing else but a weekday or a time.
_NUMBERS = re.compile(r"(?P<month>\d\d?)[/-](?P<day>\d\d?)(?!\d|[/.\-]\d)")
_MONTH_AND_YEAR = re.compile(rf"{MONTH}[ ,.\-]{{0,4}}(?P<year>(?:19|20)\d\d)(?!\d)")
_CONNECTOR = re.compile(
    r"(?P<gap>[ ]*)(?:-+>?|[\u2013\u2014\u2192&+,/~\u2026]|\.{2,3}"
    r"|(?:to|till|until|thru|through|and|bis|und|al|au|et|tot|en)(?!\w))(?P<more>[ ]*)"
    rf"(?:{WEEKDAY}[ ,]*)?"
)
_LAST_DAY = re.compile(r"(?P<day>\d\d?)(?:st|nd|rd|th)?\.?(?![\d:])(?P<end>[ ]*(?:$|[)\],;]))?")
_FIRST_DAY = re.compile(r"(?P<day>\d\d?)(?:st|nd|rd|th)?\.?")
_YEAR = re.compile(r"[ ]*,?[ ]*(?P<year>(?:19|20)\d\d)(?!\d)")


class HeadingKind(Enum):
    """What a heading is."""

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
    """A heading, read.

    Args:
        kind: What it is.
        written: Its date, as it is written; of `FURTHER_IN`, the first one.
        month: Of `PARTIAL`, the month.
        day: Of `PARTIAL`, the day.
        certain: Of `DAY`, the date; None if the order of its numbers is not certain.
        known: Of `SEVERAL`, the complete dates.
        is_ordered: Of `DAY`, whether the date depends on the order of its numbers.
        is_only_date: Whether it has nothing else but a weekday, a time and punctuation.
        has_late_clock: Whether it has a time of day from 13:00 on, with 24 hours.
    """

    kind: HeadingKind
    written: Written | None = None
    month: int = 0
    day: int = 0
    certain: date | None = None
    known: tuple[date, ...] = ()
    is_ordered: bool = False
    is_only_date: bool = False
    has_late_clock: bool = False


OTHER = Heading(HeadingKind.OTHER)


@lru_cache(maxsize=4096)
def read_heading(text: str) -> Heading:
    """Read a heading.

    Args:
        text: The text behind its marks; bold or not, in any letter case.
    """
    plain = folded(text[:_LONGEST])
    if not any(map(str.isdigit, plain)):
        return OTHER
    start = _match_end(_BEFORE, plain, 0)
    first = _longest(COMPLETE, plain, start)
    if first:
        return _complete(plain, first)
    partial = _longest(_PARTIAL, plain, start) or _NUMBERS.match(plain, start)
    return (
        (partial and _partial(plain, partial))
        or _range_of_days(plain, start)
        or _month_alone(plain, start)
        or _further_in(plain, start)
    )


def heading_date(heading: str, order: DateOrder | None = None) -> date | None:
    """The date of a heading that is a day.

    Args:
        heading: The text behind its marks.
        order: See `Written.date`.

    Returns:
        The date, or None if the heading is not a day (`Week 44`, `TBD`).

    Raises:
        AmbiguousDateError: The order of its numbers is not known.
        ImpossibleDateError: It is shaped like a date that does not exist (`February 30, 2025`).
    """
    found = read_heading(heading)
    if found.kind is HeadingKind.MONTH:
        raise ImpossibleDateError(f"{heading[:100]!r} has no day")
    return found.written.date(order) if found.written and found.kind is HeadingKind.DAY else None


def with_year(month: int, day: int, spans: Iterable[tuple[date, date]]) -> date | None:
    """The date of a day and month that the periods around it leave.

    Args:
        month: The month.
        day: The day.
        spans: First and last day of each period that it should be in or near to.

    Returns:
        The one date that each period allows: the one inside it, otherwise the one at most a
        quarter of a year away; None if there is none, or if periods differ.
    """
    answers = {_nearest(month, day, first, last) for first, last in spans}
    return answers.pop() if len(answers) == 1 else None


def _nearest(month: int, day: int, first: date, last: date) -> date | None:
    near = []
    for year in range(first.year - 1, last.year + 2):
        with suppress(ValueError):
            each = date(year, month, day)
            near.append((max((first - each).days, (each - last).days, 0), each))
    near.sort()
    if not near or near[0][0] > 92 or (len(near) > 1 and near[0][0] == near[1][0]):  # noqa: PLR2004
        return None
    return near[0][1]


def _complete(plain: str, first: re.Match[str]) -> Heading:
    found = written(first)
    end = _match_end(_CLOCK_BEHIND, plain, first.end())
    is_only = _match_end(_NO_WORDS, plain, end) == len(plain)
    if found.separator == "." and not is_only and len(found.text) < len("1.10.2010"):
        parts = found.text.split(".")
        if min(map(len, parts)) == 1 and len(parts[2]) == len("25"):
            return OTHER  # 1.2.10 is a version, or a section's number
    known = [found, *_dates(plain, end)]
    if len({_numbers(each) for each in known}) > 1 or _is_range(plain, first.end(), found.second):
        return Heading(HeadingKind.SEVERAL, found, known=_certain(known))
    return Heading(
        HeadingKind.DAY,
        found,
        certain=next(iter(_certain([found])), None),
        is_ordered=bool(found.separator),
        is_only_date=is_only,
        has_late_clock=bool(_LATE_CLOCK.search(plain, first.end())),
    )


def _partial(plain: str, match: re.Match[str]) -> Heading | None:
    parts = match.groupdict()
    name, day = parts.get("name"), int(parts["day"])
    month = month_number(name) if name else int(parts["month"])
    if _is_range(plain, match.end(), day):
        known = list(_dates(plain, match.end()))
        return Heading(HeadingKind.SEVERAL, known=_certain(known) or _last_day(plain, match, month))
    is_only = _match_end(_NO_WORDS, plain, match.end()) == len(plain)
    if match.re is _NUMBERS and not is_only:
        return None
    try:
        date(2000, month, day)  # a leap year
    except ValueError:
        return None
    return Heading(HeadingKind.PARTIAL, month=month, day=day, is_only_date=is_only)


def _range_of_days(plain: str, start: int) -> Heading | None:
    """Return a heading such as `27-31 October 2025`."""
    first = _FIRST_DAY.match(plain, start)
    connector = first and _CONNECTOR.match(plain, first.end())
    if not connector:
        return None
    end = _longest((*COMPLETE, *_PARTIAL), plain, connector.end())
    if not end or not end["name"]:
        return None
    return Heading(HeadingKind.SEVERAL, known=_certain(_dates(plain, connector.end())))


def _month_alone(plain: str, start: int) -> Heading | None:
    match = _MONTH_AND_YEAR.match(plain, start)
    if not match or _match_end(_NO_WORDS, plain, match.end()) < len(plain):
        return None
    return Heading(HeadingKind.MONTH)


def _further_in(plain: str, start: int) -> Heading:
    found = next(iter(_dates(plain, start)), None)
    return Heading(HeadingKind.FURTHER_IN, found) if found else OTHER


def _is_range(plain: str, end: int, first_day: int) -> bool:
    """Return whether a date goes on to another one, or to a later day of its month."""
    connector = _CONNECTOR.match(plain, end)
    if not connector:
        return False
    if _longest((*COMPLETE, *_PARTIAL), plain, connector.end()):
        return True
    last = _LAST_DAY.match(plain, connector.end())
    if not last or not first_day < int(last["day"]) <= 31:  # noqa: PLR2004
        return False
    is_close = not connector["gap"] and not connector["more"]
    return is_close or last["end"] is not None or bool(_YEAR.match(plain, last.end()))


def _last_day(plain: str, match: re.Match[str], month: int) -> tuple[date, ...]:
    """Return the last day of `October 27 - 31, 2025`."""
    connector = _CONNECTOR.match(plain, match.end())
    last = connector and _LAST_DAY.match(plain, connector.end())
    year = last and _YEAR.match(plain, last.end("day"))
    if not last or not year:
        return ()
    with suppress(ValueError):
        return (date(full_year(year["year"]), month, int(last["day"])),)
    return ()


def _dates(plain: str, start: int) -> Iterator[Written]:
    """Yield the complete dates of the calendar from an offset on."""
    for form in COMPLETE:
        for match in form.finditer(plain, start):
            before = plain[match.start() - 1 : match.start()]
            if before.isascii() and before.isalnum():
                continue
            found = written(match)
            with suppress(ImpossibleDateError):
                with suppress(AmbiguousDateError):
                    found.date()
                yield found


def _certain(found: Iterable[Written]) -> tuple[date, ...]:
    certain = []
    for each in found:
        with suppress(ImpossibleDateError, AmbiguousDateError):
            certain.append(each.date())
    return tuple(sorted(certain))


def _numbers(found: Written) -> tuple[int, frozenset[int]]:
    return found.year, frozenset((found.first, found.second))


def _longest(forms: Iterable[re.Pattern[str]], text: str, start: int) -> re.Match[str] | None:
    matches = [match for form in forms if (match := form.match(text, start))]
    return max(matches, key=re.Match.end, default=None)


def _match_end(form: re.Pattern[str], text: str, start: int) -> int:
    return match.end() if (match := form.match(text, start)) else start
