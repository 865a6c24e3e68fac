from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.dates import (
    ImpossibleDateError,
    first_date,
    heading_date,
    iso_date,
    time_behind,
)

OCTOBER_27 = date(2025, 10, 27)


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
        "13/12/2025",
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
def test_heading_that_is_no_date(heading: str) -> None:
    assert heading_date(heading) is None


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_date_is_read_back_from_every_form(day: date) -> None:
    month = day.strftime("%B")
    forms = [
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"{day.year}-{day.month}-{day.day}",
        f"{day.month}/{day.day}/{day.year}",
    ]
    assert [day] * len(forms) == [heading_date(form) for form in forms]
    assert [day] * len(forms[:3]) == [
        found[0] for form in forms[:3] if (found := first_date(f"notes {form} x"))
    ]


@given(st.text())
def test_any_heading_is_a_date_or_not(heading: str) -> None:
    try:
        heading_date(heading)
        first_date(heading)
    except ImpossibleDateError:
        pass


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fathom-transcripts-2025-10-13T14-00-00.md", date(2025, 10, 13)),
        ("standup_10-13-2025.md", date(2025, 10, 13)),
        ("standup_10_13_2025.md", date(2025, 10, 13)),
        ("weekly sync 10_13_25.md", date(2025, 10, 13)),
        ("timeclock10_29_25 grooming.md", date(2025, 10, 29)),
        ("Retro October 13, 2025.md", date(2025, 10, 13)),
        ("Retro 13-Oct-2025.md", date(2025, 10, 13)),
        ("20251013 planning.md", date(2025, 10, 13)),
        # Several dates: the first.
        ("planning_2025-10-27_to_2025-11-02.md", OCTOBER_27),
        ("10-28-2025 and October 1, 2025.md", date(2025, 10, 28)),
        # What could be a version, a time or a quarter is none where a whole date stands.
        ("release-1.2.10 2025-10-27.md", OCTOBER_27),
        ("meeting 14-00-00 2025-10-27.md", OCTOBER_27),
        ("meeting 10-11-12 2025-10-27.md", OCTOBER_27),
        ("Q4-1-2025-10-27.md", OCTOBER_27),
    ],
)
def test_first_date_of_a_file_name(name: str, expected: date) -> None:
    found = first_date(name)
    assert found is not None
    assert expected == found[0]


@pytest.mark.parametrize(
    "name",
    ["kickoff notes.md", "v1.2.3.md", "1.2.10.md", "14-00-00.md", "room 12345678.md", "march.md"],
)
def test_file_name_without_a_date(name: str) -> None:
    assert first_date(name) is None


@pytest.mark.parametrize("name", ["2025-02-30.md", "13-45-2025.md", "Oct 32, 2025.md", "20251301"])
def test_file_name_with_an_impossible_date(name: str) -> None:
    with pytest.raises(ImpossibleDateError):
        first_date(name)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("2025-10-13T14-00-00.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("20251013T140000Z.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("2025-10-13T23_30_00-05_00.md", datetime(2025, 10, 14, 4, 30, tzinfo=UTC)),
        ("2025-10-13T00_30_00+02_00.md", datetime(2025, 10, 12, 22, 30, tzinfo=UTC)),
        ("2025-10-13T14-00-00-123Z.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("2025-10-13T14-00.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("2025-10-13.md", None),
        ("2025-10-13 14-00-00.md", None),
        ("2025-10-13 Team 12.md", None),
    ],
)
def test_time_behind_the_date(name: str, expected: datetime | None) -> None:
    found = first_date(name)
    assert found is not None
    assert expected == time_behind(name, *found)


def test_impossible_time() -> None:
    with pytest.raises(ImpossibleDateError, match="no time of day"):
        time_behind("T25-00-00", OCTOBER_27, 0)


@pytest.mark.parametrize("text", ["2025-10-7", "2025-02-30", "", "20251027", "x", "２０２５-10-27"])
def test_iso_date_takes_no_other_form(text: str) -> None:
    with pytest.raises(ImpossibleDateError):
        iso_date(text)
