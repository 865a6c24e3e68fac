from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.dates import ImpossibleDateError
from loader.parsing.rejections import Reason
from loader.parsing.values import Channel
from loader.parsing.weekly import SlackCapture, Week, jira_files, parse_slack, parse_week

WEEK = Week(date(2025, 10, 27), date(2025, 11, 2))
OTHER = Week(date(2025, 10, 20), date(2025, 10, 26))
TITLE = "## Slack: general (2025-10-27 → 2025-11-02)\n\n* hi"


@pytest.mark.parametrize(
    ("name", "text", "configured", "expected"),
    [
        ("general_2025-10-27_2025-11-02.md", "x", None, SlackCapture(Channel("general"), WEEK)),
        ("a-b_c_2025-10-27_2025-11-02.md", TITLE, OTHER, SlackCapture(Channel("a-b_c"), WEEK)),
        ("export.md", TITLE, OTHER, SlackCapture(Channel("general"), WEEK)),
        ("export.md", "x", OTHER, SlackCapture(Channel("export"), OTHER)),
    ],
)
def test_the_week_is_that_of_the_name_else_of_the_first_line_else_of_the_config(
    name: str, text: str, configured: Week | None, expected: SlackCapture
) -> None:
    assert ([expected], []) == parse_slack(name, text, configured)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("export.md", "x", Reason.NO_WEEK),
        ("general_2025-02-30_2025-11-02.md", TITLE, Reason.IMPOSSIBLE_DATE),
        ("general_2025-11-02_2025-10-27.md", TITLE, Reason.IMPOSSIBLE_DATE),
        ("export.md", "## Slack: g (2025-02-30 → 2025-11-02)", Reason.IMPOSSIBLE_DATE),
        ("general_2025-10-27_2025-11-02.md", "\n", Reason.EMPTY_FILE),
    ],
)
def test_rejected(name: str, text: str, reason: Reason) -> None:
    captures, rejections = parse_slack(name, text, None)
    assert captures == []
    assert [reason] == [item.reason for item in rejections]


@given(st.text(), st.text())
def test_parsing_never_raises_and_says_something(name: str, text: str) -> None:
    captures, rejections = parse_slack(name, text, None)
    assert captures or rejections


def test_a_week_does_not_start_after_its_end() -> None:
    with pytest.raises(ImpossibleDateError, match="after its end"):
        parse_week("2025-11-02", "2025-10-27")


PREFERRED = [
    "epic_tree_with_changelog_TC_2025-10-27_to_2025-11-02.md",
    "epic_tree_TC_2025-10-27_to_2025-11-02.md",
    "jira_data_weekly_2025-10-27_to_2025-11-02.md",
    "TC_2025-10-27_to_2025-11-02_team_report.md",
]


@given(st.permutations(PREFERRED))
def test_the_jira_files_does_not_depend_on_the_order(names: list[str]) -> None:
    for count in range(1, len(PREFERRED) + 1):
        some = [f"jira/md_output/tc/{name}" for name in names if name in PREFERRED[-count:]]
        expected = [f"jira/md_output/tc/{name}" for name in PREFERRED[-count:]]
        assert expected == jira_files(some, WEEK, "weekly")


@pytest.mark.parametrize(
    "name",
    [
        "epic_tree_TC_2025-10-20_to_2025-10-26.md",
        "jira_data_dashboard_2025-10-27_to_2025-11-02.md",
        "notes.md",
    ],
)
def test_a_jira_file_of_another_week_or_report_is_not_taken(name: str) -> None:
    assert jira_files([name], WEEK, "weekly") == []
