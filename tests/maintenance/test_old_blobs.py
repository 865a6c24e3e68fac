"""`verify` on rows of the replaced system, whose blobs have no hash in their names."""

import json
from datetime import date

import pytest

from tests.support.blobs import change, verify
from tests.support.old_rows import (
    ANA_CRUZ,
    JIRA,
    KEYS,
    NAMELESS,
    REPORT,
    SLACK,
    SYNC,
    TRANSCRIPT,
    WRITTEN,
    add_day,
    add_old_rows,
    insert,
    put,
    team,
)
from tests.support.project import Project

pytestmark = pytest.mark.either_engine

WEEK = {"collected_week_start": date(2024, 12, 2), "collected_week_end": date(2024, 12, 8)}


@pytest.fixture
def old(built: Project) -> Project:
    add_old_rows(built)
    return built


def wrong(project: Project, *args: str) -> dict[str, tuple[str, str]]:
    """Return verdict and detail of each faulty blob, by name."""
    found = verify(project, *args)[1]["wrong"]
    return {each["key"]: (each["verdict"], each["detail"]) for each in found}


def test_old_blobs_are_checked_by_their_rows(old: Project) -> None:
    code, told = verify(old)
    assert (code, told["verdicts"]) == (0, {"ok": 56, "not_checkable": 1})
    assert told["compared"] == {"sha256": 53, "text": 3}
    (left,) = told["wrong"]
    assert (left["key"], left["verdict"]) == (REPORT, "not_checkable")
    ended = old.loader("verify")
    assert (ended.code, "delete it" in ended.out) == (0, False)
    assert f"\npresent, not checkable: {REPORT}: " in ended.out
    assert "56 of 57 blobs are as they should be, 1 cannot be checked." in ended.out
    assert "3 by the text of their rows" in ended.out


def test_faults_of_old_blobs_are_reported(old: Project) -> None:
    blobs = old.blobs()
    change(old, ANA_CRUZ, blobs[ANA_CRUZ].replace(b"she tested", b"who tested"))
    change(old, SYNC, b"# Another meeting\n")
    change(old, JIRA, blobs[JIRA] + b"!")
    change(old, SLACK, None)
    code, told = verify(old)
    assert (code, told["verdicts"]) == (
        1,
        {"ok": 52, "different": 3, "missing": 1, "not_checkable": 1},
    )
    found = wrong(old)
    assert found.keys() == {ANA_CRUZ, SYNC, JIRA, SLACK, REPORT}
    assert found[ANA_CRUZ] == ("different", "it holds the text of 1 of its 2 rows")
    assert "the text of 0 of its 1 row" in found[SYNC][1]
    assert "instead of " in found[JIRA][1]
    out = old.loader("verify").out
    assert "delete" not in out  # no run stores them again
    assert "Keep a blob without a file, even if it differs: a row refers to it" in out


def test_a_text_is_found_in_any_encoding(old: Project) -> None:
    change(old, SYNC, TRANSCRIPT.replace("\n", "\r\n").encode("utf-16"))
    old.execute(  # JavaScript keeps a byte order mark
        "update public.meeting_transcripts set transcript_text = chr(65279) || transcript_text"
        " where loaded_at is null"
    )
    change(old, NAMELESS, old.blobs()[NAMELESS].replace(b"\n", b"\r\n"))
    assert wrong(old).keys() == {REPORT}


def test_without_any_checksum_only_its_presence_is_told(old: Project) -> None:
    old.execute("update public.jira_snapshots set checksum_sha256 = null where loaded_at is null")
    old.execute(
        "update public.slack_captures set checksum_sha256 = null, byte_size = null"
        " where loaded_at is null"
    )
    found = wrong(old)
    assert found.keys() == {JIRA, REPORT, SLACK}
    assert {verdict for verdict, _ in found.values()} == {"not_checkable"}
    assert found[JIRA][1] == "its size is that of its row, which has no checksum"
    change(old, JIRA, b"another size")
    assert wrong(old)[JIRA][0] == "different"
    change(old, SLACK, None)
    assert wrong(old)[SLACK][0] == "missing"


def test_a_referenced_blob_is_not_an_orphan(old: Project) -> None:
    """Find them by name or address, in any final table, even without a team."""
    by_key, by_url, of_nobody, orphan = (f"rocks/{name}.md" for name in "abcd")
    for key in (by_key, by_url, of_nobody, orphan):
        put(old, key, b"x")
    add_day(old, "Bo", date(2024, 12, 2), "x", blob_key=by_key)
    add_day(old, "Bo", date(2024, 12, 3), "x", blob_url=put(old, by_url, b"x"))
    if old.url:
        old.execute("alter table public.jira_snapshots alter column team_id drop not null")
    insert(
        old,
        "jira_snapshots",
        team_id=None if old.url else team(old),
        blob_key=of_nobody,
        blob_url=f"{'https://elsewhere/' if old.url else 'local:'}elsewhere/{of_nobody}",
        **WEEK,
    )
    orphans = verify(old, "--orphans")[1]["orphans"]
    assert [orphan] == [each["key"] for each in orphans]
    assert not KEYS & {each["key"] for each in orphans}


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_orphans_of_a_team_are_looked_for_in_all_its_folders(old: Project) -> None:
    """Only old rows remain, which have the team's name only."""
    put(old, "aicoach/x.md", b"x")
    put(old, "rocks/x.md", b"x")
    old.execute("drop schema raw cascade")
    found = verify(old, "--orphans", "--team", "ai-coach")[1]["orphans"]
    assert {each["key"].partition("/")[0] for each in found} == {"aicoach"}
    assert "aicoach/x.md" in {each["key"] for each in found}


def test_two_rows_of_one_blob_may_know_it_by_two_names(old: Project) -> None:
    url = put(old, "rocks/one.md", b"x")
    put(old, "rocks/other.md", b"x")
    add_day(old, "Bo", date(2024, 12, 2), "x", blob_key="rocks/one.md", blob_url=url)
    add_day(old, "Bo", date(2024, 12, 3), "x", blob_key="rocks/other.md", blob_url=url)
    assert verify(old, "--orphans")[1]["orphans"] == []


def test_old_rows_count_as_loaded_when_they_were_written(old: Project) -> None:
    day = WRITTEN.date()
    assert verify(old, "--since", str(day))[1]["checked"] == 57
    since = verify(old, "--since", "2024-12-10")[1]
    assert (since["checked"], since["wrong"]) == (50, [])
    assert json.loads(old.loader("status", "--json", "--since", str(day)).out)["counts"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_database_of_old_rows_alone_is_verified(old: Project) -> None:
    """Taken over, but nothing loaded yet."""
    for table in ("daily_reports", "meeting_transcripts", "jira_snapshots", "slack_captures"):
        old.execute(f"delete from public.{table} where loaded_at is not null")
    old.execute("delete from public.generated_reports where loaded_at is not null")
    old.execute("drop schema raw cascade")
    code, told = verify(old)
    assert (code, told["verdicts"]) == (0, {"ok": 6, "not_checkable": 1})
    assert not KEYS & {each["key"] for each in verify(old, "--orphans")[1]["orphans"]}
