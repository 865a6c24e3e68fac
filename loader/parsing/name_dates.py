"""Parse dates and times in names of files and folders: docs/workspace.md, "Transcripts"."""

import re
from calendar import monthrange
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple

from loader.parsing.dates import (
    EARLIEST_YEAR,
    LATEST_YEAR,
    MONTH,
    WEEKDAY,
    DateOrder,
    ImpossibleDateError,
    Written,
    month_number,
    written,
)
from loader.parsing.text import folded

_GAP = r"(?:[ ,._-]{0,4}|[ _-]de[ _-])"
_DAY = r"(?P<second>\d{1,2})(?:st|nd|rd|th|er)?"
_NUMBERS = r"(?P<first>\d\d?)(?P<separator>[-_.])(?P<second>\d\d?)(?P=separator)(?P<year>\d{4,9})"
_FORMS = tuple(
    re.compile(rf"(?<!\d){form}(?!\d)")
    for form in (
        r"(?P<year>\d{4,9})(?P<mark>[-_.])(?P<first>\d{1,2})(?P=mark)(?P<second>\d{1,2})",
        rf"(?<![a-z]){_NUMBERS}",
        _NUMBERS + r"(?![-_.]\d{1,2}[-_.]\d{1,2}(?!\d))",  # in Q4-1-2025-10-27, 4-1 is not a day
        r"(?P<year>(?:19|20)\d{2})(?P<first>\d{2})(?P<second>\d{2})",
        rf"{MONTH}{_GAP}{_DAY}{_GAP}(?<!\d)(?P<year>\d{{4,9}})",
        rf"{_DAY}{_GAP}{MONTH}{_GAP}(?P<year>\d{{4,9}})",
        rf"(?P<year>\d{{4,9}}){_GAP}{MONTH}{_GAP}{_DAY}",
        r"(?P<year>\d{4})\u5e74(?P<first>\d\d?)\u6708(?P<second>\d\d?)\u65e5",
    )
)
# These may be times, versions or numbers: use them only without another form, if the date exists.
_SHORT_FORMS = (
    re.compile(
        r"(?<!\d)(?<!\d[-_.])(?P<first>\d\d?)(?P<separator>[-_])(?P<second>\d\d?)(?P=separator)"
        r"(?P<year>\d{2})(?!\d)(?![-_.]\d\d\d)"
    ),
    re.compile(
        r"(?<!\d)(?<!\d[-_.])(?P<first>\d\d)(?P<separator>\.)(?P<second>\d\d)\.(?P<year>\d\d)"
        r"(?!\d)(?!\.\d)"
    ),
    re.compile(r"\A(?P<first>\d\d)(?P<separator>)(?P<second>\d\d)(?P<year>\d\d)(?=[-_ ])"),
)
_ZONE = (
    r"(?:z|[ ]?(?:gmt|utc)(?!\w|[+-])"
    r"|(?:[ ]?(?:gmt|utc)[ ]?)?(?P<sign>[+-])(?P<zone_hour>\d\d)[-_:.]?(?P<zone_minute>\d\d))?"
)
_STAMP = re.compile(
    r"t(?P<hour>\d\d)[-_:.]?(?P<minute>\d\d)(?:[-_:.]?(?P<second>\d\d))?(?:[-_.,]\d{3})?"
    rf"{_ZONE}(?!\d)"
)
_HALF = r"(?:[ _-]?(?P<half>[ap])\.?m(?![a-z]))?"
_TIMES = (
    re.compile(
        r"(?:[ ]at)?[-_ ](?P<hour>[01]?\d|2[0-3])(?P<between>[-_:.])(?P<minute>[0-5]\d)"
        rf"(?:(?P=between)(?P<second>[0-5]\d))?{_HALF}"
        r"(?:z|[ ]?(?:gmt|utc)(?:(?P<sign>[+-])(?P<zone_hour>\d\d)[-_:.]?(?P<zone_minute>\d\d))?)?"
        r"(?![-_.]?\d)"
    ),
    re.compile(r"[-_ ](?P<hour>[01]\d|2[0-3])(?P<minute>[0-5]\d)(?P<second>[0-5]\d)z?(?![-_.]?\d)"),
)
_YEAR_FOLDER = re.compile(r"(?<!\d)(?P<year>(?:19|20)\d\d)(?:[-_. ]?(?P<month>[01]\d))?(?!\d)")
_MONTH_FOLDER = re.compile(r"(?P<month>0?[1-9]|1[0-2])(?:\Z|[-_. ](?!\d))")
_DAY_FOLDER = re.compile(rf"(?:{WEEKDAY}[ ,_-]*)?(?P<day>[0-3]?\d)(?:\Z|[-_. ](?!\d))")
_NAMED_MONTH = re.compile(MONTH)
_NAMED_DAY = (
    re.compile(rf"{MONTH}{_GAP}(?P<day>\d\d?)(?!\d)"),
    re.compile(rf"(?<!\d)(?P<day>\d\d?)(?:st|nd|rd|th)?{_GAP}{MONTH}"),
)
_MONTH_AND_DAY = re.compile(
    r"(?<![a-z\d])(?<!\d[-_.])(?P<month>[01]?\d)[-_](?P<day>[0-3]?\d)(?!\d)(?![-_.]\d)"
)
_DAY_ALONE = re.compile(rf"(?:{WEEKDAY}[ ,_-]*)?(?P<day>[0-3]?\d)(?!\d)(?![-_.]\d)")


class NameDate(NamedTuple):
    """The date in a name.

    Args:
        started_at: The time after it, in UTC (as written if it has no offset); None without a time.
        is_day_first: Whether it was read day first, because the month would be invalid.
        bad_time: The text of a time that does not exist.
    """

    date: date
    started_at: datetime | None = None
    is_day_first: bool = False
    bad_time: str = ""


def name_date(name: str, order: DateOrder | None = None) -> NameDate | None:
    """Return the first date in a file's or folder's name, and the time after it.

    Args:
        name: The file's or folder's name, with or without its extension.
        order: The order of day and month; None for month first, if that month exists.

    Returns:
        The date and time, or None without a date.

    Raises:
        ImpossibleDateError: The first text that looks like a date does not exist.
    """
    plain = folded(name)
    matches = [match for form in _FORMS for match in form.finditer(plain) if _is_ours(match)]
    if matches:
        first = min(matches, key=lambda match: (match.start(), -match.end()))
        return _read(plain, first, order)
    for form in _SHORT_FORMS:
        for match in form.finditer(plain):
            with suppress(ImpossibleDateError):
                return _read(plain, match, order)
    return None


def path_date(path: str, order: DateOrder | None = None) -> NameDate | None:
    """Return the date in a path's folders, alone or together with the file's name.

    Args:
        path: The path below the team's folder, with `/`, without a complete date in the file's
            name.
        order: See `name_date`.

    Raises:
        ImpossibleDateError: A text looks like a date that does not exist.
    """
    *folders, name = path.split("/")
    for folder in reversed(folders):
        if found := name_date(folder, order):
            return found
    year, month, day_folder = _folder_date(folders)
    if not year:
        return None
    day = _month_and_day(folded(name), month)
    if month and day_folder:  # a number at the start of the name is another day, or not a day
        day = (month, day_folder) if not day or day == (month, day_folder) else None
    if not day or (month and day[0] != month):
        return None
    return NameDate(_exact(year, *day, path))


def period_of(name: str) -> tuple[date, date] | None:
    """Return the first and last date in a file's name; None if it has none."""
    plain, found, end = folded(name.rpartition("/")[2]), [], 0
    matches = [match for form in _FORMS for match in form.finditer(plain)]
    for match in sorted(matches, key=lambda match: (match.start(), -match.end())):
        if match.start() >= end:
            end = match.end()
            with suppress(ImpossibleDateError):
                found.append(_date(match, None)[0])
    return (min(found), max(found)) if found else None


def whole_date(path: str, order: DateOrder | None = None) -> date | None:
    """Return the date of a daily note: from its name, or from its folders together with its name.

    Args:
        path: The path below the team's folder, with `/`.
        order: See `name_date`.

    Raises:
        ImpossibleDateError: A text looks like a date that does not exist.
    """
    if (period := period_of(path)) and period[0] != period[1]:
        return None
    found = name_date(path.rpartition("/")[2], order) or path_date(path, order)
    return found.date if found else None


def month_of(path: str) -> tuple[date, date] | None:
    """Return the first and last day of the month in a path: `2025/October.md`, `log 2025-10.md`.

    Args:
        path: The path below the team's folder, with `/`.

    Returns:
        The two days, or None if the path has no month and year.
    """
    year, month, _ = _folder_date(path.rpartition(".")[0].split("/"))
    if not year or not month or not 1 <= month <= 12:  # noqa: PLR2004
        return None
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _folder_date(folders: Iterable[str]) -> tuple[int | None, int | None, int | None]:
    """Return the year, month and day in folder names: `2025/10-October/27`."""
    year = month = day = None
    for folder in map(folded, folders):
        if match := _YEAR_FOLDER.search(folder):
            year, month = int(match["year"]), int(match["month"]) if match["month"] else None
        elif month and (match := _DAY_FOLDER.match(folder)):
            day = int(match["day"])
        elif year and not month and (match := _MONTH_FOLDER.match(folder)):
            month = int(match["month"])
        if year and (match := _NAMED_MONTH.search(folder)):
            month = month_number(match["name"])
    return year, month, day


def _month_and_day(name: str, month: int | None) -> tuple[int, int] | None:
    for form in _NAMED_DAY:
        if match := form.search(name):
            return month_number(match["name"]), int(match["day"])
    if match := _MONTH_AND_DAY.search(name):
        return int(match["month"]), int(match["day"])
    if month and (match := _DAY_ALONE.match(name)):
        return month, int(match["day"])
    return None


def _is_ours(match: re.Match[str]) -> bool:
    """Return whether a year is plausible: PR-1234-12-05 is not a date."""
    return EARLIEST_YEAR <= int(match["year"]) <= LATEST_YEAR


def _read(plain: str, match: re.Match[str], order: DateOrder | None) -> NameDate:
    day, is_day_first = _date(match, order)
    behind = next((m for form in (_STAMP, *_TIMES) if (m := form.match(plain, match.end()))), None)
    if not behind:
        return NameDate(day, None, is_day_first)
    try:
        return NameDate(day, _instant(day, behind), is_day_first)
    except (ValueError, OverflowError):
        return NameDate(day, None, is_day_first, behind[0])


def _date(match: re.Match[str], order: DateOrder | None) -> tuple[date, bool]:
    """Return a match's date, and whether the day comes first unexpectedly."""
    found = written(match)
    if "separator" not in match.groupdict():
        return found.date(), False
    day = found._replace(separator="-").date(
        order
    )  # also with dots, because names are not sentences
    return day, order is not DateOrder.DMY and found.order is DateOrder.DMY


def _instant(day: date, match: re.Match[str]) -> datetime:
    parts = match.groupdict()
    hour, half = int(parts["hour"]), parts.get("half")
    if half:
        if not 1 <= hour <= 12:  # noqa: PLR2004 - a clock of twelve hours
            raise ValueError(match[0])
        hour = hour % 12 + (12 if half == "p" else 0)
    zone = UTC
    if parts.get("sign"):
        shift = timedelta(hours=int(parts["zone_hour"]), minutes=int(parts["zone_minute"]))
        zone = timezone(-shift if parts["sign"] == "-" else shift)
    clock = time(hour, int(parts["minute"]), int(parts["second"] or 0), 0, zone)
    return datetime.combine(day, clock).astimezone(UTC)


def _exact(year: int, month: int, day: int, text: str) -> date:
    return Written(text, year, month, day).date()
