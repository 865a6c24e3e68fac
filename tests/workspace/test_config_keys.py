import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.rejections import Reason
from loader.workspace.config_keys import misspelled_keys

CORPUS = {
    "dailyReports": {"query": {"report_date_start": "2025-10-27", "report_date_end": "2025-11-02"}},
    "jira": {"host": "x", "project": "R", "start_date": "x", "end_date": "x", "team_members": []},
    "transcripts": {"dateFilter": {"enabled": False, "startDate": "x", "endDate": "x"}},
    "slack": {"channels": [], "dateFilter": {"start_date": "x", "end_date": "x"}},
    "dates": {"order": "DMY"},
    "reportType": "weekly",
}


def noted(config: dict[str, object]) -> list[str]:
    notes = misspelled_keys(config)
    assert {Reason.UNKNOWN_KEY} >= {note.reason for note in notes}
    return [note.detail for note in notes]


def test_keys_that_are_read_and_keys_of_the_orchestrator_are_not_noted() -> None:
    assert noted(CORPUS) == []
    for path in Path(__file__).parents[2].glob("examples/**/config*.json"):
        assert noted(json.loads(path.read_text())) == []


@pytest.mark.parametrize(
    ("config", "written", "meant"),
    [
        ({"jira": {"startDate": "x"}}, "jira.startDate", "jira.start_date"),
        ({"jira": {"start-date": "x"}}, "jira.start-date", "jira.start_date"),
        ({"jira": {"end_dat": "x"}}, "jira.end_dat", "jira.end_date"),
        ({"jira": {"strat_date": "x"}}, "jira.strat_date", "jira.start_date"),
        ({"Jira": {}}, "Jira", "jira"),
        ({"jria": {}}, "jria", "jira"),
        ({"slac": {}}, "slac", "slack"),
        ({"slavk": {}}, "slavk", "slack"),
        ({"slack": {"datefilter": {}}}, "slack.datefilter", "slack.dateFilter"),
        ({"slack": {"date_filter": {}}}, "slack.date_filter", "slack.dateFilter"),
        (
            {"slack": {"dateFilter": {"endDate": "x"}}},
            "slack.dateFilter.endDate",
            "slack.dateFilter.end_date",
        ),
        ({"slack": {"start_date": "x"}}, "slack.start_date", "slack.dateFilter.start_date"),
        ({"dateFilter": {}}, "dateFilter", "slack.dateFilter"),
        ({"start_date": "x"}, "start_date", "jira.start_date"),
        ({"date": {"order": "DMY"}}, "date", "dates"),
        ({"dates": {"Order": "DMY"}}, "dates.Order", "dates.order"),
    ],
)
def test_a_key_that_looks_like_one_of_ours_is_noted(
    config: dict[str, object], written: str, meant: str
) -> None:
    assert noted(config) == [f"{written} is not read; did you mean {meant}?"]


@pytest.mark.parametrize(
    "config",
    [
        {"jira": {"startDate": "x", "start_date": "x"}},
        {"jira": "x", "Slack": "x", "date": "2025-10-27"},
        {"x" * 100_000: {}, "jira": {"start_date" * 10_000: "x"}},
    ],
)
def test_other_keys_are_not_noted(config: dict[str, object]) -> None:
    assert noted(config) == []


def test_the_number_of_notes_is_limited() -> None:
    assert len(noted({"jira": {f"start_date{number}": "x" for number in range(1000)}})) == 20


_JSON = st.recursive(
    st.none() | st.text(), lambda x: st.dictionaries(st.sampled_from([*CORPUS, "Jira", "order"]), x)
)


@given(st.dictionaries(st.sampled_from([*CORPUS, "Jira", "order"]), _JSON))
def test_any_config_is_read_without_an_error(config: dict[str, object]) -> None:
    noted(config)
