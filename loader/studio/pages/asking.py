"""Parameters of requests: weeks, and numbers of pages."""

from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request

from loader.questions.names import monday

_BAD_REQUEST = 400
_FURTHEST = 1_000_000
_YEARS = range(1000, 9999)


def week_of(request: Request) -> date | None:
    """Return the Monday of the week in the address; None if the address has none.

    Raises:
        HTTPException: The value is not a day, or a calendar cannot show it.
    """
    text = request.query_params.get("week", "").strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = date.min
    # A calendar around the first or the last possible day would exceed the range.
    if day.year not in _YEARS:
        message = f"{text!r} is not a day that fits here. Write it like 2025-10-27."
        raise HTTPException(_BAD_REQUEST, message)
    return monday(day)


def number_of(request: Request, name: str, otherwise: int = 0) -> int:
    """Return a number from the address.

    Raises:
        HTTPException: The value is not a number, or is too large.
    """
    text = request.query_params.get(name, "").strip() or str(otherwise)
    if not (text.isascii() and text.isdigit()) or int(text) > _FURTHEST:
        raise HTTPException(_BAD_REQUEST, f"{name}={text!r} is not a number that fits here.")
    return int(text)


def days_of(week: date) -> list[date]:
    """Return the seven days of a week."""
    return [week + timedelta(days=n) for n in range(7)]
