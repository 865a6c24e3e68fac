"""Parse a day and a month without a year: `Oct 28`, `28. Oktober`, `10/28`."""

import re
from contextlib import suppress

from loader.parsing.dates import (
    MONTH,
    PLAIN_MONTH,
    WEEKDAY,
    AmbiguousDateError,
    ImpossibleDateError,
    Written,
    month_number,
)

CLOCK = (
    r"(?:at[ ]+|@[ ]*|t)?\d\d?(?::\d\d){1,2}(?:[.,]\d{1,9})?(?:[ ]*[ap]\.?m(?!\w)\.?)?"
    r"(?:[ ]*(?:z|utc|gmt|h|uhr)(?!\w))?(?:[ ]*[+-]\d\d:?\d\d)?"
    r"|(?:at[ ]+|@[ ]*)?\d\d?[ ]*[ap]\.?m(?!\w)\.?"
)
# Text without words: a weekday, a time, punctuation.
NO_WORDS = re.compile(rf"(?:{WEEKDAY}|{CLOCK}|[^\w]|_)*+")
PARTIAL = tuple(
    re.compile(form)
    for form in (
        rf"{PLAIN_MONTH}[ ,.\-/]{{0,4}}(?P<day>\d\d?)(?:st|nd|rd|th)?(?!\d|[:.]\d)",
        r"(?P<day>\d\d?)(?:st|nd|rd|th|er|\.|\u00ba)?(?:[ \-/]{0,3}|[ ]+(?:of|de|di)[ ]+)"
        + PLAIN_MONTH,
        rf"(?P<day>\d\d?)(?:[ ]+de[ ]+|/){MONTH}",
        r"(?P<month>\d\d?)[\u6708\uc6d4][ ]?(?P<day>\d\d?)[\u65e5\uc77c]",
    )
)
NUMBERS = re.compile(
    r"(?P<first>\d\d?)(?P<separator>[/.-])(?P<second>\d\d?)(?P<dot>\.(?!\d))?(?!\d)"
    r"(?!(?P=separator)\d)"
)
_LEAP_YEAR = 2000  # the assumed year of a day without one
_WEEKDAY_BEHIND = re.compile(rf"[ ,(]*{WEEKDAY}")
_MARK_BEHIND = re.compile(r"[ ]*[-\u2013\u2014:(|,\[]")


def without_year(match: re.Match[str]) -> Written:
    """Return the date of a match of `PARTIAL` or `NUMBERS`, in a leap year."""
    parts = match.groupdict()
    if match.re is NUMBERS:
        first, second = int(parts["first"]), int(parts["second"])
        return Written(match[0], _LEAP_YEAR, first, second, parts["separator"])
    name = parts.get("name")
    month = month_number(name) if name else int(parts["month"])
    return Written(match[0], _LEAP_YEAR, month, int(parts["day"]))


def is_in_a_year(found: Written) -> bool:
    """Return whether the day exists in a leap year, in one order or both."""
    with suppress(AmbiguousDateError):
        try:
            found.date()
        except ImpossibleDateError:
            return False
    return True


def has_weekday(plain: str, start: int, end: int) -> bool:
    """Return whether a weekday, or a word such as "Day 2", is before or after two numbers."""
    return any(map(str.isalpha, plain[:start])) or bool(_WEEKDAY_BEHIND.match(plain, end))


def may_be_day(plain: str, match: re.Match[str], *, is_only: bool) -> bool:
    """Return whether two numbers may be a day, unlike a ratio or a version: `24/7`, `2.1`."""
    if match[0] == "24/7":
        return False
    if match["separator"] == ".":
        is_long = len(match["first"]) == len(match["second"]) == len("28")
        is_dotted = match["dot"] is not None
        return (is_only and (is_long or is_dotted)) or (
            is_dotted and bool(_MARK_BEHIND.match(plain, match.end()))
        )
    return is_only or match["separator"] == "/" or bool(_MARK_BEHIND.match(plain, match.end()))
