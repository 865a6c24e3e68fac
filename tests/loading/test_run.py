"""`python -m loader run` on both engines."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from loader import tables
from loader.blobs import transport
from loader.database.locks import become_writer
from loader.database.warehouse import Warehouse
from loader.loading import runs
from loader.parsing.rejections import Reason
from loader.settings import load_settings
from loader.workspace.kinds import KINDS, Kind
from tests.support.linux import linux_only
from tests.support.postgres import Postgres
from tests.support.project import EXAMPLE, ROOT, Project
from tests.support.vercel.store import Fault

pytestmark = pytest.mark.either_engine


DAY = "**Employee**: {}\n\n## October 27, 2025\n\n- {}\n"
DAILY = "daily-reports/md-output/rocks"
TRANSCRIPTS = "transcripts/markdown-output/rocks"
KICKOFF = "transcripts/markdown-output/{}/kickoff notes.md"
WEEK = '{"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02"}}'


def counts(summary: dict, name: str) -> dict[str, int]:  # type: ignore[type-arg]
    return {kind: counted[name] for kind, counted in summary["kinds"].items()}


def test_the_example(project: Project) -> None:
    project.copy_example()
    summary = project.load()
    assert {
        "daily_reports": 77,
        "meeting_transcripts": 18,
        "jira_snapshots": 4,
        "slack_captures": 8,
        "generated_reports": 4,
    } == counts(summary, "rows")
    assert [
        (Reason.NO_DATE, KICKOFF.format("aicoach"), None),
        (Reason.NO_DATE, KICKOFF.format("rocks"), None),
    ] == project.rejections()
    for table in tables.TABLES:
        assert project.query(f"select count(distinct row_id) - count(*) from raw.{table}") == [(0,)]
    paths = [path for (path,) in project.query("select source_path from raw.files")]
    assert len(paths) == 52
    assert not [path for path in paths if "slack" in path and "/sanitized/" not in path]


def test_each_checksum_is_the_sha_256_of_the_stored_text_and_each_blob_the_files_bytes(
    project: Project,
) -> None:
    project.copy_example()
    project.load()
    for text, checksum in project.query(
        "select content, checksum_sha256 from raw.daily_reports"
        " union all select transcript_text, checksum_sha256 from raw.meeting_transcripts"
    ):
        assert hashlib.sha256(text.encode()).hexdigest() == checksum
    blobs = project.blobs()
    referenced = set()
    for table in Kind:
        for path, key, url in project.query(
            f"select source_path, blob_key, blob_url from raw.{table}"
        ):
            assert blobs[key] == (EXAMPLE / path).read_bytes()
            assert url == (project.store.url(key) if project.store else f"local:{key}")
            referenced.add(key)
    assert referenced == set(blobs)


def test_a_second_run_loads_the_weekly_rows_and_uploads_nothing(project: Project) -> None:
    project.copy_example()
    project.load()
    summary = project.load()
    assert {
        "daily_reports": 0,
        "meeting_transcripts": 0,
        "jira_snapshots": 4,
        "slack_captures": 8,
        "generated_reports": 0,
    } == counts(summary, "rows")
    assert set(counts(summary, "uploads").values()) == {0}
    assert counts(summary, "unchanged") == {
        "daily_reports": 16,
        "meeting_transcripts": 20,
        "jira_snapshots": 0,
        "slack_captures": 0,
        "generated_reports": 4,
    }
    assert summary["rejections"] == []


def test_only_the_changed_days_of_an_edited_file_are_loaded(project: Project) -> None:
    project.copy_example()
    project.load()
    file = next((project.workspace / "daily-reports/md-output/rocks").iterdir())
    old = file.read_bytes()
    file.write_bytes(old.replace(b"- (none)", b"- something", 1) + b"\nmore of the last day\n")
    summary = project.load("--team", "rocks")
    assert counts(summary, "rows")["daily_reports"] == (2 if b"- (none)" in old else 1)
    file.write_bytes(old)
    summary = project.load("--team", "rocks")
    assert counts(summary, "rows")["daily_reports"] == (2 if b"- (none)" in old else 1)
    assert counts(summary, "uploads")["daily_reports"] == 0  # its first blob still exists


@pytest.mark.long
def test_full_loads_what_is_unchanged_too(project: Project) -> None:
    project.copy_example()
    project.load()
    summary = project.load("--full")
    assert counts(summary, "rows")["daily_reports"] == 77
    assert set(counts(summary, "uploads").values()) == {0}


def test_a_dry_run_does_everything_but_write(project: Project) -> None:
    project.copy_example()
    summary = project.load("--dry-run")
    assert counts(summary, "rows")["daily_reports"] == 77
    assert not (project.folder / "warehouse").exists()
    project.load()
    before = project.query("select count(*) from raw.files")
    assert counts(project.load("--dry-run"), "unchanged")["daily_reports"] == 16
    assert before == project.query("select count(*) from raw.files")


def test_one_team_by_folder_or_by_name(project: Project) -> None:
    project.copy_example()
    by_name = project.load("--dry-run", "--team", "ai-coach")
    by_folder = project.load("--dry-run", "--team", "aicoach")
    assert counts(by_name, "rows") == counts(by_folder, "rows")
    assert counts(by_name, "rows")["daily_reports"] == 15
    ended = project.loader(*project.run_args("--team", "rockz"))
    assert ended.code == 1
    assert "'rockz'" in ended.err
    assert "aicoach, engagepath, rocks, timeclock" in ended.err


def test_all_tables_exist_after_a_run_without_rows(project: Project) -> None:
    (project.workspace / DAILY).mkdir(parents=True)
    project.load()
    for table in tables.TABLES:
        assert project.query(f"select count(*) from raw.{table}") == [(0,)]


BAD_FILES = {
    f"{DAILY}/blank.md": (b" \n", Reason.EMPTY_FILE),
    f"{DAILY}/header-only.md": (b"# Daily Reports\n", Reason.NO_DAY),
    f"{DAILY}/nobody.md": (b"## 2025-10-27\nx", Reason.NO_AUTHOR),
    f"{DAILY}/february.md": (b"## February 30, 2025\nx", Reason.IMPOSSIBLE_DATE),
    f"{TRANSCRIPTS}/2025-02-30.md": (b"# x", Reason.IMPOSSIBLE_DATE),
    f"{TRANSCRIPTS}/undated.md": (b"# x", Reason.NO_DATE),
    f"{TRANSCRIPTS}/2025-10-27 empty.md": (b"", Reason.EMPTY_FILE),
    "slack/md-output/rocks/sanitized/general.md": (b"x", Reason.NO_WEEK),
    "configs/rocks/config.json": (b'{"jira": {"start_date": "soon"}}', Reason.BAD_CONFIG),
}


def test_a_bad_file_is_a_rejection_and_other_files_load(project: Project) -> None:
    for path, (content, _) in BAD_FILES.items():
        project.write(path, content)
    (project.workspace / TRANSCRIPTS / "link.md").symlink_to("/etc/passwd")
    project.write(f"{DAILY}/good.md", DAY.format("Ana Cruz", "x"))
    project.write(f"{TRANSCRIPTS}/2025-10-27 good.md", "# x")
    summary = project.load()
    expected = {path: reason for path, (_, reason) in BAD_FILES.items()}
    expected[f"{TRANSCRIPTS}/link.md"] = Reason.LINK_OUTSIDE_TEAM
    recorded = project.rejections()
    assert expected.items() <= {(path, reason) for reason, path, _ in recorded}
    assert set(expected) == {path for _, path, _ in recorded}
    assert len(recorded) == len(summary["rejections"])
    assert [("Ana Cruz",)] == project.query("select author_name from raw.daily_reports")
    assert len(project.query("select 1 from raw.meeting_transcripts")) == 1


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xef\xbb\xbf## 2025-10-27\n**Employee**: A\nx", Reason.BOM_REMOVED),
        ("\ufeff## 2025-10-27\n**Employee**: A\nx".encode("utf-16-le"), Reason.UTF16_DECODED),
        (b"## 2025-10-27\n**Employee**: A\nx\xff", Reason.WINDOWS_1252_DECODED),
        (b"## 2025-10-27\n**Employee**: A\nx\x81", Reason.INVALID_BYTES),
        (b"## 2025-10-27\n**Employee**: A\nx\0y", Reason.NUL_REPLACED),
        (b"## 2025-10-27\n**Employee**: A\n```\nx", Reason.UNCLOSED_FENCE),
    ],
)
def test_a_repaired_file_is_stored_and_the_repair_recorded(
    project: Project, content: bytes, reason: Reason
) -> None:
    project.write(f"{DAILY}/a.md", content)
    project.load("--strict")
    assert [("A",)] == project.query("select author_name from raw.daily_reports")
    assert [(reason, "repaired")] == project.query("select reason, severity from raw.rejections")


def test_texts_are_stored_to_the_byte(project: Project) -> None:
    body = "a\tb\\N \\. 'x' \"y\" %s {x} \r\nc\rd \u2028\x85\x1c 小龍 🚀 \u200f\u202e '; drop x;"
    project.write(f"{DAILY}/a.md", f"## 2025-10-27\n**Employee**: O’Neil, Jr. 🚀\n{body}|")
    project.write(f'{TRANSCRIPTS}/2025-10-27 \'; drop table %s "x".md', f"  {body}\n")
    project.load()
    ((content,),) = project.query("select content from raw.daily_reports")
    ((text, name),) = project.query("select transcript_text, filename from raw.meeting_transcripts")
    assert content == f"## 2025-10-27\n\n**Employee**: O’Neil, Jr. 🚀\n{body}|"
    assert (text, name) == (f"  {body}\n", '2025-10-27 \'; drop table %s "x".md')


def test_a_team_in_no_seed_is_retried(
    project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    project.write("daily-reports/md-output/new'team/a.md", DAY.format("Ana", "x"))
    summary = project.load()
    assert [Reason.UNKNOWN_TEAM] == [item["reason"] for item in summary["rejections"]]
    assert len(project.load()["rejections"]) == 1
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    (seeds / "seed_teams.csv").write_text("name,organization\nnew'team,Full Scale\n")
    (seeds / "seed_team_aliases.csv").write_text("alias,team\n")
    monkeypatch.setattr("loader.workspace.teams.find_seeds", lambda: seeds)
    assert counts(project.load(), "rows")["daily_reports"] == 1
    assert set(project.outcomes().values()) == {"loaded"}


def test_a_failed_upload_costs_only_its_file_and_is_tried_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x")
    obstacle = project.folder / "warehouse/blobs/rocks/daily-reports"
    if project.store:
        monkeypatch.setattr(transport, "PATIENCE", 0.0)
        project.store.fail(Fault.UNAVAILABLE, "put", "rocks/daily-reports/")
    else:
        obstacle.parent.mkdir(parents=True)
        obstacle.write_text("a file where a folder should be")
    summary = project.load()
    assert counts(summary, "rows") | {"daily_reports": 0, "meeting_transcripts": 1} == counts(
        summary, "rows"
    )
    assert [Reason.UPLOAD_FAILED] == [item["reason"] for item in summary["rejections"]]
    assert [(Reason.UPLOAD_FAILED, f"{DAILY}/a.md", None)] == project.rejections()
    assert [(None, None)] == project.query(
        f"select blob_key, blob_url from raw.files where source_path = '{DAILY}/a.md'"
    )
    if project.store:
        project.store.faults.clear()
    else:
        obstacle.unlink()
    assert counts(project.load(), "rows")["daily_reports"] == 1


def test_a_rejection_ends_with_its_cause(project: Project) -> None:
    bad, link = project.write(f"{DAILY}/a.md", "x"), project.workspace / DAILY / "b.md"
    link.symlink_to("nowhere.md")
    project.write("configs/rocks/config.json", WEEK)
    project.load()
    folder = "jira/md_output/rocks"
    assert {
        f"{DAILY}/a.md": "rejected",
        f"{DAILY}/b.md": "retry",
        folder: "rejected",
    } == project.outcomes()
    link.unlink()
    bad.write_text(DAY.format("Ana", "x"))
    jira = f"{folder}/epic_tree_R_2025-10-27_to_2025-11-02.md"
    project.write(jira, "x")
    project.load()
    assert {
        f"{DAILY}/a.md": "loaded",
        f"{DAILY}/b.md": "gone",
        folder: "gone",
        jira: "loaded",
    } == project.outcomes()
    assert json.loads(project.loader("status", "--json").out)["rejections"] == []


def test_two_files_with_different_texts_for_one_day(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana Cruz", "first"))
    project.write("daily-reports/md-output/aicoach/a.md", DAY.format("Ana Cruz", "another team"))
    assert project.load()["rejections"] == []
    project.write(f"{DAILY}/b.md", DAY.format("Ana Cruz", "first"))
    assert project.load()["rejections"] == []  # the same text
    project.write(f"{DAILY}/c.md", DAY.format("Ana Cruz", "later"))
    project.write(f"{DAILY}/d.md", DAY.format("Ben Reyes", "x"))
    project.write(f"{DAILY}/e.md", DAY.format("Ben Reyes", "y"))
    assert [
        (Reason.SAME_DAY_TWICE, f"{DAILY}/c.md", f"Ana Cruz, 2025-10-27: {DAILY}/a.md"),
        (Reason.SAME_DAY_TWICE, f"{DAILY}/e.md", f"Ben Reyes, 2025-10-27: {DAILY}/d.md"),
    ] == [
        (item["reason"], item["path"], item["detail"].removesuffix(" has another text"))
        for item in project.load()["rejections"]
    ]


def test_jira_takes_the_datasources_text_where_there_is_no_file(project: Project) -> None:
    project.copy_example()
    for path in (project.workspace / "jira/md_output/rocks").iterdir():
        path.unlink()
    project.load("--team", "rocks")
    (row,) = project.query(
        "select source_path, blob_key, byte_size, checksum_sha256 from raw.jira_snapshots"
    )
    data = project.blobs()[row[1]]
    assert row[0] == "datasource-generator/output/rocks/datasource_weekly_ROCKS.py"
    assert row[1].startswith("rocks/jira/jira_data_weekly_2025-10-27_to_2025-11-02-")
    assert (row[2], row[3]) == (len(data), hashlib.sha256(data).hexdigest())
    assert data.startswith(b"## JIRA Summary")
    assert data.endswith(b'"""inline""" stays.')


def test_the_jira_text_is_that_of_the_current_datasource(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    folder = "datasource-generator/output/rocks"
    project.write(f"{folder}/archive/datasource_weekly_R.py", 'JIRA_DATA = """stale"""')
    project.write(f"{folder}/datasource_weekly_R.py", 'JIRA_DATA = """current"""')
    project.load()
    assert b"current" in project.blobs().values()
    assert b"stale" not in project.blobs().values()


def test_the_week_on_the_command_line_wins(project: Project) -> None:
    project.copy_example()
    week = ("--week-start", "2025-10-20", "--week-end", "2025-10-26")
    name = "epic_tree_R_2025-10-20_to_2025-10-26.md"
    project.write(f"jira/md_output/rocks/{name}", "older")
    project.load("--team", "rocks")
    summary = project.load("--team", "rocks", *week)
    assert counts(summary, "rows")["slack_captures"] == 0  # no file of that week, none new
    assert [(name,)] == project.query(
        "select distinct substr(source_path, 22) from raw.jira_snapshots"
        " where collected_week_start = '2025-10-20'"
    )
    for args in (week[:2], ("--week-start", "2025-10-27", "--week-end", "2025-10-20")):
        ended = project.loader(*project.run_args(*args))
        assert (ended.code, "--week-end" in ended.err) == (2, True)


def test_a_slack_capture_of_another_week_is_loaded_once(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    project.write("slack/md-output/rocks/sanitized/dev_2025-10-20_2025-10-26.md", "old")
    project.write("slack/md-output/rocks/sanitized/dev_2025-10-27_2025-11-02.md", "due")
    assert [2, 1, 1] == [counts(project.load(), "rows")["slack_captures"] for _ in range(3)]


def test_report_chooses_the_config(project: Project) -> None:
    project.write("configs/rocks/config.digest.json", WEEK)
    project.write("jira/md_output/rocks/jira_data_digest_2025-10-27_to_2025-11-02.md", "x")
    assert counts(project.load("--report", "digest"), "rows")["jira_snapshots"] == 1
    assert [Reason.NO_WEEK] == [item["reason"] for item in project.load()["rejections"]]


def test_strict_makes_a_rejection_a_failure(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    assert project.loader(*project.run_args("--strict")).code == 0
    project.write(f"{DAILY}/b.md", "x")
    ended = project.loader(*project.run_args("--strict"))
    assert ended.code == 1
    assert "Give each day a heading" in ended.out


def test_strict_does_not_forget(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x") + "\n## February 30, 2025\ny\n")
    project.write(f"{DAILY}/b.md", "x")
    assert [1, 1] == [project.loader(*project.run_args("--strict")).code for _ in range(2)]
    assert project.load()["still_rejected"] == 2


def test_a_rejection_stays_open_while_its_cause_does(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    project.write("datasource-generator/output/rocks/datasource_weekly_R.py", "JIRA_DATA = (")
    project.write("daily-reports/md-output/rocks/bad.md", "x")
    for _ in range(3):
        project.load()
        found = json.loads(project.loader("status", "--json").out)["rejections"]
        assert [
            (Reason.BAD_DATASOURCE, Kind.JIRA_SNAPSHOTS),
            (Reason.NO_DAY, Kind.DAILY_REPORTS),
            (Reason.NO_JIRA_FOR_WEEK, Kind.JIRA_SNAPSHOTS),
        ] == [(each["reason"], each["kind"]) for each in found if each["severity"] == "rejected"]
        assert {Reason.BAD_BLOCK} == {
            each["reason"] for each in found if each["severity"] == "repaired"
        }


def test_a_partly_rejected_file_that_is_deleted_has_no_open_rejection(project: Project) -> None:
    file = project.write(f"{DAILY}/a.md", DAY.format("Ana", "x") + "\n## February 30, 2025\ny\n")
    project.load()
    file.unlink()
    project.load()
    assert json.loads(project.loader("status", "--json").out)["rejections"] == []
    assert [("Ana",)] == project.query("select author_name from raw.daily_reports")


def test_keeping_one_of_two_texts_ends_the_note(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    other = project.write(f"{DAILY}/b.md", DAY.format("Ana", "y"))
    project.load()
    other.unlink()
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "z"))
    assert project.load()["rejections"] == []
    assert json.loads(project.loader("status", "--json").out)["rejections"] == []


@linux_only("file names that are not UTF-8")
def test_other_files_load_next_to_names_that_are_not_utf_8(project: Project) -> None:
    project.write(f"{DAILY}/good.md", DAY.format("Ana", "x"))
    project.write("configs/rocks/config.json", WEEK)
    for folder in ("daily-reports/md-output/t\udcff", "datasource-generator/output/rocks"):
        (project.workspace / folder).mkdir(parents=True)
        name = "datasource_weekly_\udcff.py" if "datasource" in folder else "a.md"
        (project.workspace / folder / name).write_text("x")
    summary = project.load()
    assert counts(summary, "rows")["daily_reports"] == 1
    rejections = project.rejections()
    assert (Reason.NAME_NOT_UNICODE, "daily-reports/md-output/t\\xff", None) in rejections
    datasource = "datasource-generator/output/rocks/datasource_weekly_\\xff.py"
    assert (Reason.NAME_NOT_UNICODE, datasource, None) in rejections


def test_the_names_of_raw_slack_files_stay_out_of_the_database(project: Project) -> None:
    raw = project.write("slack/md-output/rocks/secret-channel_2025.md", "raw")
    for folder in ("slack/md-output/rocks/sanitized", TRANSCRIPTS):
        (project.workspace / folder).mkdir(parents=True)
        (project.workspace / folder / "link.md").symlink_to(raw)
    project.load()
    assert len(project.rejections()) == 2
    for table in tables.TABLES:
        assert "secret-channel" not in str(project.query(f"select * from raw.{table}"))


def test_an_empty_jira_file_does_not_hide_the_next_best(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    days = "2025-10-27_to_2025-11-02"
    project.write(f"jira/md_output/rocks/epic_tree_with_changelog_R_{days}.md", " ")
    project.write(f"jira/md_output/rocks/epic_tree_R_{days}.md", "x")
    summary = project.load()
    assert counts(summary, "rows")["jira_snapshots"] == 1
    assert [Reason.EMPTY_FILE] == [item["reason"] for item in summary["rejections"]]


@pytest.mark.parametrize("step", ["begin", "finish"])
def test_an_interrupted_run_counts_for_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    with monkeypatch.context() as patch:

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(f"loader.loading.runs.{step}", killed)
        ended = project.loader(*project.run_args())
    assert ended.code == 130
    is_entered = step == "finish"
    assert [(int(is_entered),)] == project.query("select count(*) from raw.daily_reports")
    summary = project.load()
    assert summary["removed_runs"] == int(is_entered)
    assert counts(summary, "rows")["daily_reports"] == 1
    assert counts(summary, "uploads")["daily_reports"] == 0  # the store has the blob
    assert [("Ana",)] == project.query("select author_name from raw.daily_reports")


@pytest.mark.parametrize(
    "harm",
    [
        "delete from raw.daily_reports",
        "insert into raw.files select * from raw.files",
        "delete from raw.runs",
    ],
    ids=["a row is missing", "a row is there twice", "its row in raw.runs is gone"],
)
def test_a_run_finishes_only_with_exactly_its_rows(
    project: Project, monkeypatch: pytest.MonkeyPatch, harm: str
) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    with monkeypatch.context() as patch:
        finish = runs.finish

        def harmed(warehouse: Warehouse, *args: Any) -> None:  # noqa: ANN401
            warehouse.execute(harm)
            finish(warehouse, *args)

        patch.setattr("loader.loading.runs.finish", harmed)
        ended = project.loader(*project.run_args())
    assert (ended.code, "The load is not complete" in ended.err) == (1, True), ended
    assert [] == project.query("select 1 from raw.runs where finished_at is not null")
    project.load()
    assert [("Ana",)] == project.query("select author_name from raw.daily_reports")
    assert [(1, 1)] == project.query(
        "select count(*), count(distinct row_id) from raw.files"
        " where _dlt_load_id in (select load_id from raw.runs where finished_at is not null)"
    )


def test_each_run_has_a_row_even_without_changes(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.load()
    project.load("--full", "--team", "rocks")
    project.load()
    found = project.query(
        "select load_id is null, finished_at is null, loaded_by, file_count, row_count, options"
        " from raw.runs order by loaded_at"
    )
    me = load_settings(project.target).triggered_by
    assert [(False, False, me, 1, 1), (False, False, me, 1, 1), (True, False, me, 0, 0)] == [
        row[:-1] for row in found
    ]
    assert [(False, []), (True, ["rocks"]), (False, [])] == [
        (options["full"], options["teams"]) for *_, text in found for options in [json.loads(text)]
    ]
    assert [(0,)] == project.query(
        "select count(*) from raw.files where _dlt_load_id not in"
        " (select load_id from raw.runs where load_id is not null)"
    )


def test_a_broken_config_is_recorded_even_without_readable_captures(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_FILE_MB", "1")
    folder = "slack/md-output/rocks/sanitized"
    project.write(f"{folder}/general_2025-10-27_2025-11-02.md", "x" * 1_100_000)
    project.write("configs/rocks/config.json", "{")
    project.load()
    found = {(reason, path.rpartition("/")[2]) for reason, path, _ in project.rejections()}
    name = "general_2025-10-27_2025-11-02.md"
    assert {(Reason.BAD_CONFIG, "config.json"), (Reason.TOO_LARGE, name)} <= found
    slack = project.query("select reason from raw.rejections where kind = 'slack_captures'")
    assert {("bad_config",), ("too_large",)} == set(slack)


def test_another_version_of_a_parser_reads_the_files_of_its_kind_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x")
    project.load()
    newer = replace(KINDS[Kind.DAILY_REPORTS], parser_version=1_000)
    monkeypatch.setitem(KINDS, Kind.DAILY_REPORTS, newer)
    summary = project.load()
    expected = {"daily_reports": 0, "meeting_transcripts": 1}
    assert counts(summary, "unchanged") | expected == counts(summary, "unchanged")
    assert counts(summary, "loaded")["daily_reports"] == 1
    assert counts(summary, "rows")["daily_reports"] == 0  # its text is known
    assert counts(project.load(), "unchanged")["daily_reports"] == 1


def test_a_file_over_the_limit_is_a_rejection(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAX_FILE_MB", "1")
    large = project.write(f"{TRANSCRIPTS}/2025-10-27 large.md", "x" * (1024 * 1024 + 1))
    project.write(f"{TRANSCRIPTS}/2025-10-28 fits.md", "x" * 1024 * 1024)
    with (project.workspace / f"{TRANSCRIPTS}/2025-10-29 sparse.md").open("wb") as sparse:
        sparse.truncate(2_000_000_000)
    summary = project.load()
    assert counts(summary, "rows")["meeting_transcripts"] == 1
    assert [
        (Reason.TOO_LARGE, f"{TRANSCRIPTS}/2025-10-27 large.md"),
        (Reason.TOO_LARGE, f"{TRANSCRIPTS}/2025-10-29 sparse.md"),
    ] == [(item["reason"], item["path"]) for item in summary["rejections"]]
    assert "1,048,577 bytes; MAX_FILE_MB allows 1,048,576" == summary["rejections"][0]["detail"]
    monkeypatch.setenv("MAX_FILE_MB", "2")
    assert counts(project.load(), "rows")["meeting_transcripts"] == 1
    assert large.name in str(project.query("select filename from raw.meeting_transcripts"))


def test_a_folder_that_looks_like_a_partition_changes_no_column(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    place = {"WAREHOUSE_DIR": str(project.folder / "team=zzz/row_id=7")}
    monkeypatch.setattr(Project, "environ", {**project.environ, **place})
    ended = project.loader(*project.run_args())
    if project.url is None:
        assert (ended.code, "Set WAREHOUSE_DIR to another path" in ended.err) == (1, True), ended
    else:
        assert ended.code == 0, ended
        assert counts(project.load(), "unchanged")["daily_reports"] == 1
        assert [("rocks",)] == project.query("select team from raw.daily_reports")


def test_a_lost_working_folder_loses_nothing(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.load()
    working = project.folder / "warehouse/dlt"
    working.rename(project.folder / "lost")
    project.write(f"{DAILY}/b.md", DAY.format("Ben", "x"))
    assert counts(project.load(), "unchanged")["daily_reports"] == 1
    assert [("Ana",), ("Ben",)] == project.query(
        "select author_name from raw.daily_reports order by 1"
    )


def test_one_writer_at_a_time(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    name = load_settings(project.target, project.environ).pipeline_name
    lock = project.folder / f"warehouse/dlt/{name}.lock"
    lock.parent.mkdir(parents=True)
    holder = (
        "import fcntl, sys; file = open(sys.argv[1], 'a+'); fcntl.flock(file, fcntl.LOCK_EX);"
        "file.write('pid 1 on elsewhere'); file.flush(); print(flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout
        process.stdout.readline()
        ended = project.loader(*project.run_args())
        process.kill()
    assert ended.code == 1
    assert ended.err == (
        "Error: Locked by pid 1 on elsewhere."
        " Wait for it to end, then run the same command again.\n"
    )
    project.load()  # the lock of a dead process is free


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_one_writer_at_a_time_from_two_machines(project: Project) -> None:
    with project.warehouse() as other:
        become_writer(other)
        ended = project.loader(*project.run_args())
    assert ended.code == 1
    assert f"Locked by orchestrator loader, pid {os.getpid()} on " in ended.err


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_the_lock_of_another_user(project: Project, postgres: Postgres) -> None:
    postgres.execute("drop role if exists plain")
    postgres.execute("create role plain login")
    with project.warehouse() as other:
        become_writer(other)
        project.url = postgres.url("work", "plain")
        ended = project.loader(*project.run_args())
    assert (ended.code, "Locked by " in ended.err) == (1, True), ended


def test_time_never_goes_back(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.load()
    project.execute("update raw.files set loaded_at = timestamptz '2100-01-01 00:00:00+00'")
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "y"))
    project.load()
    assert [("2100-01-01 00:00:00.000001+00",)] == project.query(
        "select replace(cast(max(loaded_at) as text), ' UTC', '+00') from raw.daily_reports"
    )


def test_rows_carry_where_they_come_from(project: Project) -> None:
    file = project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.load()
    ((team, path, sha256),) = project.query(
        "select team, source_path, file_sha256 from raw.daily_reports"
    )
    assert (team, path) == ("rocks", f"{DAILY}/a.md")
    assert sha256 == hashlib.sha256(file.read_bytes()).hexdigest()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_raw_tables_are_indexed_by_load(project: Project) -> None:
    (project.workspace / DAILY).mkdir(parents=True)
    project.load()
    indexed = project.query("select tablename from pg_indexes where schemaname = 'raw'")
    assert {(table,) for table in tables.TABLES} <= set(indexed)


def test_no_file_is_left_outside_the_warehouse(project: Project) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.load()
    assert list(Path.cwd().iterdir()) == []
    assert ROOT.joinpath("seeds").is_dir()
    assert {"workspace", "warehouse"} == {path.name for path in project.folder.iterdir()}
