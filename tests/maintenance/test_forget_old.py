"""`forget` finds days that the replaced system stored under the first word of a name."""

from datetime import date
from typing import Any

import pytest

from tests.support.documents import short
from tests.support.old_rows import (
    ANA_CRUZ,
    ANA_LOPEZ,
    JIRA,
    KEYS,
    NAMELESS,
    SLACK,
    SYNC,
    add_day,
    add_old_rows,
)
from tests.support.project import Project

pytestmark = pytest.mark.either_engine

Ids = dict[str, list[str]]


def forget(project: Project, name: str, *args: str) -> dict[str, Any]:
    ended = project.loader("forget", "--author", name, "--yes", "--json", *args)
    assert ended.code == 0, ended
    found: dict[str, Any] = short(ended.out)
    return found


def old_days(project: Project) -> set[str]:
    query = "select cast(id as text) from public.daily_reports where loaded_at is null"
    return {id_ for (id_,) in project.query(query)}


def test_only_the_persons_old_days_are_deleted(built: Project) -> None:
    ids = add_old_rows(built)
    others = "select * from public.daily_reports where loaded_at is not null order by id"
    before = built.query(others)
    dry = forget(built, "Ana Cruz", "--dry-run")
    assert len(old_days(built)) == 4
    erased = forget(built, "Ana Cruz")
    assert {**dry, "dry_run": False} == erased
    assert erased["rows"] == {"public.daily_reports": 2}
    assert old_days(built) == {*ids[ANA_LOPEZ], *ids[NAMELESS]}
    assert before == built.query(others)
    assert KEYS - built.blobs().keys() == {ANA_CRUZ}
    (unclear,) = erased["unclear"]
    assert (ids[NAMELESS][0] in unclear, "'Ana'; the text names nobody for certain" in unclear) == (
        True,
        True,
    )
    assert erased["naming_rows"] == []
    again = built.loader("forget", "--author", "Ana Cruz", "--yes")
    assert (again.code, "No daily report is by 'Ana Cruz'" in again.err) == (1, True)


def test_a_first_word_that_several_people_share_identifies_nobody(built: Project) -> None:
    add_old_rows(built)
    before = old_days(built)
    ended = built.loader("forget", "--author", "Ana Cruz", "--dry-run")
    assert "Left, for it may be somebody else's: daily_reports " in ended.out
    assert "studio --write" in ended.out
    erased = forget(built, "Ana")
    assert (erased["rows"], len(erased["unclear"])) == ({}, 1)
    assert before == old_days(built)


def test_a_day_that_names_nobody_belongs_to_the_only_person_with_its_word(built: Project) -> None:
    nameless = add_day(built, "Zed", date(2024, 12, 6), "## 2024-12-06\n\n- x")
    named = add_day(built, "Zed", date(2024, 12, 7), "## 2024-12-07\n\n**Employee**: Zed\n\n- y")
    unknown = forget(built, "Zed", "--dry-run")
    assert (unknown["rows"], unknown["unclear"]) == ({"public.daily_reports": 2}, [])
    other = add_day(built, "Zed", date(2024, 12, 8), "## 2024-12-08\n\n**Employee**: Zed Oz\n\n- z")
    assert forget(built, "Zed")["rows"] == {"public.daily_reports": 1}
    assert old_days(built) == {nameless, other}
    assert named not in old_days(built)
    assert len(forget(built, "Zed Oz", "--dry-run")["unclear"]) == 1
    forget(built, "Zed Oz")
    assert forget(built, "Zed")["rows"] == {"public.daily_reports": 1}


def test_a_day_of_two_people_is_listed_and_left(built: Project) -> None:
    text = "## 2024-12-06\n\n### Ana Cruz — Rocks\n\n- hers\n\n### Bo Lind — Rocks\n\n- his"
    both = add_day(built, "Ana", date(2024, 12, 6), text)
    own = add_day(built, "Ana", date(2024, 12, 7), "## 2024-12-07\n\n**Employee**: Ana Cruz\n\nx")
    erased = forget(built, "Ana Cruz")
    assert old_days(built) == {both}
    assert own not in str(erased["unclear"])
    assert [both in each for each in erased["unclear"]] == [True]
    assert "the text names Ana Cruz and Bo Lind" in erased["unclear"][0]


def test_old_rows_of_others_that_name_the_person_are_listed(built: Project) -> None:
    add_old_rows(built)
    text = "## 2024-12-06\n\n**Employee**: Bo Lind\n\n- met Ana Cruz"
    row = add_day(built, "Bo", date(2024, 12, 6), text)
    assert forget(built, "Ana Cruz", "--dry-run")["naming_rows"] == [f"daily_reports {row}"]
    ended = built.loader("forget", "--author", "Ana Cruz", "--dry-run")
    assert f"names the person still: daily_reports {row}, which" in ended.out


def test_other_spellings_in_old_texts_are_proposed(built: Project) -> None:
    add_day(built, "Ana", date(2024, 12, 6), "## 2024-12-06\n\n**Employee**: Ana Crúz\n\nx")
    ended = built.loader("forget", "--author", "ANA CRUZ", "--dry-run")
    assert (ended.code, "There are: Ana Crúz" in ended.err) == (1, True)


def test_old_days_renamed_by_a_takeover_are_found_by_name(built: Project) -> None:
    named = add_day(built, "Ana Cruz", date(2024, 12, 6), "## 2024-12-06\n\n- no name in it")
    assert forget(built, "Ana Cruz")["rows"] == {"public.daily_reports": 1}
    assert named not in old_days(built)


def forget_path(project: Project, path: str) -> dict[str, Any]:
    ended = project.loader("forget", "--path", path, "--yes", "--json")
    assert ended.code == 0, ended
    found: dict[str, Any] = short(ended.out)
    return found


def test_a_file_that_raw_does_not_know_is_found_by_its_name(built: Project) -> None:
    ids = add_old_rows(built)
    folder = "transcripts/markdown-output"
    for other in (f"{folder}/timeclock/2024-12-02 sync.md", f"{folder}/rocks/sync.md"):
        ended = built.loader("forget", "--path", other, "--yes")
        assert (ended.code, f"No file '{other}' was ever read" in ended.err) == (1, True), ended
    erased = forget_path(built, f"{folder}/rocks/a/2024-12-02 sync.md")
    assert erased["rows"] == {}
    assert [ids[SYNC][0] in each for each in erased["unclear_rows"]] == [True]
    assert SYNC in built.blobs()
    erased = forget_path(built, f"{folder}/rocks/2024-12-02 sync.md")
    assert (erased["rows"], erased["unclear_rows"]) == ({"public.meeting_transcripts": 1}, [])
    assert SYNC not in built.blobs()
    for root, key, table in (
        ("daily-reports/md-output/rocks", ANA_LOPEZ, "daily_reports"),
        ("slack/md-output/rocks/sanitized", SLACK, "slack_captures"),
        ("jira/md_output/rocks", JIRA, "jira_snapshots"),
    ):
        erased = forget_path(built, f"{root}/{key.rpartition('/')[2]}")
        assert erased["rows"] == {f"public.{table}": 1}
        assert key not in built.blobs()
    assert old_days(built) == {*ids[ANA_CRUZ], *ids[NAMELESS]}


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_person_of_a_database_without_loads(built: Project) -> None:
    ids = add_old_rows(built)
    built.execute("drop schema raw cascade")
    assert forget(built, "Ana Lopez")["rows"] == {"public.daily_reports": 1}
    assert old_days(built) == {*ids[ANA_CRUZ], *ids[NAMELESS]}
