"""Generated datasources, from the file to the raw table."""

import json
import os
from datetime import UTC, date, datetime
from typing import Any

import pytest

from loader.parsing.rejections import Reason
from loader.workspace.kinds import Kind
from tests.support.project import Project

either_engine = pytest.mark.either_engine

FOLDER = "datasource-generator/output/rocks"
COMMENTS = "# Weekly Digest Datasource for R\n# Generated on 11/3/2025, 9:14:02 AM\n"
NOVEMBER = datetime(2025, 11, 5, 20, tzinfo=UTC).timestamp()
WEEK = '{"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02"}}'


def reports(project: Project) -> list[tuple[Any, ...]]:
    return project.query(
        "select filename, generated_at, date_range_start, date_range_end"
        " from raw.generated_reports order by loaded_at, source_path"
    )


def outputs(project: Project) -> list[dict[str, Any]]:
    found = project.query("select output from raw.generated_reports order by loaded_at, filename")
    return [json.loads(output) for (output,) in found]


@either_engine
def test_the_examples_datasources(project: Project) -> None:
    project.copy_example()
    project.load("--team", "rocks")
    moment = datetime(2026, 11, 22, 13, 28, 13, tzinfo=UTC)
    week = (date(2025, 10, 27), date(2025, 11, 2))
    assert [("datasource_weekly_ROCKS.py", moment, *week)] == reports(project)
    (output,) = outputs(project)
    days = output.pop("days")
    assert len(days) == 24
    assert days[0] == {"author_name": "Alan Sheridan Ibáñez Núñez", "report_date": "2025-10-27"}
    assert {
        "source_path": f"{FOLDER}/datasource_weekly_ROCKS.py",
        "filename": "datasource_weekly_ROCKS.py",
        "generated_at": "2026-11-22T13:28:13+00:00",
        "generated_at_from": "datasource",
        "date_range_start": "2025-10-27",
        "date_range_end": "2025-11-02",
        "date_range_from": "config",
        "project": "ROCKS",
        "person": None,
        "members": [
            "Alan Sheridan Ibáñez Núñez",
            "Carmelito Verdon",
            "Eusebio Mamaril",
            "Jan Carlo Cruz",
            "Jan Lerick Ibarra",
        ],
        "sources": ["daily_report", "meeting_transcript", "jira_snapshot"],
        "meetings": [
            "Weekly sync October 30, 2025.md",
            "fathom-transcripts-2025-10-27T13_30_00+00_00.md",
            "kickoff notes.md",
            "planning_2025-10-27_to_2025-11-02.md",
            "rocks standup 10-28-2025.md",
            "rocks_retro_10_29_2025.md",
        ],
        "block_sizes": {
            "JIRA_DATA": 2089,
            "DAILY_REPORTS_DATA": 11379,
            "TRANSCRIPT_DATA": 19170,
        },
    } == output
    ((checksum, content_hash, triggered_by),) = project.query(
        "select file_sha256, content_hash, triggered_by from raw.generated_reports"
    )
    assert checksum == content_hash
    assert triggered_by


@either_engine
def test_where_time_and_dates_come_from(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    said = 'F = {"generated_date": "2025-11-04", "date_range": "2025-10-20 to 2025-10-26"}\n'
    project.write(f"{FOLDER}/datasource_a.py", COMMENTS + said)
    project.write(f"{FOLDER}/datasource_b.py", COMMENTS)
    silent = project.write(f"{FOLDER}/deep/datasource_c.PY", "X = 1\n")
    unclear = project.write(f"{FOLDER}/datasource_d.py", "# Generated on 05/11/2025, 13:24:39\n")
    decided = project.write(f"{FOLDER}/datasource_e.py", "# Generated on 05/11/2025, 13:24:39 \n")
    os.utime(decided, (NOVEMBER, NOVEMBER))
    os.utime(unclear, (1_000_000_000, 1_000_000_000))
    os.utime(silent, (1_000_000_000, 1_000_000_000))
    project.load()
    older, newer = (date(2025, 10, 20), date(2025, 10, 26)), (date(2025, 10, 27), date(2025, 11, 2))
    assert [
        ("datasource_a.py", datetime(2025, 11, 4, tzinfo=UTC), *older),
        ("datasource_b.py", datetime(2025, 11, 3, 9, 14, 2, tzinfo=UTC), *newer),
        ("datasource_d.py", datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC), *newer),
        ("datasource_e.py", datetime(2025, 11, 5, 13, 24, 39, tzinfo=UTC), *newer),
        ("datasource_c.PY", datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC), *newer),
    ] == reports(project)
    assert [
        ("datasource", "datasource"),
        ("datasource", "config"),
        ("modification time", "config"),
        ("modification time", "config"),
        ("datasource", "config"),
    ] == [(output["generated_at_from"], output["date_range_from"]) for output in outputs(project)]


@either_engine
def test_without_a_week_it_is_stored_and_waits_for_its_days(project: Project) -> None:
    project.write(f"{FOLDER}/datasource_a.py", COMMENTS)
    summary = project.load()
    counted = summary["kinds"][Kind.GENERATED_REPORTS]
    assert (counted["loaded"], counted["rejected"], counted["rows"]) == (1, 0, 1)
    told = [(each["reason"], each["kind"]) for each in summary["rejections"]]
    assert (Reason.NO_WEEK, Kind.GENERATED_REPORTS) in told
    assert [(None, None)] == [report[2:] for report in reports(project)]
    assert outputs(project)[0]["date_range_from"] is None
    project.write("configs/rocks/config.json", WEEK)
    project.load()
    assert [(date(2025, 10, 27), date(2025, 11, 2))] == [r[2:] for r in reports(project)[1:]]
    assert project.load()["kinds"][Kind.GENERATED_REPORTS]["unchanged"] == 1


@either_engine
def test_a_file_older_than_its_clock(project: Project) -> None:
    file = project.write(f"{FOLDER}/datasource_a.py", "X = 1")
    os.utime(file, (-3_000_000_000, -3_000_000_000))
    project.load()
    assert reports(project)[0][1] == datetime(1970, 1, 1, tzinfo=UTC)


@either_engine
def test_a_bad_config_affects_only_its_files_until_it_is_fixed(
    project: Project,
) -> None:
    config = project.write("configs/rocks/config.json", WEEK.replace("11-02", "10-02"))
    block = 'SLACK_DATA = """x"""\n'
    project.write(f"{FOLDER}/datasource_a.py", COMMENTS + block)
    week = 'X = {"date_range": "2025-10-27 to 2025-11-02"}'
    project.write(f"{FOLDER}/datasource_b.py", block + week)
    summary = project.load()
    assert [("datasource_b.py",)] == [report[:1] for report in reports(project)]
    (told,) = (each for each in summary["rejections"] if each["kind"] == Kind.GENERATED_REPORTS)
    assert (Reason.BAD_CONFIG, f"{FOLDER}/datasource_a.py") == (told["reason"], told["path"])
    assert told["detail"].startswith("configs/rocks/config.json: jira.start_date (2025-10-27)")
    config.write_text(WEEK)
    summary = project.load()
    assert summary["rejections"][0]["reason"] == Reason.NO_JIRA_FOR_WEEK
    assert [("datasource_a.py",)] == [report[:1] for report in reports(project)[1:]]


@either_engine
def test_datasources_are_never_executed_and_others_load_next_to_a_broken_one(
    project: Project,
) -> None:
    project.write("configs/rocks/config.json", WEEK)
    canary = project.folder / "canary"
    project.write(f"{FOLDER}/datasource_a.py", f"open({str(canary)!r}, 'w').write('harm')\n")
    project.write(f"{FOLDER}/datasource_b.py", "def (")
    project.write(f"{FOLDER}/datasource_c.py", 'X = {"generated_date": "Week 44"}')
    project.write(f"{FOLDER}/datasource_d.py", 'X = {"project": "a\0b"}')
    users = 'JIRA_DATA = """C:\\Users"""\nDAILY_REPORTS_DATA = """**Employee**: Ana\\"""\n'
    project.write(f"{FOLDER}/datasource_weekly_R.py", users)
    project.write(f"{FOLDER}/notes.md", "# no datasource")
    summary = project.load()
    assert not canary.exists()
    names = [f"datasource_{name}.py" for name in ("a", "b", "c", "d", "weekly_R")]
    assert names == [report[0] for report in reports(project)]
    assert [
        (Reason.BAD_BLOCK, f"{FOLDER}/datasource_a.py", None),
        (Reason.BAD_BLOCK, f"{FOLDER}/datasource_b.py", None),
        (Reason.BAD_BLOCK, f"{FOLDER}/datasource_c.py", None),
        (Reason.BAD_LITERAL, f"{FOLDER}/datasource_c.py", None),
        (Reason.BAD_BLOCK, f"{FOLDER}/datasource_d.py", None),
        (Reason.NUL_REPLACED, f"{FOLDER}/datasource_d.py", 1),
    ] == sorted(project.rejections(), key=lambda each: (each[1], each[0]))
    assert outputs(project)[3]["project"] == "a\ufffdb"
    assert outputs(project)[4]["members"] == ["Ana\\"]
    assert summary["ignored"] == 1
    assert b"C:\\Users" in project.blobs().values()


def test_a_new_generation_is_a_new_row_and_the_same_one_is_not(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    file = project.write(f"{FOLDER}/datasource_a.py", COMMENTS)
    for expected in (1, 0):
        assert project.load()["kinds"][Kind.GENERATED_REPORTS]["rows"] == expected
    file.write_text(COMMENTS.replace("9:14:02", "9:14:03"))
    assert project.load()["kinds"][Kind.GENERATED_REPORTS]["rows"] == 1
    assert len(project.blobs()) == 2
