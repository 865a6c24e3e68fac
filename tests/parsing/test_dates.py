from datetime import date

import pytest

from loader.parsing.dates import (
    AmbiguousDateError,
    DateOrder,
    ImpossibleDateError,
    Written,
    full_year,
    iso_date,
)


def test_two_digits_of_a_year() -> None:
    assert [2000, 2025, 2050, 1951, 1999, 2025] == [
        full_year(digits) for digits in ("00", "25", "50", "51", "99", "'25")
    ]


@pytest.mark.parametrize(
    ("first", "second", "separator", "order", "expected"),
    [
        (10, 27, "/", None, date(2025, 10, 27)),
        (27, 10, "/", None, date(2025, 10, 27)),
        (3, 9, "-", None, date(2025, 3, 9)),
        (3, 9, "-", DateOrder.DMY, date(2025, 9, 3)),
        (10, 27, "-", DateOrder.DMY, date(2025, 10, 27)),
        (28, 10, ".", None, date(2025, 10, 28)),
        (3, 9, ".", DateOrder.MDY, date(2025, 3, 9)),
        (3, 9, ".", DateOrder.DMY, date(2025, 9, 3)),
        (5, 5, ".", None, date(2025, 5, 5)),
        # Dates with a month's name, or with the year first, are unambiguous.
        (3, 9, "", DateOrder.DMY, date(2025, 3, 9)),
    ],
)
def test_the_order_of_numbers(
    first: int, second: int, separator: str, order: DateOrder | None, expected: date
) -> None:
    assert Written("x", 2025, first, second, separator).date(order) == expected


def test_dots_alone_do_not_determine_the_order() -> None:
    with pytest.raises(AmbiguousDateError, match="month first or day first"):
        Written("03.10.2025", 2025, 3, 10, ".").date()


@pytest.mark.parametrize("year", [0, 1989, 2100, 10000])
def test_a_year_out_of_range(year: int) -> None:
    with pytest.raises(ImpossibleDateError, match="from 1990 to 2099"):
        Written("x", year, 1, 1).date()


@pytest.mark.parametrize(
    "text", ["2025-10-7", "2025-02-30", "", "20251027", "x", "２０２５-10-27", "1989-12-31"]
)
def test_iso_date_takes_no_other_form(text: str) -> None:
    with pytest.raises(ImpossibleDateError):
        iso_date(text)
