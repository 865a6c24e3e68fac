"""Parse calendar dates as people write them: forms, months' names, orders of numbers."""

import re
from contextlib import suppress
from datetime import date
from enum import StrEnum
from typing import NamedTuple

EARLIEST_YEAR, LATEST_YEAR = 1990, 2099
_LONGEST_SHOWN = 100

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner jaenner enero ene janvier janv janeiro gennaio gen januari",
            "february feb februar febrero fevrier fevr fev fevereiro febbraio februari",
            "march mar marz maerz mrz marzo mars marco maart mrt",
            "april apr abril abr avril avr aprile",
            "may mai mayo maio maggio mag mei",
            "june jun juni junio juin junho giugno giu",
            "july jul juli julio juillet juil julho luglio lug",
            "august aug agosto ago aout augustus",
            "september sept sep septiembre setiembre septembre setembro set settembre sett",
            "october oct oktober okt octubre octobre outubro out ottobre ott",
            "november nov noviembre novembre novembro",
            "december dec dezember dez diciembre dic decembre dezembro dicembre",
        ),
        start=1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(_MONTHS, key=len, reverse=True))
MONTHS = tuple(name for name in _MONTHS if len(name) > len("sept"))  # full names
MONTH = rf"(?<![a-z])(?P<name>{_NAMES})(?![a-z])\.?"
# "out 3", "set 5" and "ago 2" are also English: read them only next to a year.
PLAIN_MONTH = MONTH.replace("(?P<name>", "(?!(?:set|out|ago)(?![a-z]))(?P<name>")
WEEKDAY = (
    r"(?:mon(?:day)?|tue(?:s(?:day)?)?|wed(?:s|nesday)?|thu(?:r(?:s(?:day)?)?)?|fri(?:day)?"
    r"|sat(?:urday)?|sun(?:day)?"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so"
    r"|lunes|martes|miercoles|jueves|viernes|sabado|domingo|lun|mie|jue|vie|sab|dom"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|mer|jeu|ven|sam|dim"
    r"|(?:segunda|terca|quarta|quinta|sexta)(?:-feira)?|seg|ter|qua|qui|sex|sab"
    r"|lunedi|martedi|mercoledi|giovedi|venerdi|sabato|domenica|gio"
    r"|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|ma|wo|vr|za|zo)(?![a-z])\.?"
)
_TH = r"(?:st|nd|rd|th|er|[\u00ba\u00aa\u00b0])?"
DAY = rf"(?P<second>\d{{1,3}}){_TH}(?!\d)"
_OF = r"(?:[ ,.\-/]{1,4}(?:of|de|del|di)[ ]+|[ ,.\-/]{0,4})"
_YEAR = r"(?P<year>\d{4,9}|'\d\d)(?!\d)"
_NO_PART = r"(?!\d)(?!\.\d)"  # 2025.10.28.4 is a version
_EAST_ASIAN = (
    r"(?<!\d)(?P<year>\d{4})[ ]?[\u5e74\ub144][ ]?(?P<first>\d\d?)[ ]?[\u6708\uc6d4][ ]?"
    r"(?P<second>\d\d?)[ ]?[\u65e5\uc77c]?"
)
# Tue Oct 28 09:14:02 CET 2025, as `date` prints it
_PRINTED = (
    rf"{MONTH}[ ]{{1,2}}{DAY}[ ]\d\d?:\d\d(?::\d\d)?[ ](?:[a-z]{{2,5}}[ ])?"
    r"(?P<year>\d{4,9})(?!\d)"
)
_FORMS = (
    rf"{MONTH}[ ,.\-/]{{0,4}}{DAY}(?:[ ,.\-/]{{1,4}}|[ ,]+(?:of|de|del)[ ]+){_YEAR}",
    rf"(?<!\d){DAY}{_OF}{MONTH}{_OF}{_YEAR}",
    rf"(?<!\d){DAY}(?P<mark>[-/]){MONTH}(?P=mark)(?P<year>\d\d)(?![\d:])",
    rf"(?<!\d){DAY}[ ]{MONTH}[ ](?P<year>\d\d)(?![\w:])(?![ ]+\w)",
    _PRINTED,
    rf"(?<!\d)(?P<year>\d{{4,9}})[ \-/.,]{{1,2}}{MONTH}[ \-/.,]{{1,2}}{DAY}",
    _EAST_ASIAN,
    r"(?<!\d)(?P<year>\d{4,9})(?P<mark>[ ]?[-/._\u2013\u2014][ ]?)(?P<first>\d{1,3})(?P=mark)"
    r"(?P<second>\d{1,3})" + _NO_PART,
    r"(?<!\d)(?P<year>\d{4})\.[ ](?P<first>\d\d?)\.[ ](?P<second>\d\d?)(?!\d)\.?",
    r"(?<!\d)(?P<year>(?:19|20)\d\d)(?P<first>\d\d)(?P<second>\d\d)(?!\d)",
)
_NUMBERS = (
    r"(?<!\d)(?<!\d[-/.])(?P<first>\d{1,3})(?P<separator>[-/.])(?P<second>\d{1,3})(?P=separator)"
    rf"(?P<year>\d{{4,9}}|\d\d){_NO_PART}(?!/\d)"
)
# 28. 10. 2025
_SPACED_NUMBERS = (
    r"(?<!\d)(?<!\d[-/.])(?P<first>\d\d?)[ ]?(?P<separator>[-/.])[ ]?(?P<second>\d\d?)[ ]?"
    r"(?P=separator)[ ]?(?P<year>\d{4})(?![\d./])"
)
COMPLETE = tuple(re.compile(form) for form in (*_FORMS, _NUMBERS, _SPACED_NUMBERS))


class ImpossibleDateError(ValueError):
    """A text looks like a date or time, but no calendar or clock has it."""


class AmbiguousDateError(ValueError):
    """A date has two possible readings, and no other information decides between them."""


class DateOrder(StrEnum):
    """The order of day and month in a date of numbers."""

    MDY = "MDY"
    DMY = "DMY"


class Written(NamedTuple):
    """A date as written.

    Args:
        text: The words and numbers.
        year: The year; two digits stand for 1951 to 2050.
        first: The first number of a date of numbers; the month of any other date.
        second: The second number of a date of numbers; the day of any other date.
        separator: The text between the numbers; empty if the order is certain.
    """

    text: str
    year: int
    first: int
    second: int
    separator: str = ""

    @property
    def order(self) -> DateOrder | None:
        """Return the order that its numbers prove; None if both orders or none are valid."""
        month_first = _exists(self.year, self.first, self.second)
        day_first = _exists(self.year, self.second, self.first)
        if month_first == day_first:
            return None
        return DateOrder.MDY if month_first else DateOrder.DMY

    def date(self, order: DateOrder | None = None) -> date:
        """Return the calendar date.

        Args:
            order: The order for numbers that are valid in both orders. None means month first
                with `-` and `/`, and unknown with dots.

        Raises:
            AmbiguousDateError: Both orders are possible.
            ImpossibleDateError: The date does not exist or is not from 1990 to 2099.
        """
        month, day = self.first, self.second
        if self.separator:
            order = self.order or order
            if not order and self.separator == "." and month != day:
                if _exists(self.year, month, day):
                    message = f"{self.text!r} may be month first or day first"
                    raise AmbiguousDateError(message)
            elif order is DateOrder.DMY:
                month, day = day, month
        if not _exists(self.year, month, day):
            message = f"{self.text[:_LONGEST_SHOWN]!r} is not a date"
            if not EARLIEST_YEAR <= self.year <= LATEST_YEAR:
                message += f" from {EARLIEST_YEAR} to {LATEST_YEAR}"
            raise ImpossibleDateError(message)
        return date(self.year, month, day)


def written(match: re.Match[str]) -> Written:
    """Return the date of a match of one of `COMPLETE`."""
    parts = match.groupdict()
    name = parts.get("name")
    return Written(
        match[0],
        full_year(parts["year"]),
        _MONTHS[name] if name else int(parts["first"]),
        int(parts["second"]),
        parts.get("separator") or "",
    )


def month_number(name: str) -> int:
    """Return the number of a month by a name that `MONTH` matches."""
    return _MONTHS[name]


def full_year(digits: str) -> int:
    """Return the year of two or more digits ('25): 00 to 50 are 20xx, 51 to 99 are 19xx."""
    digits = digits.removeprefix("'")
    year = int(digits)
    if len(digits) > len("25"):
        return year
    return year + (2000 if year <= 50 else 1900)  # noqa: PLR2004 - the rule above


def iso_date(text: str, *, is_ours: bool = True) -> date:
    """Return the date of a `YYYY-MM-DD` text.

    Args:
        text: The date.
        is_ours: Whether to require a year from 1990 to 2099, as for dates in a workspace.

    Raises:
        ImpossibleDateError: The text is not a date.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        with suppress(ValueError):
            found = date.fromisoformat(text)
            if not is_ours or EARLIEST_YEAR <= found.year <= LATEST_YEAR:
                return found
    message = f"{text[:_LONGEST_SHOWN]!r} is no date (YYYY-MM-DD)"
    raise ImpossibleDateError(message)


def _exists(year: int, month: int, day: int) -> bool:
    if not EARLIEST_YEAR <= year <= LATEST_YEAR:
        return False
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
