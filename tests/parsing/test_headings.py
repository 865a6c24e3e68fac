import contextlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.dates import AmbiguousDateError, DateOrder, ImpossibleDateError
from loader.parsing.headings import HeadingKind, heading_date, read_heading, with_year

OCTOBER_27 = date(2025, 10, 27)
OCTOBER_28 = date(2025, 10, 28)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("October 27, 2025", OCTOBER_27),
        ("Oct 27, 2025", OCTOBER_27),
        ("Oct. 27, 2025", OCTOBER_27),
        ("October 27 2025", OCTOBER_27),
        ("October 31st, 2025", date(2025, 10, 31)),
        ("28 October 2025", date(2025, 10, 28)),
        ("28th of October, 2025", date(2025, 10, 28)),
        ("2025-10-27", OCTOBER_27),
        ("2025-1-2", date(2025, 1, 2)),
        ("2025/11/02", date(2025, 11, 2)),
        ("10/27/2025", OCTOBER_27),
        ("11-09-2025", date(2025, 11, 9)),
        ("12/13/2025", date(2025, 12, 13)),
        ("13/12/2025", date(2025, 12, 13)),
        ("oCTOBER 27, 2025", OCTOBER_27),
        ("Sept 3, 2025", date(2025, 9, 3)),
        ("**October 27, 2025**", OCTOBER_27),
        ("__October 27, 2025__", OCTOBER_27),
        ("**October 27, 2025** (Monday)", OCTOBER_27),
        ("October 27, 2025 ##", OCTOBER_27),
        ("Monday, October 27, 2025", OCTOBER_27),
        ("Mon. 2025-10-27", OCTOBER_27),
        ("October 27, 2025 (Monday)", OCTOBER_27),
        ("October 27, 2025 [Mon]", OCTOBER_27),
        ("October 27, 2025 - Monday", OCTOBER_27),
        ("October 27, 2025:", OCTOBER_27),
        ("October 27, 2025 (9:14 AM)", OCTOBER_27),
        ("October 27, 2025, 9:14:02 AM", OCTOBER_27),
        ("October\N{NO-BREAK SPACE}27, 2025", OCTOBER_27),
        # A time zone never shifts the calendar date.
        ("2025-10-27T23:30:00-05:00", OCTOBER_27),
        ("2025-10-27T00:30:00+14:00", OCTOBER_27),
        ("2024-02-29", date(2024, 2, 29)),
    ],
)
def test_heading_that_is_a_date(heading: str, expected: date) -> None:
    assert expected == heading_date(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "February 30, 2025",
        "2023-02-29",
        "13/13/2025",
        "0000-00-00",
        "10000-01-01",
        "2025-13-01",
        "October 32, 2025",
        "October 2025",
        "31 September 2025",
        "October 100, 2025",
        "2025-100-1",
    ],
)
def test_heading_that_is_an_impossible_date(heading: str) -> None:
    with pytest.raises(ImpossibleDateError):
        heading_date(heading)


@pytest.mark.parametrize(
    "heading",
    ["Week 44", "TBD", "Step 1", "", "2025", "Q4 2025", "24/7/365", "May", "Plan for October 27"],
)
def test_heading_that_is_not_a_date(heading: str) -> None:
    assert heading_date(heading) is None


@pytest.mark.parametrize(
    "heading",
    [
        "October 28, 2025 - half day",
        "2025-10-28 (WFH)",
        "Day 2: October 28, 2025",
        "Day 12 (10/28/2025)",
        "📆 October 28, 2025",
        "1\ufe0f\u20e3 October 28, 2025",
        "[10/28/2025] 2:40 PM",
        "[[2025-10-28]]",
        "[[2025-10-28|Tuesday]]",
        "[October 28, 2025](x.md)",
        '"October 28, 2025"',
        "<a id=x></a> October 28, 2025",
        "28-Oct-2025",
        "28-Oct-25",
        "Oct 28, '25",
        "2025 October 28",
        "Tues, Oct 28, 2025",
        "Daily Report - October 28, 2025",
        "Daily reports for 2025-10-28",
        "Report for October 28, 2025",
        "Date: 2025-10-28",
        "10/28/25",
        "10-28-25 12:11 AM",
        "28.10.2025",
        "28.10.25 18:55 Session",
        "2025.10.28",
        "2025. 10. 28.",
        "20251028",
        "2025\u201110\u201128",
        "2025年10月28日",
        "２０２５年１０月２８日",
        "2025년 10월 28일",
        "28. Oktober 2025",
        "Dienstag, 28. Okt. 2025",
        "28 de octubre de 2025",
        "mardi 28 octobre 2025",
        "terça-feira, 28 de outubro de 2025",
        "martedì 28 ottobre 2025",
        "dinsdag 28 oktober 2025",
        "October 28, 2025 (October 28, 2025)",
        "October 28, 2025 to do",
        "October 28, 2025: 29 issues",
        "2025-10-28-14-30",
        "2025-10-28T23:30:00-05:00 plan",
        "2025_10_28",
        "2025\u201310\u201328",
        "2025 / 10 / 28",
        "28. 10. 2025",
        "28 / 10 / 2025",
        "28 Oct 25",
        "28/out/25",
        "Tue Oct 28 09:14:02 CET 2025",
        "<2025-10-28 Tue>",
        ":calendar: 2025-10-28",
        "Day 3/100: October 28, 2025",
        "Day 12 of 100 - 2025-10-28",
        "R1D12: October 28, 2025",
        "Tag 3: 28. Oktober 2025",
        "Dienstag, den 28. Oktober 2025",
        "le mardi 28 octobre 2025",
        "the 28th of October, 2025",
        "ter 28/10/2025",
        "2025-10-28, 9-5",
        "October 28, 2025 - 1/2 day",
        "October 28, 2025 - 24/7",
    ],
)
def test_words_around_a_date(heading: str) -> None:
    assert heading_date(heading) == OCTOBER_28
    assert heading_date(f"**{heading}**") == OCTOBER_28


@pytest.mark.parametrize(
    ("name", "month"),
    [
        *(("Jänner", 1), ("enero", 1), ("janvier", 1), ("gennaio", 1), ("fev", 2), ("Février", 2)),
        *(("März", 3), ("marzo", 3), ("março", 3), ("mrt", 3), ("avril", 4), ("Mai", 5)),
        *(("mei", 5), ("giugno", 6), ("juin", 6), ("luglio", 7), ("août", 8), ("ago", 8)),
        *(("set", 9), ("sept", 9), ("ott", 10), ("Dez", 12), ("décembre", 12), ("dic", 12)),
    ],
)
def test_months_of_other_locales(name: str, month: int) -> None:
    assert heading_date(f"5 {name} 2025") == date(2025, month, 5)


@pytest.mark.parametrize(
    "heading",
    [
        "October 28–29",
        "October 28 & 29, 2025",
        "October 28 - November 2, 2025",
        "27.–31. Oktober 2025",
        "27-31 October 2025",
        "2025-10-27 to 2025-10-31",
        "2025-10-27..2025-10-31",
        "10/27 - 11/02/2025",
        "10/27/2025 and 10/28/2025",
        "October 28, 2025 moved from October 27, 2025",
        "2025-10-28/29",
        "October 28-29",
        "October 28/29, 2025",
        "10/28-29/2025",
        "10/28-10/29",
        "10/28/2025-10/29/2025",
        "2025-10-28 \u2013 10-31",
        "10/27/2025 to 10/31",
        "27.10. - 31.10.2025",
        "27. bis 31.10.2025",
        "27-31/10/2025",
        "27 a 31 de outubro de 2025",
        "du 27 au 31 octobre",
    ],
)
def test_a_heading_with_two_dates(heading: str) -> None:
    assert read_heading(heading).kind is HeadingKind.SEVERAL


@pytest.mark.parametrize(
    "heading",
    [
        *("October 28", "Oct 28 - half day", "28 Oct", "Tue 10/28", "10/28", "10月28日", "May 5"),
        *("28/10", "28.10.", "28.10", "Di. 28.10. - HO", "Tue 10/28 - WFH", "Day 2 (10/28)"),
        *("28 de out", "28/out", "Oct/28", "Oct 28 25", "28 Oct 15 tasks", "10/28 Tue: notes"),
    ],
)
def test_a_day_without_a_year(heading: str) -> None:
    found = read_heading(heading)
    assert (found.kind, found.is_loose) == (HeadingKind.PARTIAL, False)


@pytest.mark.parametrize("heading", ["10/28 standup", "10-28: x", "28.10. - x", "3/4 done"])
def test_two_numbers_that_may_be_a_day(heading: str) -> None:
    found = read_heading(heading)
    assert (found.kind, found.is_loose) == (HeadingKind.PARTIAL, True)


@pytest.mark.parametrize(
    ("heading", "known"),
    [
        ("October 2025", [(2025, 10, 1), (2025, 10, 31)]),
        ("Worklog February 2024", [(2024, 2, 1), (2024, 2, 29)]),
        ("Week of October 27 - 31, 2025", [(2025, 10, 31)]),
        ("Week 44 (27.10. - 31.10.2025)", [(2025, 10, 31)]),
        ("KW 44: 27.-31.10.2025", [(2025, 10, 31)]),
        ("Week 44 (2025-10-27 - 2025-11-02)", [(2025, 10, 27), (2025, 11, 2)]),
    ],
)
def test_the_period_of_a_title(heading: str, known: list[tuple[int, int, int]]) -> None:
    assert sorted({date(*each) for each in known}) == sorted({*read_heading(heading).known})


@pytest.mark.parametrize("heading", ["Ocotber 28, 2025", "28 Octover 2025", "Sat, Febuary 3 2025"])
def test_a_misspelled_month(heading: str) -> None:
    with pytest.raises(ImpossibleDateError):
        heading_date(heading)


@pytest.mark.parametrize(
    "heading",
    [
        *("24/7 support", "1.2.10 Fix login", "set 5 goals", "v2025.10.28", "2025.10.28.4"),
        *("24/7", "2.10 Setup", "1.2", "10-28 items", "5 - 10 items", "Week 44, 2025", "RFC 2616"),
    ],
)
def test_numbers_that_are_no_date(heading: str) -> None:
    assert read_heading(heading).kind is HeadingKind.OTHER


@pytest.mark.parametrize(
    "heading",
    ["Release 2025-10-30 plan", "Notes (October 30, 2025)", "Notes Oct 30", "28 października 2025"],
)
def test_a_date_further_in(heading: str) -> None:
    assert read_heading(heading).kind is HeadingKind.FURTHER_IN


def test_dots_need_an_order() -> None:
    with pytest.raises(AmbiguousDateError):
        heading_date("03.10.2025")
    assert heading_date("03.10.2025", DateOrder.DMY) == date(2025, 10, 3)
    assert heading_date("03/10/2025", DateOrder.DMY) == date(2025, 10, 3)


DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2099, 12, 31))


@given(DAYS, st.sampled_from(["{}", "Day 7: {}", "[{}]", "**{}**", "{} - half day", "{} 9:05"]))
def test_every_date_is_read_back_from_every_form(day: date, around: str) -> None:
    month = day.strftime("%B")
    forms = [
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"{day.year}-{day.month}-{day.day}",
        f"{day.year}.{day.month:02}.{day.day:02}",
        f"{day.month}/{day.day}/{day.year}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
    ]
    assert [day] * len(forms) == [heading_date(around.format(form)) for form in forms]


@given(DAYS, st.integers(0, 80))
def test_a_year_comes_from_the_period(day: date, distance: int) -> None:
    if (day.month, day.day) != (2, 29):
        near = day - timedelta(days=distance)
        assert with_year(day.month, day.day, [(near, near)]) == day
        assert with_year(day.month, day.day, [(near, near + timedelta(days=100))]) == day


def test_a_year_on_which_periods_disagree() -> None:
    spans = [(date(2025, 10, 1),) * 2, (date(2024, 10, 1),) * 2]
    assert with_year(10, 27, spans) is None
    assert with_year(4, 1, [(date(2025, 10, 1),) * 2]) is None
    assert with_year(10, 27, []) is None


@given(st.text() | st.text("0123456789-/. :octbrjun,–"))
def test_any_heading_is_read(heading: str) -> None:
    with contextlib.suppress(AmbiguousDateError, ImpossibleDateError):
        heading_date(heading)
