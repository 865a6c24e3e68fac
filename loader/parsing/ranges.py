"""Parse ranges of days: `October 27-31`, `27.-31.10.2025`, `10/27 - 11/02/2025`."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date

from loader.parsing.dates import (
    COMPLETE,
    WEEKDAY,
    AmbiguousDateError,
    DateOrder,
    ImpossibleDateError,
    Written,
    full_year,
    written,
)
from loader.parsing.text import longest_match, match_end
from loader.parsing.yearless import (
    NO_WORDS,
    NUMBERS,
    PARTIAL,
    is_in_a_year,
    without_year,
)

_CONNECTOR = re.compile(
    r"(?P<gap>[ ]*)(?:-+>?|[\u2013\u2014\u2192&+,/~\u2026]|\.{2,3}"
    r"|(?:to|till|until|thru|through|and|bis|und|al?|au|et?|tot|en|y)(?!\w))(?P<more>[ ]*)"
    rf"(?:{WEEKDAY}[ ,]*)?"
)
_LAST_DAY = re.compile(r"(?P<day>\d\d?)(?:st|nd|rd|th)?\.?(?![\w:])(?P<end>[ ]*(?:$|[)\],;]))?")
_FIRST_DAY = re.compile(r"(?P<day>\d\d?)(?:st|nd|rd|th)?(?P<dot>\.)?")
_YEAR_BEHIND = re.compile(r"[ ]*,?[ ]*(?P<year>(?:19|20)\d\d)(?!\d)")
_NUMBER = re.compile(r"(?<!\w)\d\d?(?!\d)")


def is_range(plain: str, end: int, first_day: int) -> bool:
    """Return whether a date continues to another date, or to a later day of its month."""
    connector = _CONNECTOR.match(plain, end)
    if not connector:
        return False
    rest = plain[connector.end() :]
    if longest_match((*COMPLETE, *PARTIAL), rest, 0) or _are_last_day(rest):
        return True
    last = _LAST_DAY.match(plain, connector.end())
    if not last or not first_day < int(last["day"]) <= 31:  # noqa: PLR2004
        return False
    is_close = not connector["gap"] and not connector["more"]
    return is_close or last["end"] is not None or bool(_YEAR_BEHIND.match(plain, last.end()))


def _are_last_day(rest: str) -> bool:
    """Return whether a text is a day of two numbers, such as `10/31` in `10/27/2025 - 10/31`."""
    match = NUMBERS.match(rest)
    if not match or match[0] == "24/7" or match_end(NO_WORDS, rest, match.end()) < len(rest):
        return False
    is_short = match["separator"] == "-" and len(match[0]) < len("10-31")
    return not is_short and is_in_a_year(without_year(match))


def last_day(plain: str, match: re.Match[str]) -> tuple[date, ...]:
    """Return the last day of `October 27 - 31, 2025`."""
    connector = _CONNECTOR.match(plain, match.end())
    last = connector and _LAST_DAY.match(plain, connector.end())
    year = last and _YEAR_BEHIND.match(plain, last.end("day"))
    if not last or not year:
        return ()
    with suppress(ValueError):
        month = without_year(match).first
        return (date(full_year(year["year"]), month, int(last["day"])),)
    return ()


def range_of_days(plain: str, start: int) -> tuple[date, ...] | None:
    """Return the complete dates of `27-31 October 2025`, `27.-31.10.2025` or `27-31/10/2025`.

    Return None without such a range.
    """
    first = _FIRST_DAY.match(plain, start)
    connector = first and _CONNECTOR.match(plain, first.end())
    if not first or not connector:
        return None
    rest = plain[connector.end() :]
    end = longest_match((*COMPLETE, *PARTIAL), rest, 0)
    if not end:
        return None
    parts = end.groupdict()
    is_day_first = bool(first["dot"]) if parts.get("separator") == "." else False
    if parts.get("separator") == "/":
        is_day_first = written(end).order is DateOrder.DMY
    if not parts.get("name") and not is_day_first:
        return None
    return certain_dates(dates_in(rest, 0))


def range_inside(plain: str, start: int) -> tuple[date, ...]:
    """Return the complete dates of a range further in: `Week of October 27 - 31, 2025`."""
    for form in (*COMPLETE, *PARTIAL):
        for match in form.finditer(plain, start):
            day = int(match.groupdict().get("day") or match.groupdict().get("second") or 0)
            if is_range(plain, match.end(), day):
                known = certain_dates(dates_in(plain, match.start()))
                return known or (last_day(plain, match) if "day" in match.groupdict() else ())
    for number in _NUMBER.finditer(plain, start):
        if found := range_of_days(plain, number.start()):
            return found
    return ()


def dates_in(plain: str, start: int) -> Iterator[Written]:
    """Yield the complete, valid dates from an offset on."""
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


def certain_dates(found: Iterable[Written]) -> tuple[date, ...]:
    """Return the dates whose order is certain, sorted."""
    certain = []
    for each in found:
        with suppress(ImpossibleDateError, AmbiguousDateError):
            certain.append(each.date())
    return tuple(sorted(certain))
