import json
from datetime import date
from pathlib import Path

import pytest

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


def test_the_most_special_file_wins_key_by_key(tmp_path: Path) -> None:
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
    # Quadratic behaviour would take hours, not fail an assertion.
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
