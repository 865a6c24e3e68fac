import json
import os
from datetime import date
from pathlib import Path

import pytest

from loader.parsing.dates import DateOrder
from loader.parsing.rejections import Reason
from loader.parsing.weekly import Week
from loader.workspace import open_workspace
from loader.workspace.json_files import ConfigError
from loader.workspace.team_config import JIRA_WEEK, SLACK_WEEK, load_config

WEEK = Week(date(2025, 10, 27), date(2025, 11, 2))


def write(workspace: Path, path: str, content: object) -> None:
    (workspace / path).parent.mkdir(parents=True, exist_ok=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (workspace / path).write_text(text)


def jira(start: object, end: object) -> dict[str, object]:
    return {"jira": {"start_date": start, "end_date": end}}


def test_the_most_specific_file_wins_for_each_key(tmp_path: Path) -> None:
    write(tmp_path, "configs/shared/defaults.json", jira("2020-01-01", "2020-01-07"))
    write(tmp_path, "configs/rocks/config.json", {"jira": {"start_date": "2025-10-27"}})
    write(tmp_path, "configs/rocks/config.weekly.json", {"jira": {"end_date": "2025-11-02"}})
    assert load_config(open_workspace(tmp_path), "rocks", "weekly").week(JIRA_WEEK) == WEEK


def test_a_plain_value_replaces_an_object(tmp_path: Path) -> None:
    write(tmp_path, "configs/shared/defaults.json", jira("2025-10-27", "2025-11-02"))
    write(tmp_path, "configs/rocks/config.json", {"jira": None})
    assert load_config(open_workspace(tmp_path), "rocks", "weekly").week(JIRA_WEEK) is None


def test_comments_and_trailing_commas(tmp_path: Path) -> None:
    write(
        tmp_path,
        "configs/rocks/config.json",
        '// week\n{"url": "http://x/*y*/", /* both\ndays */ "jira": {"start_date": "2025-10-27",'
        ' "end_date": "2025-11-02",}, "list": [1, 2,],\n}',
    )
    assert load_config(open_workspace(tmp_path), "rocks", "weekly").week(JIRA_WEEK) == WEEK


@pytest.mark.parametrize("piece", ["/* ", '"\\"', "// ", ", ", "{"])
def test_a_large_broken_file_is_an_error_in_linear_time(tmp_path: Path, piece: str) -> None:
    # Quadratic behavior would take hours instead of failing an assertion.
    write(tmp_path, "configs/rocks/config.json", "{" + piece * (1_000_000 // len(piece)))
    with pytest.raises(ConfigError, match="not JSON"):
        load_config(open_workspace(tmp_path), "rocks", "weekly")


def test_no_config_has_no_week(tmp_path: Path) -> None:
    assert load_config(open_workspace(tmp_path), "rocks", "weekly").week(SLACK_WEEK) is None


@pytest.mark.parametrize(
    ("content", "words", "line_number"),
    [
        (jira("2025-11-02", "2025-10-27"), "jira.start_date .* is after jira.end_date", None),
        (jira("2025-02-30", "2025-10-27"), "jira.start_date: '2025-02-30' is no date", None),
        (jira(20251027, "2025-11-02"), "jira.start_date: '20251027' is no date", None),
        ({"jira": {"start_date": "2025-10-27"}}, "jira.end_date is missing", None),
        ('{\n"jira": oops}', "not JSON", 2),
        ("[]", "not a JSON object", None),
        ("[" * 100_000, "not JSON", None),
    ],
)
def test_an_error_names_the_file_and_the_key(
    tmp_path: Path, content: object, words: str, line_number: int | None
) -> None:
    write(tmp_path, "configs/rocks/config.json", content)
    with pytest.raises(ConfigError, match=rf"configs/rocks/config\.json: .*{words}") as error:
        load_config(open_workspace(tmp_path), "rocks", "weekly").week(JIRA_WEEK)
    assert error.value.rejection.line_number == line_number


def week_of(workspace: Path, others: tuple[str, ...] = (), config_file: str | None = None) -> Week:
    config = load_config(open_workspace(workspace), "ai-coach", "weekly", others, config_file)
    week = config.week(JIRA_WEEK)
    assert week
    return week


PLACES = [
    "configs/shared/defaults.json",
    "config.json",
    "config.aicoach.json",
    "config.ai-coach.json",
    "week44.json",
    "configs/coach/config.json",
    "configs/coach/config.weekly.json",
    "configs/aicoach/config.json",
    "configs/aicoach/config.weekly.json",
    "configs/ai-coach/config.json",
    "configs/ai-coach/config.weekly.json",
]


@pytest.mark.parametrize("count", range(1, len(PLACES) + 1))
def test_each_place_counts_and_later_ones_take_precedence(tmp_path: Path, count: int) -> None:
    write(
        tmp_path, "datasource-generator/team-name-mapping-aicoach.json", {"projectFolder": "coach"}
    )
    write(tmp_path, "week44.json", {})
    for number, path in enumerate(PLACES[:count], start=1):
        write(tmp_path, path, jira(f"2025-10-{number:02}", "2025-11-02"))
    week = week_of(tmp_path, ("aicoach",), "week44.json")
    assert date(2025, 10, count) == week.start
    for path in PLACES[: count - 1]:
        if path != "week44.json":
            (tmp_path / path).unlink()
    assert week == week_of(tmp_path, ("aicoach",), "week44.json")


@pytest.mark.parametrize("form", ["week.json", "./week.json", "sub/../week.json", "{}/week.json"])
def test_config_file_may_be_relative_or_absolute(tmp_path: Path, form: str) -> None:
    write(tmp_path, "week.json", jira("2025-10-27", "2025-11-02"))
    assert week_of(tmp_path, config_file=form.format(tmp_path)) == WEEK


@pytest.mark.parametrize(
    ("config_file", "words"),
    [
        ("missing.json", "there is no 'missing.json'"),
        ("../outside.json", "'../outside.json' is not inside the workspace"),
        ("{}/../outside.json", "is not inside the workspace"),
        ("/etc/passwd", "is not inside the workspace"),
        ("s3://bucket/config.json", "is not inside the workspace"),
        ("link.json", "a link leads out of the folder"),
        ("configs", "not a regular file"),
        ("pipe.json", "not a regular file"),
    ],
)
def test_config_file_outside_or_missing_is_an_error(
    tmp_path: Path, config_file: str, words: str
) -> None:
    workspace = tmp_path / "workspace"
    write(workspace, "configs/ai-coach/config.json", {})
    write(tmp_path, "outside.json", jira("2025-10-27", "2025-11-02"))
    (workspace / "link.json").symlink_to(tmp_path / "outside.json")
    os.mkfifo(workspace / "pipe.json")
    with pytest.raises(ConfigError, match=words):
        week_of(workspace, config_file=config_file.format(workspace))


def test_a_message_says_which_files_count(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    one = load_config(workspace, "rocks", "weekly").looked_at
    expected = (
        "configs/rocks/config{.weekly,}.json, config{.rocks,}.json, configs/shared/defaults.json"
    )
    assert one == expected
    several = load_config(workspace, "ai-coach", "1on1", ["aicoach"]).looked_at
    assert several == (
        "configs/{ai-coach,aicoach}/config{.1on1,}.json, config{.ai-coach,.aicoach,}.json,"
        " configs/shared/defaults.json"
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, None),
        ({"dates": {}}, None),
        ({"dates": {"order": None}}, None),
        ({"dates": {"order": "DMY"}}, DateOrder.DMY),
        ({"dates": {"order": " mdy "}}, DateOrder.MDY),
    ],
)
def test_the_order_of_dates(tmp_path: Path, content: object, expected: DateOrder | None) -> None:
    write(tmp_path, "configs/rocks/config.json", content)
    assert load_config(open_workspace(tmp_path), "rocks", "weekly").date_order() == expected


@pytest.mark.parametrize("value", ["YMD", "", "DMYMDY", 7, True, ["DMY"], {"DMY": 1}])
def test_another_order_of_dates_is_an_error(tmp_path: Path, value: object) -> None:
    write(tmp_path, "configs/rocks/config.json", {"dates": {"order": value}})
    config = load_config(open_workspace(tmp_path), "rocks", "weekly")
    with pytest.raises(ConfigError, match=r"config\.json: dates\.order: .* is not MDY or DMY"):
        config.date_order()


def test_misspelled_keys_are_noted_with_their_file(tmp_path: Path) -> None:
    write(tmp_path, "config.json", {"jira": {"startDate": "2025-10-27"}})
    config = load_config(open_workspace(tmp_path), "rocks", "weekly")
    assert [("config.json", Reason.UNKNOWN_KEY)] == [(p, n.reason) for p, n in config.notes()]
