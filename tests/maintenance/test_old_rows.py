"""Each command on a database with rows of the replaced system, which lack `loaded_at`."""

import json
from datetime import date
from typing import Any

import pytest

from loader.database.sessions import Sessions
from loader.questions.calendar import calendar
from loader.reading import Reader
from loader.settings import load_settings
from loader.studio.sql import Filter, RowQuery
from loader.studio.tables import Tables
from tests.support.finals import table_counts
from tests.support.generated_reports import datasource
from tests.support.old_rows import JIRA, REPORT, SLACK, add_old_rows, insert, team
from tests.support.project import Project

pytestmark = pytest.mark.either_engine

MONDAY, SUNDAY = date(2024, 12, 2), date(2024, 12, 8)
OLD = {
    "daily_reports": (4, "2024-12-02", "2024-12-05"),
    "generated_reports": (1, "2024-12-09", "2024-12-09"),
    "jira_snapshots": (1, "2024-12-02", "2024-12-08"),
    "meeting_transcripts": (1, "2024-12-02", "2024-12-02"),
    "slack_captures": (1, "2024-12-02", "2024-12-08"),
}


@pytest.fixture
def old(built: Project) -> Project:
    add_old_rows(built)
    return built


def status(project: Project, *args: str) -> dict[str, Any]:
    ended = project.loader("status", "--json", *args)
    assert ended.code == 0, ended
    found: dict[str, Any] = json.loads(ended.out)
    return found


def test_status_counts_old_rows(old: Project) -> None:
    counts = {each["kind"]: each for each in status(old, "--team", "rocks")["counts"]}
    firsts = {kind: each["first"] for kind, each in counts.items() if kind in OLD}
    assert firsts == {kind: first for kind, (_, first, _) in OLD.items()}
    later = status(old, "--team", "rocks", "--since", "2024-12-06")["counts"]
    by_kind = {each["kind"]: each["first"] for each in later}
    assert by_kind["jira_snapshots"] == "2024-12-02"
    assert by_kind["daily_reports"] > "2025"
    assert old.loader("status").code == 0


def test_a_week_of_the_replaced_system_has_its_bytes(old: Project) -> None:
    """That system stored the same week again at each run, under the same name."""
    size = len(old.blobs()[JIRA])
    for number in range(2):
        insert(
            old,
            "jira_snapshots",
            team_id=team(old),
            collected_week_start=MONDAY,
            collected_week_end=SUNDAY,
            byte_size=size,
            blob_key=JIRA,
            blob_url=f"https://elsewhere/{JIRA}",
            checksum_sha256=str(number),
        )
    weeks = [each for each in status(old)["weeks"] if each["start"] == "2024-12-02"]
    assert [(each["kind"], each["runs"], each["size"]) for each in weeks] == [
        ("jira_snapshots", 1, size),
        ("slack_captures", 1, len(old.blobs()[SLACK])),
    ]
    old.execute("update public.slack_captures set byte_size = null where loaded_at is null")
    assert old.loader("status").code == 0
    others = [each for each in status(old)["weeks"] if each["start"] != "2024-12-02"]
    assert {each["runs"] for each in others} == {1}
    assert all(each["size"] > 0 for each in others)


def test_prune_changes_no_old_row(old: Project) -> None:
    before = table_counts(old)
    assert old.loader("prune", "--keep", "1", "--yes").code == 0
    assert before == table_counts(old)


def test_ids_and_check(old: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(old.folder)
    assert json.loads(old.loader("ids", "--json").out)["ids"]["teams"]["rocks"] == team(old)
    checks = json.loads(old.loader("check", "--json").out)["checks"]
    found = {each["name"]: each["state"] for each in checks}
    for name in ("database", "environment", "ownership", "schemas", "contracts"):
        assert found.get(name, "ok") == "ok", name


def test_readers_give_old_rows(old: Project) -> None:
    with Reader(load_settings(old.target, old.environ)) as reader:
        answers: dict[str, list[Any]] = {
            "daily_reports": list(reader.daily_reports("rocks", MONDAY, SUNDAY)),
            "meeting_transcripts": list(reader.meeting_transcripts("rocks", MONDAY, SUNDAY)),
            "jira_snapshots": list(reader.jira_snapshots("rocks", MONDAY, SUNDAY)),
            "slack_captures": list(reader.slack_captures("rocks", MONDAY, SUNDAY)),
            "generated_reports": list(reader.generated_reports("rocks", until=date(2024, 12, 31))),
        }
        assert {kind: len(rows) for kind, rows in answers.items()} == {
            kind: count for kind, (count, *_) in OLD.items()
        }
        assert {row.loaded_at for rows in answers.values() for row in rows} == {None}
        (week,) = reader.team_week("rocks", MONDAY, SUNDAY)
        counts = (week.daily_reports, week.transcripts, week.jira_snapshots, week.slack_captures)
        assert (counts, week.authors, week.last_loaded_at) == ((4, 1, 1, 1), 1, None)
        assert reader.daily_reports("rocks", MONDAY, SUNDAY).arrow().num_rows == 4


def test_the_studio_shows_old_rows(old: Project) -> None:
    old.execute("delete from public.report_data_links")
    old.execute("delete from public.daily_reports where loaded_at is not null")
    connections = Sessions(load_settings(old.target, old.environ))
    with connections.reading() as session:
        shown = calendar(session, MONDAY, 1, has_people=False)
    assert MONDAY in next(one for one in shown.authors if one.name == "Ana").there
    tables = Tables(connections)
    with connections.reading() as session:
        table = tables.all(session)["public.daily_reports"]
        query = RowQuery(filters=(Filter("loaded_at", "null"),))
        assert len(tables.page(session, table, query, table.listed, size=10).rows) == 4


@pytest.mark.long
def test_a_generated_report_is_linked_to_old_days(old: Project) -> None:
    """The loader loads the report; its days and the transcript existed before."""
    week = {"jira": {"start_date": str(MONDAY), "end_date": str(SUNDAY)}}
    old.write("configs/rocks/config.weekly.json", json.dumps(week))
    old.write("datasource-generator/output/rocks/datasource_weekly_OLD.py", datasource())
    old.load()
    old.build()
    linked = """
        select sources.source_kind, count(*)
        from reporting.report_sources as sources
        where
            sources.report = 'datasource_weekly_OLD.py'
            and sources.source_kind in ('daily_report', 'meeting_transcript')
        group by 1 order by 1
    """
    expected = [("daily_report", 4), ("meeting_transcript", 1)]
    assert expected == old.query(linked)
    old.build()
    assert expected == old.query(linked)
    reports = "select cast(id as text) from public.generated_reports where blob_key = %s"
    assert len(old.query(reports, REPORT)) == 1
