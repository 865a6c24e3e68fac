from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.rejections import LONGEST_DETAIL, Reason, Rejection
from tests.support.screen import HOSTILE, unsafe


@given(st.text(st.characters(), max_size=2 * LONGEST_DETAIL))
def test_a_detail_is_a_line_of_at_most_200_characters(text: str) -> None:
    detail = Rejection(Reason.NO_DATE, text).detail
    assert LONGEST_DETAIL == 200
    assert len(detail) <= LONGEST_DETAIL
    assert "\n" not in detail
    assert [] == unsafe(detail)
    assert detail == Rejection(Reason.NO_DATE, detail).detail  # parts and shards repeat it


def test_a_short_detail_stays_and_a_long_one_ends_in_an_ellipsis() -> None:
    whole, longer = "x" * LONGEST_DETAIL, "x" * (LONGEST_DETAIL + 1)
    assert Rejection(Reason.NO_DATE, whole).detail == whole
    assert Rejection(Reason.NO_DATE, longer).detail == "x" * (LONGEST_DETAIL - 1) + "…"
    assert Rejection(Reason.NO_DATE, "a\x1b[31m\u202eé 😀").detail == r"a\x1b[31m\u202eé 😀"


def test_49_one_day_with_40_000_employees() -> None:
    lines = "".join(f"**Employee**: Person {each:05}\n" for each in range(40_000))
    reports, (rejection,) = parse_daily_reports(f"## 2025-10-27\n{lines}".encode())
    assert (reports, rejection.reason) == ([], Reason.AMBIGUOUS_AUTHOR)
    assert rejection.detail.startswith("several Employee lines: Person 00000, Person 00001, ")
    assert len(rejection.detail) == LONGEST_DETAIL


def test_a_hostile_heading_is_shown_with_escapes() -> None:
    _, (rejection,) = parse_daily_reports(f"## {HOSTILE}\n".encode())
    assert rejection.detail.startswith(r"'## \x1b]0;pwned\x07\x1b]52;c;")
    assert [] == unsafe(rejection.detail)


def test_text_above_many_entries_is_stored_once() -> None:
    """Without the limit, less than a megabyte would become 5 GB."""
    entries = "".join(f"### A{each} \N{EM DASH} x\n" for each in range(10_000))
    text = f"## 2025-10-27\n{'x' * 500_000}\n{entries}"
    reports, rejections = parse_daily_reports(text.encode())
    assert (10_000, []) == (len(reports), rejections)
    assert sum(len(report.content) for report in reports) < 2 * len(text)
