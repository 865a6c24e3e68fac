"""Typed rows follow the contracts, and are equal on both engines."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from loader.errors import WarehouseError
from loader.reading import DailyReport, GeneratedReport, Organization, Reader, Rows
from loader.settings import load_settings
from scripts.typed_rows import CLASSES, COLUMNS, generate
from tests.support.project import ROOT, Project
from tests.support.reading import check_types

pytestmark = pytest.mark.either_engine

ALL: tuple[Callable[[Reader], Rows[Any]], ...] = (
    Reader.organizations,
    Reader.teams,
    Reader.report_types,
    Reader.daily_reports,
    Reader.meeting_transcripts,
    Reader.jira_snapshots,
    Reader.slack_captures,
    Reader.generated_reports,
    Reader.report_data_links,
    Reader.report_sources,
    Reader.team_week,
    Reader.person_week,
    Reader.meetings,
    Reader.missing_days,
    Reader.weekly_activity,
    Reader.people,
    Reader.people_aliases,
    Reader.report_entries,
    Reader.transcript_turns,
    Reader.meeting_participants,
    Reader.jira_issues,
    Reader.mentions,
)


def opened(project: Project) -> Reader:
    return Reader(load_settings(project.target, project.environ))


@pytest.fixture
def reader(built: Project) -> Iterator[Reader]:
    with opened(built) as reader:
        yield reader


def test_all_rows_of_all_tables_have_the_types_of_the_contracts(built: Project) -> None:
    with opened(built) as reader:
        check_types(built, *(ask(reader) for ask in ALL))


def test_both_engines_give_the_same(copy_built: Callable[[str], Project]) -> None:
    """Return a row without ids of a run, load times and blob addresses."""
    texts = []
    for engine in ("duckdb", "postgres"):
        with opened(copy_built(engine)) as reader:
            days = [(d.id, d.team_id, d.report_date, d.content) for d in reader.daily_reports()]
            schemas = [ask(reader).arrow().schema for ask in ALL]
            texts.append((sorted(days), schemas))
    assert texts[0] == texts[1]


def test_filters(reader: Reader) -> None:
    monday, friday = date(2025, 10, 27), date(2025, 10, 31)
    reports = list(reader.daily_reports(team="rocks", since=monday, until=friday))
    assert reports
    assert {r.report_date for r in reports} <= {monday + timedelta(days=n) for n in range(5)}
    name = reports[0].author_name
    assert {r.author_name for r in reader.daily_reports(author=name)} == {name}
    assert reader.daily_reports(author=name, since=friday + timedelta(days=60)).count() == 0
    assert reader.daily_reports(author="x' or '1' = '1").count() == 0
    team_ids = {team.id for team in reader.teams() if team.name == "rocks"}
    for ask in (reader.meeting_transcripts, reader.jira_snapshots, reader.slack_captures):
        assert {row.team_id for row in ask(team="rocks")} == team_ids
    sunday = date(2025, 11, 2)
    assert reader.jira_snapshots(since=sunday).count() == reader.jira_snapshots().count()
    assert reader.jira_snapshots(since=sunday + timedelta(days=1)).count() == 0
    captures = reader.slack_captures()
    channel = next(iter(captures)).channel
    assert {c.channel for c in reader.slack_captures(channel=channel)} == {channel}
    report = next(iter(reader.generated_reports(team="rocks")))
    (kind,) = [t.name for t in reader.report_types() if t.id == report.report_type_id]
    assert report in list(reader.generated_reports(report_type=kind))
    assert reader.generated_reports(report_type="none").count() == 0
    assert reader.generated_reports(until=date(2020, 1, 1)).count() == 0
    links, sources = (
        reader.report_data_links(report.id),
        reader.report_sources(report=report.id),
    )
    assert links.count() == sources.count() > 0
    assert {s.team for s in reader.report_sources(team="rocks")} == {"rocks"}
    (week,) = reader.team_week(team="rocks", since=sunday, until=sunday)
    assert (week.week_start, week.daily_reports) == (monday, len(reports))
    assert reader.meeting_transcripts(until=monday - timedelta(days=1)).count() == 0


def test_filters_of_contents(reader: Reader) -> None:
    monday, tuesday = date(2025, 10, 27), date(2025, 10, 28)
    days = {day.id: day for day in reader.daily_reports(team="rocks", since=monday, until=tuesday)}
    person = next(iter(days.values())).author_name
    entries = list(reader.report_entries("rocks", monday, tuesday, person, "done"))
    assert entries
    for entry in entries:
        assert days[entry.daily_report_id].author_name == person
        assert entry.section_kind == "done"
    (id_,) = {entry.person_id for entry in entries}
    assert id_ in {each.id for each in reader.people() if each.full_name == person}
    turns = reader.transcript_turns(team="rocks")
    assert 0 < turns.count() < reader.transcript_turns().count()
    assert reader.transcript_turns(since=date(2026, 1, 1)).count() == 0
    took_part = reader.meeting_participants(person=person)
    assert {each.person_id for each in took_part} == {id_}
    issue = next(iter(reader.jira_issues(team="rocks")))
    assert {each.issue_key for each in reader.jira_issues(issue_key=issue.issue_key)} == {
        issue.issue_key
    }
    mentions = list(reader.mentions(issue.issue_key, "jira_issue"))
    assert issue.id in {mention.source_id for mention in mentions}
    assert reader.slack_messages().count() == 0


def test_any_table_can_be_read_by_its_class(reader: Reader) -> None:
    monday, sunday = date(2025, 10, 27), date(2025, 11, 2)
    expected = list(reader.generated_reports(team="rocks"))
    assert expected == list(reader.rows(GeneratedReport, "rocks", monday, sunday))
    assert reader.rows(GeneratedReport, since=sunday + timedelta(days=1)).count() == 0
    assert reader.rows(Organization).count() == reader.organizations().count()
    with pytest.raises(ValueError, match=r"organizations has no days"):
        reader.rows(Organization, since=monday)
    with pytest.raises(ValueError, match=r"organizations has no team_id"):
        reader.rows(Organization, team="rocks")


def test_rows_are_immutable_values(reader: Reader) -> None:
    first, second = (next(iter(reader.daily_reports())) for _ in range(2))
    assert first == second
    assert isinstance(first, DailyReport)
    with pytest.raises(AttributeError):
        first.content = "x"  # type: ignore[misc]
    assert not hasattr(first, "__dict__")


def test_readings_may_be_nested_and_left_off(reader: Reader) -> None:
    pairs = []
    for team in reader.teams():
        for report in reader.daily_reports(team=team.name):
            pairs.append((team.name, report.author_name))
            break
    assert len(pairs) == reader.teams().count()


@pytest.mark.parametrize("engine", ["postgres"])
def test_one_state_of_the_database_and_no_writing(built: Project) -> None:
    with opened(built) as reader:
        before = reader.daily_reports().count()
        built.execute("delete from public.report_data_links")
        built.execute("delete from public.daily_reports")
        assert reader.daily_reports().count() == before
        with pytest.raises(Exception, match="read-only"):
            reader._connection.execute("delete from public.teams")  # noqa: SLF001
    with opened(built) as reader:
        assert reader.daily_reports().arrow().num_rows == 0


def test_missing_tables_are_reported(project: Project) -> None:
    if not project.url:
        with pytest.raises(WarehouseError, match="Load first: python -m loader run"):
            opened(project)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# talk")
    project.load()
    message = f"Build the tables first: dbt build --target {project.target}"
    with opened(project) as reader, pytest.raises(WarehouseError, match=message):
        list(reader.daily_reports())


def test_arrow(reader: Reader) -> None:
    table = reader.daily_reports(team="rocks").arrow()
    assert table.schema.field("loaded_at").type == pa.timestamp("us", tz="UTC")
    assert table["id"][0].as_py() == str(next(iter(reader.daily_reports(team="rocks"))).id)
    (first, *_) = table["loaded_at"].to_pylist()
    assert first
    assert first < datetime.now(UTC) + timedelta(minutes=1)


@pytest.mark.parametrize("engine", ["duckdb"])
def test_the_classes_are_those_of_the_contracts(engine: str, project: Project) -> None:
    """If this fails, run: make readers."""
    del engine, project
    classes, columns = generate()
    ruff = [str(Path(sys.executable).parent / "ruff"), "format", "--stdin-filename", CLASSES.name]
    config = ["--config", str(ROOT / "pyproject.toml"), "-"]
    made = subprocess.run(
        [*ruff, *config], input=classes, capture_output=True, text=True, check=True
    )
    assert (CLASSES.read_text(), COLUMNS.read_text()) == (made.stdout, columns)
