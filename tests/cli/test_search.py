"""The command `search`."""

import json

import pytest

from tests.support.project import Project
from tests.support.searchable import OfEngine


@pytest.fixture
def built(searchable: OfEngine) -> Project:
    return searchable("duckdb")


def test_a_table_of_80_columns(built: Project) -> None:
    ended = built.loader("search", '"nightly build"', "red")
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()[1:]
    assert max(map(len, lines)) <= 80
    (hit,) = [line for line in lines if line.startswith("│ 2025-10-28")]
    assert "turn 1 at 0:10" in hit
    assert "The «nightly build»" in ended.out
    assert "There may be more" not in ended.out
    more = built.loader("search", "clock", "or", "page", "--limit", "1")
    command = "There may be more: python -m loader search clock or page"
    assert command in " ".join(more.out.split())


def test_json(built: Project) -> None:
    ended = built.loader("search", "clock", "--kind", "turn", "--kind", "entry", "--json")
    document = json.loads(ended.out)
    assert (document["version"], document["command"], document["words"]) == (2, "search", "clock")
    (entry,) = [hit for hit in document["hits"] if hit["kind"] == "entry"]
    del entry["id"]
    assert "Ana Cruz-" in entry.pop("source")
    assert entry == {
        "kind": "entry",
        "date": "2025-10-30",
        "team": "timeclock",
        "person": "Ana Cruz",
        "position": 1,
        "offset_seconds": None,
        "snippet": "Deployed the «clock»",
        "rank": 0.5,
    }


def test_control_characters_are_shown_as_escapes(built: Project) -> None:
    for form in ([], ["--json"]):
        ended = built.loader("search", "slow", *form)
        assert "\x1b[31m" not in ended.out
        assert "1b[31m" in ended.out


def test_filters(built: Project) -> None:
    words = ["search", "deployed", "--json", "--until", "2025-10-30"]
    of = ["--team", "rocks", "--person", "ana reyes", "--since", "2025-10-28"]
    (hit,) = json.loads(built.loader(*words, *of).out)["hits"]
    assert hit["date"] == "2025-10-28"


def test_nothing_is_found(built: Project) -> None:
    ended = built.loader("search", "nowhere", "-and", "at", "all", "--kind", "entry")
    assert ended.code == 2  # -and is not an option
    ended = built.loader("search", "nowhere -and", "--kind", "entry")
    assert (ended.code, ended.out.count("\n"), ended.err) == (
        0,
        1,
        "Nothing found for 'nowhere -and'.\n",
    )
    assert json.loads(built.loader("search", "nowhere", "--json").out)["hits"] == []


def test_contents_that_are_switched_off(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    off = "New texts of slack captures are not searched. Set SLACK_CONTENT=true"
    assert off in built.loader("search", "nowhere").err
    assert off in built.loader("search", "wizard", "--kind", "message").err
    assert built.loader("search", "wizard").err == ""
    monkeypatch.setenv("CONTENT", "daily_reports")
    ended = built.loader("search", "nowhere", "--kind", "turn")
    assert "New texts of meeting transcripts are not searched. Set CONTENT" in ended.err


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (["..."], 1, "Error: '...' has no word to search for"),
        (["a", "--person", "Nobody"], 1, "Nobody has the name 'Nobody'"),
        (["a", "--team", "x"], 1, "No team 'x'"),
        (["a", "--since", "2025-02-30"], 2, "--since"),
        (["a", "--limit", "0"], 2, "--limit needs at least 1"),
        (["a", "--kind", "report"], 2, "--kind"),
        ([], 2, "WORDS"),
    ],
)
def test_wrong_usage(built: Project, args: list[str], code: int, message: str) -> None:
    ended = built.loader("search", *args)
    assert ended.code == code
    assert message in ended.err
