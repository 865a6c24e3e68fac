"""The time in a datasource's comment, as the locales of `Intl` write it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.moments import certain, readings

AFTERNOON = datetime(2025, 11, 5, 13, 24, 39, tzinfo=UTC)
LATE = AFTERNOON.replace(day=25)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("11/22/2026, 1:28:13 AM", datetime(2026, 11, 22, 1, 28, 13, tzinfo=UTC)),
        ("11/22/2026, 12:00:00 AM", datetime(2026, 11, 22, tzinfo=UTC)),
        ("11/22/2026, 12:00:00 PM", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("11/5/2025, 1:24:39\N{NARROW NO-BREAK SPACE}PM", AFTERNOON),
        ("November 22, 2026", datetime(2026, 11, 22, tzinfo=UTC)),
        ("11/22/2026, 23:28:13", datetime(2026, 11, 22, 23, 28, 13, tzinfo=UTC)),
        ("11/22/2026", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T01:02:03Z", datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-20T10:00:00+02:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("25.11.2025, 13:24:39", LATE),  # de
        ("25. 11. 2025 13:24:39", LATE),  # cs
        ("25.11.2025 klo 13.24.39", LATE),  # fi
        ("25/11/2025 13:24", LATE.replace(second=0)),  # fr, shortened
        ("25/11/2025, 13.24.39", LATE),  # id
        ("25-11-2025 13:24:39", LATE),  # nl
        ("13:24:39 25/11/2025", LATE),  # vi
        ("25/11/2025, 1:24:39 p. m.", LATE),  # es-MX
        ("25\u200f/11\u200f/2025، 1:24:39 م", LATE),  # ar
        ("25.11.2025 г., 13:24:39 ч.", LATE),  # bg
        ("2025. 11. 5. 오후 1:24:39", AFTERNOON),  # ko
        ("2025. 11. 5. 13:24:39", AFTERNOON),  # hu
        ("2025/11/5 13:24:39", AFTERNOON),  # ja
        ("2025/11/5 下午1:24:39", AFTERNOON),  # zh-TW
        ("2025-11-05 13:24:39", AFTERNOON),  # sv
        ("2025-11-05, 1:24:39 p.m.", AFTERNOON),  # en-CA
        ("25. 11. 2025. 13:24:39", LATE),  # hr
        ("Nov 25, 2025, 1:24:39 PM", LATE),
        ("25. November 2025 um 13:24:39", LATE),
        ("Tue Nov 25 2025 14:24:39 GMT+0100 (Central European Time)", LATE),
        ("5/5/2025 00:00", datetime(2025, 5, 5, tzinfo=UTC)),
    ],
)
def test_moments_with_one_reading(text: str, moment: datetime) -> None:
    assert [moment] == readings(text)


@pytest.mark.parametrize(
    "text",
    [
        "05/11/2025, 13:24:39",
        "5.11.2025, 13:24:39",
        "5-11-2025 13:24:39",
        "5/11/2025, 1:24:39 pm",  # en-AU, en-IN
        "5/11/2025 1:24 PM",
    ],
)
def test_two_readings_are_decided_by_the_files_time(text: str) -> None:
    found = readings(text)
    assert [(5, 11), (11, 5)] == [(each.month, each.day) for each in found]
    assert certain(found, LATE) is None
    for each in found:
        assert each == certain(found, each + timedelta(hours=20))
        assert certain(found, each + timedelta(hours=25)) is None


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "Week 44",
        "13/22/2026",
        "25/11/2568 13:24:39",  # th, Buddhist years
        "25/11/2025, 25:24:39",
        "25/11/2025, 13:24:39 PM",
        "25/11/2025, 1:24:39 x",
        "2025-02-30",
        "",
        "1" * 1000,
    ],
)
def test_moments_without_a_reading(text: str) -> None:
    assert [] == readings(text)
    assert certain([], LATE) is None


@given(st.text() | st.text("0123456789 /.-:,APMapmT년Z"))
def test_a_text_has_two_readings_at_most(text: str) -> None:
    found = readings(text)
    assert len(found) <= 2
    assert found == sorted(set(found))


@given(st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31, 23, 59, 59)))  # noqa: DTZ001
def test_the_american_form_is_never_in_doubt(moment: datetime) -> None:
    moment = moment.replace(microsecond=0, tzinfo=UTC)
    clock = f"{moment.hour % 12 or 12}:{moment:%M:%S %p}"
    assert [moment] == readings(f"{moment.month}/{moment.day}/{moment.year}, {clock}")
