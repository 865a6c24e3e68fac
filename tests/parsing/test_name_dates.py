import contextlib
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.dates import DateOrder, ImpossibleDateError
from loader.parsing.name_dates import NameDate, name_date, path_date, period_of, whole_date

OCTOBER_27 = date(2025, 10, 27)


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
        ("Standup 10.13.25.md", date(2025, 10, 13)),
        ("101325-kickoff.md", date(2025, 10, 13)),
        ("meeting-12_31_99-summary.md", date(1999, 12, 31)),
        ("29-03-2016-minutes.md", date(2016, 3, 29)),
        ("réunion du 13 février 2025.md", date(2025, 2, 13)),
        ("13 de outubro de 2025.md", date(2025, 10, 13)),
        # A time after the date is not a date.
        ("Standup 10-27-2025-09-30-00.md", OCTOBER_27),
        ("Standup 10-27-2025-11-30.md", OCTOBER_27),
        # If there are several dates, the first counts.
        ("planning_2025-10-27_to_2025-11-02.md", OCTOBER_27),
        ("10-28-2025 and October 1, 2025.md", date(2025, 10, 28)),
        # A number that may be a version, time or quarter does not count next to a full date.
        ("release-1.2.10 2025-10-27.md", OCTOBER_27),
        ("meeting 14-00-00 2025-10-27.md", OCTOBER_27),
        ("meeting 10-11-12 2025-10-27.md", OCTOBER_27),
        ("Q4-1-2025-10-27.md", OCTOBER_27),
    ],
)
def test_date_of_a_file_name(name: str, expected: date) -> None:
    found = name_date(name)
    assert found is not None
    assert found.date == expected


@pytest.mark.parametrize(
    "name",
    [
        "kickoff notes.md",
        "v1.2.3.md",
        "1.2.10.md",
        "14-00-00.md",
        "room 12345678.md",
        "march.md",
        "PR-1234-12-05 review.md",
        "7 of 10 12-05.md",
    ],
)
def test_file_name_without_a_date(name: str) -> None:
    assert name_date(name) is None


@pytest.mark.parametrize("name", ["2025-02-30.md", "13-45-2025.md", "Oct 32, 2025.md", "20251301"])
def test_file_name_with_an_impossible_date(name: str) -> None:
    with pytest.raises(ImpossibleDateError):
        name_date(name)


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
        ("2025-10-13 14-00-00.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("10-13-2025-14-00.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("10-13-2025_14-00-00.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("2025-10-13 at 2-30 PM.md", datetime(2025, 10, 13, 14, 30, tzinfo=UTC)),
        ("team-10_13_25 09_14AM.md", datetime(2025, 10, 13, 9, 14, tzinfo=UTC)),
        ("team-10_13_25 12_14AM.md", datetime(2025, 10, 13, 0, 14, tzinfo=UTC)),
        ("x - 2025_10_13 09_58 GMT+08_00 - T.md", datetime(2025, 10, 13, 1, 58, tzinfo=UTC)),
        ("GMT20251013-140000_Recording.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("Sync-20251013_140000-Recording.md", datetime(2025, 10, 13, 14, tzinfo=UTC)),
        ("2025-10-13-2025-10-19.md", None),
        ("2025-10-13 2024 budget.md", None),
        ("2025-10-13 Team 12.md", None),
    ],
)
def test_time_after_the_date(name: str, expected: datetime | None) -> None:
    found = name_date(name)
    assert found is not None
    assert (found.started_at, found.bad_time) == (expected, "")


def test_impossible_time() -> None:
    assert name_date("2025-10-27T25-00-00.md") == NameDate(OCTOBER_27, bad_time="t25-00-00")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("2023/CG-09-07.md", date(2023, 9, 7)),
        ("2024-06/june-13.md", date(2024, 6, 13)),
        ("2024/06/13 standup.md", date(2024, 6, 13)),
        ("2024/June/13.md", date(2024, 6, 13)),
        ("2024/06 June/13th.md", date(2024, 6, 13)),
        ("2025-12-16-check-in/transcript.md", date(2025, 12, 16)),
        ("2024/06/13/standup.md", date(2024, 6, 13)),
        ("2024-06/13/call/standup.md", date(2024, 6, 13)),
        ("2024/06-June/Thu 13/2.md", None),
        ("2024/06-June/Thu 13.md", date(2024, 6, 13)),
        ("2024/13/06.md", None),
        ("2024-06/july-13.md", None),
        ("2025/notes v1.2.md", None),
        ("2023/PR-1234-12-05.md", None),
        ("june-13.md", None),
        ("06/june-13.md", None),
    ],
)
def test_date_of_a_path(path: str, expected: date | None) -> None:
    found = path_date(path)
    assert (found and found.date) == expected


def test_a_name_is_day_first_if_no_month_has_its_number_or_the_config_says_so() -> None:
    assert name_date("29-03-2016.md") == NameDate(date(2016, 3, 29), is_day_first=True)
    assert name_date("09-03-2016.md") == NameDate(date(2016, 9, 3))
    assert name_date("09-03-2016.md", DateOrder.DMY) == NameDate(date(2016, 3, 9))


def test_the_period_of_a_name() -> None:
    name = "daily-reports-Ana-Reyes-2025-10-27-to-2025-10-31.md"
    assert period_of(name) == (OCTOBER_27, date(2025, 10, 31))
    assert whole_date(name) is None
    assert whole_date("2025-10-27.md") == OCTOBER_27 == whole_date("2025/10/27.md")
    assert whole_date("Ana.md") is None


@given(st.text() | st.text("0123456789-/._ octgmp+"))
def test_any_name_is_read(name: str) -> None:
    with contextlib.suppress(ImpossibleDateError):
        whole_date(name)
    with contextlib.suppress(ImpossibleDateError):
        path_date(name)
