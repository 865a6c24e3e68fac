"""The content tables: the content of the final tables' texts."""

import json
from collections.abc import Iterable, Mapping
from datetime import date

import pytest

from loader.parsing.jira_issues import parse_issues
from loader.parsing.report_entries import parse_entries
from loader.parsing.transcript_turns import parse_participants, parse_turns
from loader.reading import Reader
from loader.settings import load_settings
from tests.support.project import Project
from tests.support.reading import check_types

pytestmark = [pytest.mark.either_engine, pytest.mark.with_tables]

DAILY = "daily-reports/md-output/rocks"
MEETINGS = "transcripts/markdown-output/rocks"
JIRA = "jira/md_output/rocks/epic_tree_ROCKS_2025-10-27_to_2025-11-02.md"
SLACK = "slack/md-output/rocks/sanitized/dev_2025-10-27_2025-11-02.md"
WEEK = ["--week-start", "2025-10-27", "--week-end", "2025-11-02"]
TABLES = {
    "report_entries": "daily_report_id",
    "transcript_turns": "meeting_transcript_id",
    "meeting_participants": "meeting_transcript_id",
    "jira_issues": "jira_snapshot_id",
    "slack_messages": "slack_capture_id",
}


def write_days(project: Project, author: str, days: Mapping[str, Iterable[str]]) -> None:
    body = f"**Employee**: {author}\n"
    for day, entries in days.items():
        body += f"\n## {day}\n\n### Tasks Done\n\n" + "".join(f"- {each}\n" for each in entries)
    project.write(f"{DAILY}/{author}.md", body)


def write_meeting(project: Project, name: str, *turns: tuple[str, str]) -> None:
    said = "\n".join(f"## 0:0{n} - {who}\n\n{what}\n" for n, (who, what) in enumerate(turns))
    project.write(f"{MEETINGS}/2025-10-28 {name}.md", f"# {name}\n\n{said}")


def write_jira(project: Project, status: str) -> None:
    lines = f"# Jira\n\n## [ROCKS-1] One\n\n**Status**: {status}\n**Assignee**: Ana Reyes\n"
    project.write(JIRA, lines)


def write_slack(project: Project) -> None:
    text = "# Slack: dev\n\n### 2025-10-27\n\n* 05:06 Ana Reyes: see PR 395\n"
    project.write(SLACK, text)


def entries(project: Project) -> dict[tuple[str, int], tuple[str, str, str]]:
    """Return text, id and creation time of each entry, by day and position."""
    rows = project.query(
        "select cast(report_date as text), position, text, cast(entries.id as text),"
        " cast(entries.created_at as text)"
        " from content.report_entries as entries"
        " inner join public.daily_reports as days on entries.daily_report_id = days.id"
    )
    return {(day, position): (text, id_, made) for day, position, text, id_, made in rows}


def count(project: Project, table: str) -> int:
    number: int = project.query(f"select count(*) from {table}")[0][0]
    return number


def everything(project: Project) -> str:
    """Return all rows of all tables, as text."""
    tables = project.query(
        "select table_schema, table_name from information_schema.tables"
        " where table_schema in ('raw', 'content', 'public', 'bookkeeping', 'seeds')"
    )
    return str([project.query(f'select * from "{schema}"."{name}"') for schema, name in tables])


def test_the_contents_of_the_example(project: Project) -> None:
    project.copy_example()
    project.load_and_build(contents=True)
    for content, texts in (
        (
            [(e.position, e.section_kind, e.text) for e in parse_entries(text)],
            project.query(
                "select position, section_kind, text from content.report_entries"
                " where daily_report_id = cast(%s as uuid) order by position",
                id_,
            ),
        )
        for id_, text in project.query("select cast(id as text), content from public.daily_reports")
    ):
        assert content == texts
    for id_, name, text in project.query(
        "select cast(id as text), filename, transcript_text from public.meeting_transcripts"
    ):
        turns = parse_turns(name, text)
        assert [(t.position, t.speaker, t.offset_seconds, t.text) for t in turns] == project.query(
            "select position, speaker, offset_seconds, text from content.transcript_turns"
            " where meeting_transcript_id = cast(%s as uuid) order by position",
            id_,
        )
        assert [tuple(each) for each in parse_participants(text, turns)] == project.query(
            "select name, turns, words from content.meeting_participants"
            " where meeting_transcript_id = cast(%s as uuid) order by position",
            id_,
        )
    files = [text.decode() for key, text in project.blobs().items() if "/jira/" in key]
    assert count(project, "content.jira_issues") == sum(map(len, map(parse_issues, files))) > 0
    assert count(project, "content.mentions") > 0
    assert count(project, "content.slack_messages") == 0
    for table in TABLES:
        assert count(project, f"content.{table} where person_id is not null") > 0 or (
            table == "slack_messages"
        )
    # Unknown names are listed.
    unknown = project.query("select alias from content.people_aliases where person_id is null")
    assert ("Facilitator",) in unknown
    ended = project.dbt("test", "--select", "orchestrator_elt.content")
    assert ended.code == 0, ended.out
    monday, sunday = date(2025, 10, 27), date(2025, 11, 2)
    with Reader(load_settings(project.target, project.environ)) as reader:
        check_types(project, reader.person_week(), reader.meetings())
        weeks = list(reader.person_week("rocks", sunday, sunday))
        assert {week.week_start for week in weeks} == {monday}
        assert [weeks[0]] == list(reader.person_week("rocks", sunday, sunday, weeks[0].person))
        held = list(reader.meetings("rocks", monday, monday))
        assert {(each.team, each.meeting_date) for each in held} == {("rocks", monday)}
        assert "Jan Carlo Cruz" in held[0].people


def test_a_new_text_replaces_its_own_rows_alone(project: Project) -> None:
    days = {"2025-10-27": ["one", "two", "three"], "2025-10-28": ["four"]}
    write_days(project, "Ana Reyes", days)
    write_days(project, "Bo Lind", {"2025-10-29": ["five"]})
    project.load_and_build(contents=True)
    before = entries(project)
    assert [text for text, _, _ in before.values()].count("four") == 1
    write_days(project, "Ana Reyes", days | {"2025-10-27": ["another", "two"]})
    project.load_and_build(contents=True)
    after = entries(project)
    assert {key: text for key, (text, _, _) in after.items()} == {
        ("2025-10-27", 1): "another",
        ("2025-10-27", 2): "two",
        ("2025-10-28", 1): "four",
        ("2025-10-29", 1): "five",
    }
    untouched = [("2025-10-28", 1), ("2025-10-29", 1)]
    assert {key: after[key] for key in untouched} == {key: before[key] for key in untouched}
    assert {key: after[key][1] for key in after} == {key: before[key][1] for key in after}
    # A text that comes back, and one without entries.
    write_days(project, "Ana Reyes", days | {"2025-10-28": []})
    project.load_and_build(contents=True)
    texts = {key: text for key, (text, _, _) in entries(project).items()}
    assert texts == {key: text for key, (text, _, _) in before.items() if key[0] != "2025-10-28"}
    project.build("--vars", json.dumps({"reapply": True}), contents=True)
    again = {key: id_ for key, (_, id_, _) in entries(project).items()}
    assert again == {key: before[key][1] for key in again}
    assert len(again) == 4


@pytest.mark.long
def test_two_rows_with_one_text_have_its_contents_each(project: Project) -> None:
    write_meeting(project, "a", ("Ana Reyes", "hello"))
    text = (project.workspace / f"{MEETINGS}/2025-10-28 a.md").read_text()
    project.write(f"{MEETINGS}/2025-10-29 b.md", text)
    project.write(f"{MEETINGS.replace('rocks', 'timeclock')}/2025-10-28 a.md", text)
    project.load_and_build(contents=True)
    rows = project.query(
        "select count(*), count(distinct meeting_transcript_id) from content.transcript_turns"
    )
    turns = len(parse_turns("a.md", text))
    assert rows == [(3 * turns, 3)]


@pytest.mark.long
def test_names_find_their_people_later(project: Project) -> None:
    write_meeting(project, "Planning", ("Ana", "PR 395 is done"), ("Bo", "good"))
    write_jira(project, "To Do")
    project.load(*WEEK)
    project.build(contents=True)
    named = (
        "select speaker, full_name from content.transcript_turns"
        " left join content.people on person_id = people.id where speaker is not null order by 1"
    )
    assert project.query(named) == [("Ana", None), ("Bo", None)]
    write_days(project, "Ana Reyes", {"2025-10-27": ["one"]})
    write_days(project, "Bo Lind", {"2025-10-27": ["two"]})
    project.load(*WEEK)
    project.build(contents=True)
    assert project.query(named) == [("Ana", "Ana Reyes"), ("Bo", "Bo Lind")]
    assert project.query("select count(person_id), count(*) from content.meeting_participants") == [
        (2, 2)
    ]
    assigned = (
        "select distinct full_name from content.jira_issues"
        " left join content.people on person_id = people.id"
    )
    assert project.query(assigned) == [("Ana Reyes",)]
    # A second Ana: the speaker is now ambiguous.
    write_days(project, "Ana Cruz", {"2025-10-30": ["three"]})
    project.load(*WEEK)
    project.build(contents=True)
    assert project.query(named) == [("Ana", None), ("Bo", "Bo Lind")]
    seen = (
        "select full_name, cast(first_seen as text), cast(last_seen as text)"
        " from content.people order by 1"
    )
    assert project.query(seen) == [
        ("Ana Cruz", "2025-10-30", "2025-10-30"),
        ("Ana Reyes", "2025-10-27", "2025-10-27"),
        ("Bo Lind", "2025-10-27", "2025-10-28"),
    ]


@pytest.mark.long
def test_slack_only_if_it_is_asked_for(project: Project) -> None:
    write_slack(project)
    project.load(*WEEK)
    project.build(contents=True)
    for table in ("raw.slack_messages", "content.slack_messages", "content.mentions"):
        assert count(project, table) == 0, table
    assert "see PR" not in everything(project)
    blobs = project.blobs()
    project.patch.setenv("SLACK_CONTENT", "true")
    project.load("--week-start", "2025-11-03", "--week-end", "2025-11-09")
    project.build(contents=True)
    # From the blobs of earlier loads, without an upload.
    assert project.blobs() == blobs
    query = "select author, text, sent_at at time zone 'UTC' from content.slack_messages"
    ((author, text, sent_at),) = project.query(query)
    assert (author, text, str(sent_at)) == ("Ana Reyes", "see PR 395", "2025-10-27 05:06:00")
    assert project.query("select ref, source_kind from content.mentions") == [
        ("395", "slack_messages")
    ]


@pytest.mark.long
def test_a_week_that_is_loaded_again_repeats_nothing(project: Project) -> None:
    """Each run appends its snapshot. Of equal ones, the latest has the issues."""
    project.patch.setenv("SLACK_CONTENT", "true")
    statuses = (
        "select status from content.jira_issues as issues"
        " inner join public.jira_snapshots as snapshots on jira_snapshot_id = snapshots.id"
        " order by snapshots.loaded_at"
    )
    latest = (
        "select count(*) from content.{} where {} ="
        " (select id from public.{} order by loaded_at desc limit 1)"
    )
    write_slack(project)
    seen, ids = [], []
    for status in ("To Do", "To Do", "Done", "To Do"):
        write_jira(project, status)
        project.load(*WEEK)
        project.build(contents=True)
        seen.append([each for (each,) in project.query(statuses)])
        ids.append({id_ for (id_,) in project.query("select id from content.jira_issues")})
        for table, column, parent in (
            ("jira_issues", "jira_snapshot_id", "jira_snapshots"),
            ("slack_messages", "slack_capture_id", "slack_captures"),
            ("mentions", "slack_capture_id", "slack_captures"),
        ):
            assert project.query(latest.format(table, column, parent)) == [(1,)]
    assert seen == [["To Do"], ["To Do"], ["To Do", "Done"], ["To Do", "Done", "To Do"]]
    assert ids[0] == ids[1] < ids[2] < ids[3]
    assert count(project, "public.jira_snapshots") == 4
    assert [count(project, f"content.{name}") for name in ("slack_messages", "mentions")] == [1, 4]
    project.build("--vars", json.dumps({"reapply": True}), contents=True)
    assert [each for (each,) in project.query(statuses)] == seen[-1]
    assert {id_ for (id_,) in project.query("select id from content.jira_issues")} == ids[-1]


@pytest.mark.long
def test_a_database_of_an_earlier_release_is_filled_by_the_next_run(project: Project) -> None:
    project.copy_example()
    project.load_and_build(contents=True)
    expected = {
        table: project.query(f"select cast(id as text) from content.{table} order by 1")
        for table in (*TABLES, "mentions")
    }
    blobs = project.blobs()
    for table in TABLES:
        project.execute(f"delete from raw.{table}")
        project.execute(f"drop table content.{table} cascade")
    project.execute("drop table content.mentions cascade")
    project.execute("alter table raw.runs drop column contents cascade")
    project.load("--team", "timeclock")
    assert project.blobs() == blobs
    project.build(contents=True)
    for table, ids in expected.items():
        found = project.query(f"select cast(id as text) from content.{table} order by 1")
        assert set(found) >= set(ids), table  # Jira has one more snapshot
    rows = project.query("select count(*), count(distinct row_id) from raw.report_entries")
    assert rows[0][0] == rows[0][1] > 0
    # The next run parses nothing again.
    parsed = count(project, "raw.report_entries")
    project.load()
    assert count(project, "raw.report_entries") == parsed


@pytest.mark.parametrize(
    "named", [pytest.param("none", marks=pytest.mark.long), "meeting_transcripts"]
)
def test_kinds_can_be_switched_off(project: Project, named: str) -> None:
    write_days(project, "Ana Reyes", {"2025-10-27": ["see PR 395"]})
    write_meeting(project, "Planning", ("Ana", "see PR 396"))
    project.patch.setenv("CONTENT", named)
    project.load()
    assert count(project, "raw.report_entries") == 0
    assert (count(project, "raw.transcript_turns") > 0) == (named != "none")
    project.patch.setenv("CONTENT", "daily_reports, meeting_transcripts")
    project.load()
    assert count(project, "raw.report_entries") == 1
    project.build(contents=True)
    refs = project.query("select ref from content.mentions order by 1")
    assert refs == [("395",), ("396",)]


@pytest.mark.long
def test_contents_are_deleted_with_their_row(project: Project) -> None:
    write_days(project, "Ana Reyes", {"2025-10-27": ["see PR 395"]})
    write_meeting(project, "Planning", ("Ana", "see PR 396"))
    project.load_and_build(contents=True)
    if project.url:
        project.execute("delete from public.daily_reports")
        assert count(project, "content.report_entries") == 0
        assert project.query("select ref from content.mentions") == [("396",)]


def test_a_forgotten_person_leaves_no_content(project: Project) -> None:
    write_days(project, "Ana Reyes", {"2025-10-27": ["see PR 395"]})
    write_days(project, "Bo Lind", {"2025-10-27": ["see PR 397"]})
    write_meeting(project, "Planning", ("Ana", "see PR 396"))
    project.load_and_build(contents=True)
    forgotten = project.loader("forget", "--author", "Ana Reyes", "--yes")
    assert forgotten.code == 0, forgotten
    for table in ("raw.report_entries", "content.report_entries", "content.people"):
        assert count(project, table) == 1, table
    mentions = "select mentions from raw.{} where mentions is not null"
    assert project.query(mentions.format("report_entries")) == [("pull_request 397",)]
    assert project.query(mentions.format("transcript_turns")) == [("pull_request 396",)]
    # Turns of others stay, without a person.
    ((person,),) = project.query(
        "select person_id from content.transcript_turns where speaker = 'Ana'"
    )
    assert person is None
    project.build(contents=True)
    assert project.query("select full_name from content.people") == [("Bo Lind",)]
    path = f"{MEETINGS}/2025-10-28 Planning.md"
    assert project.loader("forget", "--path", path, "--yes").code == 0
    for table in ("raw.transcript_turns", "content.transcript_turns", "raw.meeting_participants"):
        assert count(project, table) == 0, table
    assert project.query("select ref from content.mentions") == [("397",)]


@pytest.mark.long
def test_prune_removes_contents_of_removed_versions(project: Project) -> None:
    for text in ("one", "two", "three"):
        write_days(project, "Ana Reyes", {"2025-10-27": [text]})
        project.load_and_build(contents=True)
    assert count(project, "raw.report_entries") == 3
    assert project.loader("prune", "--keep", "2", "--yes").code == 0
    texts = project.query("select text from raw.report_entries order by 1")
    assert texts == [("three",), ("two",)]
    shown = project.loader("status", "--json")
    counted = {each["kind"]: each["rows"] for each in json.loads(shown.out)["counts"]}
    assert counted["report_entries"] == 1


def test_a_text_that_is_too_long_is_recorded(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_days(project, "Ana Reyes", {"2025-10-27": ["see PR 395"]})
    write_meeting(project, "Planning", ("Ana", "a long talk " * 50))
    monkeypatch.setattr("loader.extract.contents.LONGEST_TEXT", 300)
    left_out = [("contents_left_out", f"{MEETINGS}/2025-10-28 Planning.md", None)]
    project.load()
    assert (project.rejections(), count(project, "raw.transcript_turns")) == (left_out, 0)
    assert count(project, "raw.report_entries") == 1
    # The same holds if a later run parses the stored texts.
    project.execute("update raw.runs set contents = null")
    project.load()
    assert (project.rejections(), count(project, "raw.transcript_turns")) == (left_out * 2, 0)
