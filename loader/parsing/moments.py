"""Parse the moment in a datasource's comment, in the form of any locale."""

import re
from datetime import UTC, date, datetime, time, timedelta

from loader.parsing.dates import AmbiguousDateError, ImpossibleDateError
from loader.parsing.headings import heading_date
from loader.parsing.text import SPACES

_LONGEST = 100  # characters
_YEARS = range(1990, 2100)
_NEAR = timedelta(days=1)
_MARKS = re.compile("[\u200e\u200f\u061c\u202a-\u202e]")
_YEAR_FIRST = re.compile(
    r"(?<!\d)(?P<year>\d{4}) ?[-/.年] ?(?P<month>\d{1,2}) ?[-/.月] ?(?P<day>\d{1,2})(?!\d)[.日]?"
)
_YEAR_LAST = re.compile(
    r"(?<!\d)(?P<first>\d{1,2}) ?(?P<separator>[-/.]) ?(?P<second>\d{1,2}) ?(?P=separator)"
    r" ?(?P<year>\d{4})(?!\d)\.?"
)
_MORNING = r"[Aa]\.? ?[Mm]\.?|오전|午前|上午|ص"
_EVENING = r"[Pp]\.? ?[Mm]\.?|오후|午後|下午|م"
_CLOCK = re.compile(
    r"[,،T ]*(?:\u0433\.)?[, ]*(?:(?:klo|um|at|kl\.?|à|alle)? )?"
    rf"(?:(?P<before>{_MORNING}|{_EVENING}) ?)?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})(?:[.,]\d{1,6})?)?"
    rf"(?: ?(?P<after>{_MORNING}|{_EVENING}))?(?: ?(?:UTC|GMT|Z|\u0447\.))?[, ]*"
)
# For a date with the month's name: Tue Nov 25 2025 13:24:39 GMT+0100
_NAMED_CLOCK = re.compile(
    rf"(?<!\d)(?P<hour>\d{{1,2}}):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?P<before>)"
    rf"(?: ?(?P<after>{_MORNING}|{_EVENING}))?"
    r"(?: ?(?:GMT|UTC)(?P<sign>[+-])(?P<hours>\d\d):?(?P<minutes>\d\d))?"
)
_IS_EVENING = re.compile(_EVENING)
_AMERICAN = {"AM", "PM"}
_NOON = 12


def readings(text: str) -> list[datetime]:
    """Return the possible moments of a text, in UTC if it has no offset.

    The American form has slashes, seconds and a 12-hour clock with AM or PM: there the month comes
    first. In other forms, a first number up to 12 may be the day or the month.

    Args:
        text: A text such as `11/3/2025, 9:14:02 AM`, `25.11.2025, 13:24:39`,
            `2025. 11. 5. 오후 1:24:39`.

    Returns:
        One moment for each reading of the date, none if the text is not a moment. Never raises.
    """
    text = SPACES.sub(" ", _MARKS.sub("", text[: _LONGEST + 1])).strip()
    if len(text) > _LONGEST:
        return []
    if moment := _iso_moment(text):
        return [moment] if moment.year in _YEARS else []
    if found := _YEAR_FIRST.search(text):
        orders = [(found["year"], found["month"], found["day"])]
    elif found := _YEAR_LAST.search(text):
        orders = [
            (found["year"], found["first"], found["second"]),
            (found["year"], found["second"], found["first"]),
        ]
    else:
        return _named_day(text)
    rest = (text[: found.start()] + text[found.end() :]).strip()
    clock = _CLOCK.fullmatch(rest)
    at = _time(clock) if clock else None if rest else time()
    if at is None:
        return []
    is_slashed = found.groupdict().get("separator") == "/"
    is_american = clock and is_slashed and clock["second"] and clock["after"] in _AMERICAN
    if is_american and _date(*orders[0]):
        orders = orders[:1]
    days = sorted({day for order in orders if (day := _date(*order))})
    return [datetime.combine(day, at, UTC) for day in days]


def certain(moments: list[datetime], modified_at: datetime) -> datetime | None:
    """Return the only reading of a text, or the only one near the file's time.

    Args:
        moments: The result of `readings`.
        modified_at: The time of the file's last change.
    """
    if len(moments) > 1:
        moments = [each for each in moments if abs(each - modified_at) <= _NEAR]
    return moments[0] if len(moments) == 1 else None


def _iso_moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _named_day(text: str) -> list[datetime]:
    """Return the moment of a date with the month's name, as in a heading, and the time after it."""
    try:
        day = heading_date(text)
    except (AmbiguousDateError, ImpossibleDateError):
        return []
    if not day or day.year not in _YEARS:
        return []
    clock = _NAMED_CLOCK.search(text)
    at = _time(clock) if clock else time()
    if at is None:
        return []
    moment = datetime.combine(day, at, UTC)
    if clock and clock["sign"]:
        shift = timedelta(hours=int(clock["hours"]), minutes=int(clock["minutes"]))
        moment += shift if clock["sign"] == "-" else -shift
    return [moment]


def _date(year: str, month: str, day: str) -> date | None:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        return None
    return found if found.year in _YEARS else None


def _time(clock: re.Match[str]) -> time | None:
    """Return the time of day; None if it does not exist."""
    hour, marker = int(clock["hour"]), clock["before"] or clock["after"]
    if marker:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if _IS_EVENING.fullmatch(marker) else 0)
    try:
        return time(hour, int(clock["minute"]), int(clock["second"] or 0))
    except ValueError:
        return None
