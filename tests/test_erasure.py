"""Taking things out again: a person, a file, old versions, everything."""

import json
from typing import Any

import pytest

from tests.project import FINALS, Project

DAY = "# Ana Reyes\n\n**Employee**: Ana Reyes\n\n## 2025-10-27\n\n{}\n"
FILE = "daily-reports/md-output/rocks/ana.md"


def rows_of(project: Project, order: str = "1, 2, 3") -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: project.query(f"select * from public.{table} order by {order}") for table in FINALS
    }


def holds(project: Project, words: str) -> set[str]:
    """The tables of raw and public in which some text has these words."""
    found = set()
    for schema in ("raw", "public"):
        with project.warehouse() as warehouse:
            for table in warehouse.tables(schema):
                rows = warehouse.fetch(f'select * from {schema}."{table}"')
                if any(words in str(row) for row in rows):
                    found.add(f"{schema}.{table}")
    return found


def test_a_person_is_forgotten_and_nobody_else(built: Project) -> None:
    name = built.query("select min(author_name) from public.daily_reports")[0][0]
    count = built.query("select count(*) from public.daily_reports where author_name = %s", name)
    others = "select * from public.daily_reports where author_name <> %s order by id"
    before, blobs = built.query(others, name), built.blobs()
    dry = json.loads(built.loader("forget", "--author", name, "--dry-run", "--json").out)
    assert dry["rows"]["public.daily_reports"] == count[0][0]
    assert dry["blobs"]
    assert built.blobs() == blobs
    assert built.query(others, name) == before
    ended = built.loader("forget", "--author", name)
    assert ended.code == 0, ended
    assert "│ public.daily_reports" in ended.out
    assert "Delete the files in the workspace, too" in ended.out
    assert built.query(others, name) == before
    assert holds(built, name) <= {"public.generated_reports", "raw.generated_reports"}
    gone = {url.removeprefix("local:") for url in dry["blobs"]}
    assert len(built.blobs()) == len(blobs) - len(gone)
    assert not any(
        "rocks/daily-reports/" in key and name.split()[0] in key for key in built.blobs()
    )
    assert "holds the text still: " in ended.out or not dry["quoting"]
    built.build()
    assert built.query(others, name) == before
    again = built.loader("forget", "--author", name)
    assert (again.code, f"no daily report is by {name!r}" in again.err) == (1, True)


def test_a_file_of_several_people_keeps_its_blob(project: Project) -> None:
    both = DAY.format("one") + "\n# Bo Lind\n\n**Employee**: Bo Lind\n\n## 2025-10-28\n\ntwo\n"
    project.write("daily-reports/md-output/rocks/both.md", both)
    project.load()
    authors = {name for (name,) in project.query("select author_name from raw.daily_reports")}
    assert authors == {"Ana Reyes", "Bo Lind"}
    erased = json.loads(project.loader("forget", "--author", "Ana Reyes", "--json").out)
    assert erased["kept_blobs"]


def test_a_file_is_forgotten(built: Project) -> None:
    path = built.query("select min(source_path) from raw.meeting_transcripts where team = 'rocks'")[
        0
    ][0]
    before = rows_of(built)
    ended = built.loader("forget", "--path", path, "--json")
    erased = json.loads(ended.out)
    assert erased["rows"]["public.meeting_transcripts"] == 1
    assert len(erased["blobs"]) == 1
    after = rows_of(built)
    assert len(after["meeting_transcripts"]) == len(before["meeting_transcripts"]) - 1
    for table in ("daily_reports", "jira_snapshots", "slack_captures", "generated_reports"):
        assert after[table] == before[table]
    assert holds(built, path) == set()
    assert built.loader("forget", "--path", path).code == 1
    assert built.loader("verify").code == 0


def test_a_blob_that_cannot_be_deleted_costs_no_row(built: Project) -> None:
    before = rows_of(built)
    if built.store:
        built.store.is_suspended = True
    else:
        for folder in (built.folder / "warehouse/blobs").rglob("*"):
            if folder.is_file() and "transcripts" in str(folder):
                folder.unlink()
                folder.mkdir()  # which cannot be unlinked
    path = built.query("select min(source_path) from raw.meeting_transcripts")[0][0]
    ended = built.loader("forget", "--path", path)
    assert ended.code == 1
    assert ended.err.startswith("Error: ")
    assert rows_of(built) == before


def test_prune_keeps_the_final_rows_and_what_the_next_run_needs(project: Project) -> None:
    for number in range(4):
        project.write(FILE, DAY.format(f"text {number}"))
        project.write("transcripts/markdown-output/rocks/2025-10-27.md", f"# talk {number}")
        project.load()
    project.build()
    before = rows_of(project)
    project.write(FILE, DAY.format("text 4"))
    project.load()  # which no build has taken in yet
    assert json.loads(project.loader("prune", "--keep", "1", "--json").out)["rows"] == {
        "raw.daily_reports": 4,
        "raw.meeting_transcripts": 3,
        "raw.files": 6,  # of the day, the final row still refers to the fourth
    }
    assert rows_of(project) == before
    assert project.loader("prune", "--keep", "1").out == (
        "Nothing is older than the latest 1 versions.\n"
    )
    project.build()
    assert project.query("select content from public.daily_reports")[0][0].endswith("text 4")
    again = project.load()["kinds"]
    assert [again[kind]["unchanged"] for kind in ("daily_reports", "meeting_transcripts")] == [1, 1]
    after = rows_of(project)
    project.build("--vars", "reapply: true")
    assert rows_of(project) == after
    assert project.loader("verify").code == 0


def test_drop_removes_all_and_nothing_of_others(built: Project) -> None:
    name = "work" if built.url else "warehouse.duckdb"
    ended = built.loader("drop", "--yes-i-mean", "another")
    assert ended.code == 1
    assert f"the database is '{name}', not 'another'" in ended.err
    ended = built.loader("drop")
    assert ended.code == 1
    assert f"--yes-i-mean {name}" in ended.err
    assert len(rows_of(built)["teams"]) == 4
    built.execute("create table public.of_others (id int)")
    if built.url:
        built.execute("create table raw.of_others (id int)")
    blobs = built.blobs()
    ended = built.loader("drop", "--yes-i-mean", name)
    assert ended.code == 0, ended
    assert built.blobs() == blobs
    if built.url:
        assert "Left, for it is not theirs: raw.of_others." in ended.out
        with built.warehouse() as warehouse:
            assert warehouse.tables("public") == {"of_others"}
            assert warehouse.tables("raw") == {"of_others"}
            assert not warehouse.schemas() & {"seeds", "bookkeeping", "reporting"}
    built.load()
    built.build()
    assert len(rows_of(built)["daily_reports"]) == 77


def test_drop_stops_where_something_of_others_depends_on_a_table(built: Project) -> None:
    if not built.url:
        pytest.skip("DuckDB is dropped as a file")
    built.execute("create view public.mine as select * from public.daily_reports")
    before = rows_of(built)
    ended = built.loader("drop", "--yes-i-mean", "work")
    assert ended.code == 1
    assert "view mine depends on table daily_reports" in ended.err
    assert rows_of(built) == before
