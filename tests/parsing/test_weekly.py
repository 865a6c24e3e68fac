import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.dates import ImpossibleDateError
from loader.parsing.rejections import Reason
from loader.parsing.values import Channel
from loader.parsing.weekly import (
    SlackCapture,
    Week,
    jira_files,
    no_jira,
    parse_slack,
    parse_week,
)

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


CHANNELS = ["general", "a-b_c", "_ops", "team-to-team", "2025-plans", "x_2025-10-20_2025-10-26"]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("before", ["_", "-"])
@pytest.mark.parametrize("between", ["_", "_to_", "-to-", " to ", "-"])
@pytest.mark.parametrize("suffix", [".md", ".Markdown"])
def test_separators_in_the_name(channel: str, before: str, between: str, suffix: str) -> None:
    name = f"{channel}{before}2025-10-27{between}2025-11-02{suffix}"
    assert ([SlackCapture(Channel(channel), WEEK)], []) == parse_slack(name, "x", OTHER)


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("marks", ["#", "##", "###"])
@pytest.mark.parametrize("arrow", ["\N{RIGHTWARDS ARROW}", "->", "-\\>", "to", "-", "\N{EN DASH}"])
@pytest.mark.parametrize("before", ["", "\n\n", " \r\n\ufeff\t\n"])
def test_forms_of_the_title(channel: str, marks: str, arrow: str, before: str) -> None:
    escaped = channel.replace("_", "\\_")
    text = f"{before}{marks} Slack: {escaped} (2025-10-27 {arrow} 2025-11-02)  \r\n\r\n* hi"
    assert ([SlackCapture(Channel(channel), WEEK)], []) == parse_slack("export.md", text, OTHER)


@pytest.mark.parametrize(
    ("name", "title", "channel", "week"),
    [
        ("export.md", "## Slack: #general (2025-10-27 to 2025-11-02) ##", "general", WEEK),
        ("export.md", "##Slack:general(2025-10-27->2025-11-02)", "general", WEEK),
        ("export.md", "## SLACK \N{EN DASH} a&#x5F;b [2025-10-27 to 2025-11-02]", "a_b", WEEK),
        ("export.md", "## Slack: general", "general", OTHER),
        ("export.md", "## Slack: general (unknown \N{RIGHTWARDS ARROW} unknown)", "general", OTHER),
        ("general_unknown_unknown.md", "x", "general", OTHER),
        ("ops_unknown_unknown.md", TITLE, "ops", WEEK),
        ("export.md", "# Messages (2025-10-27 to 2025-11-02)", "export", WEEK),
        ("export.md", "General (2025-10-27 to 2025-11-02)", "export", OTHER),
        (r"\_ops_2025-10-27_2025-11-02.md", "x", "_ops", WEEK),
        ("ops_2025-10-27_2025-11-02 (1).md", "x", "ops", WEEK),
        ("ops (2025-10-27 to 2025-11-02).md", "x", "ops", WEEK),
        ("ops_2025-10-27 \N{EN DASH} 2025-11-02.md", "x", "ops", WEEK),
        ("export.md", "Slack: general (2025-10-27 to 2025-11-02)\n===", "general", WEEK),
        (
            "export.md",
            "##\u00a0Slack:\u00a0ops (2025\u201110\u201127 \u2192 2025-11-02):",
            "ops",
            WEEK,
        ),
        ("export.md", "## Slack: general (from 2025-10-27 to 2025-11-02)", "general", WEEK),
        (
            "a_2025-10-20_2025-10-26_2025-10-27_2025-11-02.md",
            TITLE,
            "a_2025-10-20_2025-10-26",
            WEEK,
        ),
    ],
)
def test_channel_and_week_are_found_independently(
    name: str, title: str, channel: str, week: Week
) -> None:
    assert ([SlackCapture(Channel(channel), week)], []) == parse_slack(name, title, OTHER)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("export.md", "x", Reason.NO_WEEK),
        ("general_2025-02-30_2025-11-02.md", TITLE, Reason.IMPOSSIBLE_DATE),
        ("general_2025-11-02_2025-10-27.md", TITLE, Reason.IMPOSSIBLE_DATE),
        ("export.md", "## Slack: g (2025-02-30 → 2025-11-02)", Reason.IMPOSSIBLE_DATE),
        ("export.md", "\n\n## Slack: g (2025-11-02 to 2025-10-27)", Reason.IMPOSSIBLE_DATE),
        ("general_unknown_unknown.md", "## Slack: g (unknown to unknown)", Reason.NO_WEEK),
        ("general_2025-10-27_2025-11-02.md", "\n", Reason.EMPTY_FILE),
    ],
)
def test_rejected(name: str, text: str, reason: Reason) -> None:
    captures, rejections = parse_slack(name, text, None)
    assert captures == []
    assert [reason] == [item.reason for item in rejections]


@given(
    st.from_regex(r"[a-z0-9_\-]{1,30}", fullmatch=True),
    st.sampled_from("_-"),
    st.sampled_from(["_", "_to_", "-to-"]),
    st.sampled_from(["\N{RIGHTWARDS ARROW}", "->", "to", "-"]),
    st.dates(date(1990, 1, 1), date(2099, 12, 25)),
)
def test_any_channel_and_week_are_found_in_the_name_and_in_the_title(
    channel: str, before: str, between: str, arrow: str, start: date
) -> None:
    week = Week(start, start + timedelta(days=6))
    expected: object = ([SlackCapture(Channel(channel), week)], [])
    assert expected == parse_slack(f"{channel}{before}{start}{between}{week.end}.md", "x", OTHER)
    escaped = re.sub(r"([_\-])", r"\\\1", channel)
    title = f"\n# Slack: {escaped} ({start} {arrow} {week.end})\n"
    assert expected == parse_slack("export.md", title, OTHER)


@given(st.text(), st.text())
def test_parsing_never_raises_and_says_something(name: str, text: str) -> None:
    captures, rejections = parse_slack(name, text, None)
    assert captures or rejections


@pytest.mark.parametrize(("before", "line"), [("", 1), ("\n\n", 3), (" \r\n\r \n", 4)])
def test_a_rejection_names_the_line_of_the_title(before: str, line: int) -> None:
    _, rejections = parse_slack("x.md", f"{before}# Slack: g (2025-02-30 to 2025-11-02)", None)
    assert [line] == [item.line_number for item in rejections]


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


@pytest.mark.parametrize(
    "name",
    [
        "epic_tree_2025-10-27_to_2025-11-02.md",
        "epic_tree_TC_2025-10-27_2025-11-02.md",
        "Epic_Tree_with_changelog_TC_2025-10-27-to-2025-11-02.markdown",
        "jira_data_weekly_2025-10-27-to-2025-11-02.md",
    ],
)
def test_a_jira_file_may_have_another_separator_or_letter_case(name: str) -> None:
    assert jira_files([f"jira/md_output/tc/deep/{name}"], WEEK, "weekly") != []


OF_OTHER_REPORT = "jira/md_output/tc/jira_data_dashboard_2025-10-27_to_2025-11-02.md"
OF_OTHER_WEEK = "jira/md_output/tc/epic_tree_TC_2025-10-20_to_2025-10-26.md"
OF_ONE_PERSON = [
    "jira/md_output/tc/by-assignee/TC_2025-10-27_to_2025-11-02_Ana Reyes.md",
    "jira/md_output/tc/jira_data_1on1_ana_reyes_2025-10-27_to_2025-11-02.md",
]


def test_an_uploaded_file_comes_first_if_it_is_of_the_week_and_of_the_team() -> None:
    names = [f"jira/md_output/tc/{name}" for name in PREFERRED]
    others = [OF_OTHER_REPORT, OF_OTHER_WEEK, *OF_ONE_PERSON]
    for name in names:
        assert jira_files([*names, *others], WEEK, "weekly", {name})[0] == name
    assert jira_files([*names, *others], WEEK, "weekly", {*others}) == [OF_OTHER_REPORT, *names]
    assert jira_files([*names, *others], WEEK, "weekly") == names


def test_other_names_that_the_orchestrator_writes_are_listed() -> None:
    others = [OF_OTHER_REPORT, *reversed(OF_ONE_PERSON), OF_OTHER_WEEK]
    names = [name.removeprefix("jira/md_output/tc/") for name in others]
    for count in range(1, 5):
        detail = no_jira(["notes.md", *reversed(names[:count])], WEEK, "weekly").detail
        rest = f", {count - 2} more" if count > 2 else ""
        assert detail.endswith(f"; there are {', '.join(names[: min(count, 2)])}{rest}")
    assert no_jira(["notes.md"], WEEK, "weekly").detail.endswith("could be read")
