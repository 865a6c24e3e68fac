"""Calendar dates in headings and file names: month first among numbers, no time zones."""

import re
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache

from loader.parsing.text import SPACES

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH_NAME = f"(?P<month_name>{'|'.join(sorted(_MONTHS, key=len, reverse=True))})"
_MONTH = _MONTH_NAME + r"\b\.?"
_WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?)\b\.?"
)
_CLOCK = (
    r"(?:at\s+)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[ap]\.?m\.?)?"
    r"(?:\s*(?:z|utc|gmt))?(?:\s*[+-]\d{2}:?\d{2})?"
)
_YEAR = r"(?P<year>\d{4,})"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_ANY_DAY = r"(?P<day>\d+)(?:st|nd|rd|th)?"  # shaped like a date, be it one or not
_FORMS = (
    rf"{_MONTH}\s*{_ANY_DAY}\s*,?\s*\b{_YEAR}",
    rf"{_ANY_DAY}\s+(?:of\s+)?{_MONTH}\s*,?\s*{_YEAR}",
    rf"{_YEAR}(?P<separator>[-/])(?P<month>\d+)(?P=separator)(?P<day>\d+)",
    r"(?P<month>\d+)(?P<separator>[-/])(?P<day>\d+)(?P=separator)(?P<year>\d{4,})",
    rf"{_MONTH}\s*,?\s*{_YEAR}",  # a year with a month's name, but no day: shaped like a date
)
_COMMA = r"(?:\s*[,\u2013\u2014-])?\s*"
_TAIL = rf"(?:{_COMMA}{_WEEKDAY})?(?:{_COMMA}{_CLOCK}|t{_CLOCK})?"
_BRACKETS = rf"(?:\s*[(\[]\s*(?:{_WEEKDAY}|{_CLOCK})(?:,?\s*{_CLOCK})?\s*[)\]])?"
_HEADINGS = tuple(
    re.compile(rf"(?:{_WEEKDAY}\s*,?\s*)?{form}{_TAIL}{_BRACKETS}", re.IGNORECASE | re.ASCII)
    for form in _FORMS
)
_LONGEST_HEADING = 100

_GAP = r"[ ,._-]*"
_NO_DATE_BEHIND = r"(?![-_.]\d{1,2}[-_.]\d{1,2}(?!\d))"  # the 1 of Q4-1-2025-10-27 is no day
_NAME_FORMS = (
    r"(?P<year>\d{4,})(?P<separator>[-_.])(?P<month>\d{1,2})(?P=separator)(?P<day>\d{1,2})",
    r"(?P<month>\d\d?)(?P<separator>[-_.])(?P<day>\d\d?)(?P=separator)(?P<year>\d{4,})"
    + _NO_DATE_BEHIND,
    r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})",
    rf"(?<![a-z]){_MONTH_NAME}{_GAP}{_DAY}{_GAP}(?<!\d){_YEAR}",
    rf"{_DAY}{_GAP}{_MONTH_NAME}{_GAP}{_YEAR}",
)
_NAMES = tuple(
    re.compile(rf"(?<!\d){form}(?!\d)", re.IGNORECASE | re.ASCII) for form in _NAME_FORMS
)
# Could be a time or a version as well: read only where no other form stands, and it is a date.
_SHORT_NAME = re.compile(
    r"(?<!\d)(?<!\d[-_.])(?P<month>\d\d?)(?P<separator>[-_])(?P<day>\d\d?)(?P=separator)"
    r"(?P<year>\d{2})(?![-_.]?\d)",
    re.ASCII,
)
_NAME_TIME = re.compile(
    r"t(?P<hour>\d{2})[-_:.]?(?P<minute>\d{2})(?:[-_:.]?(?P<second>\d{2}))?(?:[-_.,]\d{3})?"
    r"(?P<offset>z|(?P<sign>[+-])(?P<offset_hour>\d{2})[-_:.]?(?P<offset_minute>\d{2}))?(?!\d)",
    re.IGNORECASE | re.ASCII,
)


class ImpossibleDateError(ValueError):
    """Shaped like a date (or a time) that no calendar (or clock) has."""


@lru_cache(maxsize=4096)
def _parsed_heading(heading: str) -> date | None:
    plain = SPACES.sub(" ", heading).rstrip("# ").replace("**", "").replace("__", "").strip("*_: ")
    for form in _HEADINGS:
        if match := form.fullmatch(plain):
            return _date_of(match)
    return None


def heading_date(heading: str) -> date | None:
    """The date that a whole heading is.

    Args:
        heading: The text behind `## `, trimmed; bold or not, in any letter case.

    Returns:
        The date, or None where the heading is not shaped like one (`Week 44`, `TBD`).

    Raises:
        ImpossibleDateError: It is shaped like a date that does not exist (`February 30, 2025`).
    """
    return _parsed_heading(heading) if len(heading) <= _LONGEST_HEADING else None


def first_date(text: str) -> tuple[date, int] | None:
    """The first date within a file's name or a title.

    Returns:
        The date and the offset behind it; None where there is none.

    Raises:
        ImpossibleDateError: The first that is shaped like a date does not exist.
    """
    matches = [match for form in _NAMES if (match := form.search(text))]
    if matches:
        first = min(matches, key=lambda match: (match.start(), -match.end()))
        return _date_of(first), first.end()
    if short := _SHORT_NAME.search(text):
        with suppress(ImpossibleDateError):
            return _date_of(short), short.end()
    return None


def time_behind(text: str, day: date, offset: int) -> datetime | None:
    """The instant that a name gives behind its date, such as `T14-00-00` or `T23_30_00-05_00`.

    Args:
        text: The file's name.
        day: Its date.
        offset: Where the date ends.

    Returns:
        The time in UTC (as written where no offset stands), or None where there is none.

    Raises:
        ImpossibleDateError: No clock shows that time.
    """
    match = _NAME_TIME.match(text, offset)
    if not match:
        return None
    zone = UTC
    try:
        if match["sign"]:
            shift = timedelta(hours=int(match["offset_hour"]), minutes=int(match["offset_minute"]))
            zone = timezone(-shift if match["sign"] == "-" else shift)
        clock = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0), 0, zone)
        return datetime.combine(day, clock).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        message = f"{match[0]!r} is no time of day"
        raise ImpossibleDateError(message) from error


def iso_date(text: str) -> date:
    """The date that a `YYYY-MM-DD` is.

    Raises:
        ImpossibleDateError: It is none.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    message = f"{text[:_LONGEST_HEADING]!r} is no date (YYYY-MM-DD)"
    raise ImpossibleDateError(message)


def _date_of(match: re.Match[str]) -> date:
    parts = match.groupdict()
    try:
        named = parts.get("month_name")
        month = _MONTHS[named.lower()] if named else int(parts["month"])
        year = int(parts["year"]) + (2000 if len(parts["year"]) == len("25") else 0)
        return date(year, month, int(parts.get("day", "0")))
    except (ValueError, OverflowError) as error:
        message = f"{match[0]!r} is no date of the calendar"
        raise ImpossibleDateError(message) from error
