"""Removal of a person, a file, old versions, and everything."""

import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from loader.tables import FILE_TABLES
from tests.support.documents import short
from tests.support.processes import end
from tests.support.project import FINALS, Project

pytestmark = pytest.mark.either_engine


DAY = "# Ana Reyes\n\n**Employee**: Ana Reyes\n\n## 2025-10-27\n\n{}\n"
FILE = "daily-reports/md-output/rocks/ana.md"


def rows_of(project: Project, order: str = "1, 2, 3") -> dict[str, list[tuple[Any, ...]]]:
    return {
        table: project.query(f"select * from public.{table} order by {order}") for table in FINALS
    }


def holds(project: Project, words: str) -> set[str]:
    """Return the tables of raw and public with a text that has these words."""
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
    dry = short(built.loader("forget", "--author", name, "--dry-run", "--json").out)
    assert dry["rows"]["public.daily_reports"] == count[0][0]
    assert dry["blobs"]
    assert built.blobs() == blobs
    assert built.query(others, name) == before
    ended = built.loader("forget", "--author", name, "--yes")
    assert ended.code == 0, ended
    assert "│ public.daily_reports" in ended.out
    assert "Erased" in ended.out
    assert "Delete the files in the workspace, too" in ended.out
    assert built.query(others, name) == before
    assert holds(built, name) <= {"public.generated_reports", "raw.generated_reports"}
    assert dry["naming"]
    assert all(f"holds something of it still: {path}" in ended.out for path in dry["naming"])
    gone = {url.removeprefix("local:") for url in dry["blobs"]}
    assert len(built.blobs()) == len(blobs) - len(gone)
    assert not any(
        "rocks/daily-reports/" in key and name.split()[0] in key for key in built.blobs()
    )
    built.build()
    assert built.query(others, name) == before
    again = built.loader("forget", "--author", name, "--yes")
    assert (again.code, f"No daily report is by {name!r}" in again.err) == (1, True)


@pytest.mark.with_tables
def test_a_file_of_several_people_keeps_its_blob(project: Project) -> None:
    both = DAY.format("one") + "\n# Bo Lind\n\n**Employee**: Bo Lind\n\n## 2025-10-28\n\ntwo\n"
    project.write("daily-reports/md-output/rocks/both.md", both)
    project.load()
    authors = {name for (name,) in project.query("select author_name from raw.daily_reports")}
    assert authors == {"Ana Reyes", "Bo Lind"}
    erased = short(project.loader("forget", "--author", "Ana Reyes", "--json", "--yes").out)
    assert erased["kept_blobs"]


@pytest.mark.with_tables
@pytest.mark.parametrize("engine", ["duckdb"])
def test_files_of_one_person_are_erased_with_all_their_versions(project: Project) -> None:
    project.write(FILE, DAY.replace("Ana Reyes", "Anna Reyes").format("misspelt"))
    project.load()
    project.write(FILE, DAY.format("rightly spelt"))
    project.write("daily-reports/md-output/rocks/ana-reyes-notes.md", "no day at all")
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "Ana Reyes: hello")
    project.load()
    erased = short(project.loader("forget", "--author", "Ana Reyes", "--json", "--yes").out)
    # Her notes contain nobody's day, but have her name.
    assert erased["rows"] == {
        "raw.daily_reports": 1,
        "raw.report_entries": 1,
        "raw.files": 2,
        "raw.rejections": 1,
    }
    assert (len(erased["blobs"]), len(erased["kept_blobs"])) == (1, 1)
    assert erased["naming"] == ["transcripts/markdown-output/rocks/2025-10-27.md"]
    assert {b"rightly" in text for text in project.blobs().values()} == {False}
    assert project.query("select author_name from raw.daily_reports") == [("Anna Reyes",)]
    assert project.load()["kinds"]["daily_reports"]["rows"] == 1  # the file still exists


@pytest.mark.long
@pytest.mark.with_tables
def test_the_next_build_restores_rows_from_another_file(project: Project) -> None:
    project.write(FILE, DAY.format("the first text"))
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# talk")
    project.load()
    project.build()
    second = FILE.replace("ana", "ana-again")
    project.write(second, DAY.format("the second text"))
    project.load()
    project.build()
    content = "select content from public.daily_reports"
    assert "the second text" in project.query(content)[0][0]
    ended = project.loader("forget", "--path", second, "--yes")
    assert ended.code == 0, ended
    assert f"dbt build --target {project.target}" in ended.out
    assert project.query(content) == []
    project.build()
    assert "the first text" in project.query(content)[0][0]
    assert "other files" not in project.loader("forget", "--path", FILE, "--yes").out


def test_blobs_that_prod_may_need_stay_in_dev(
    copy_built: Callable[[str], Project], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = copy_built("postgres")
    path = project.query("select min(source_path) from raw.meeting_transcripts")[0][0]
    before = project.blobs()
    project.execute("update bookkeeping.environment set name = 'dev'")
    monkeypatch.setattr(Project, "target", "dev")
    ended = project.loader("forget", "--path", path, "--yes")
    assert ended.code == 0, ended
    assert "forget in prod, too, or add --with-blobs" in ended.out
    assert project.blobs() == before
    path = project.query("select min(source_path) from raw.meeting_transcripts")[0][0]
    erased = project.loader("forget", "--path", path, "--with-blobs", "--json", "--yes").out
    assert len(short(erased)["blobs"]) == 1
    assert len(project.blobs()) == len(before) - 1


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_blob_in_another_store_is_listed_as_not_deleted(built: Project) -> None:
    path, url = built.query("select min(source_path), min(blob_url) from raw.slack_captures")[0]
    other = "https://another.public.blob.vercel-storage.com/slack.md"
    for schema, table in (
        ("raw", "files"),
        ("raw", "slack_captures"),
        ("public", "slack_captures"),
    ):
        built.execute(f"update {schema}.{table} set blob_url = '{other}' where blob_url = '{url}'")
    erased = short(built.loader("forget", "--path", path, "--json", "--yes").out)
    assert (erased["blobs"], erased["foreign_blobs"]) == ([], [other])


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"])
def test_a_running_build_restores_nobody(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lock stops it between reading and deleting the rows."""
    name = built.query("select min(author_name) from public.daily_reports")[0][0]
    assert built.url
    with psycopg.connect(built.url) as holder:
        holder.execute("lock table public.daily_reports in exclusive mode")
        build = built.start("dbt", "run", "--select", "daily_reports", "--vars", "reapply: true")
        waiting = "select count(*) from pg_locks where not granted and locktype = 'relation'"
        while not built.query(waiting)[0][0]:
            assert build.poll() is None
            time.sleep(0.05)
        monkeypatch.setattr("loader.database.locks._BUILD_PATIENCE", 100)
        ended = built.loader("forget", "--author", name, "--yes")
        assert ended.code == 1
        assert "A build is writing into 'daily_reports'. Wait for it to end" in ended.err
        monkeypatch.setattr("loader.database.locks._BUILD_PATIENCE", 30_000)
        forget = built.start("loader", "forget", "--author", name, "--yes")
        asking = "select count(*) from pg_locks where not granted and locktype = 'advisory'"
        while not built.query(asking)[0][0]:
            assert forget.poll() is None
            time.sleep(0.05)
    assert (end(build)[0], end(forget)[0]) == (0, 0)
    assert holds(built, name) <= {"public.generated_reports", "raw.generated_reports"}


def test_a_file_is_forgotten(built: Project) -> None:
    path = built.query("select min(source_path) from raw.meeting_transcripts where team = 'rocks'")[
        0
    ][0]
    before = rows_of(built)
    ended = built.loader("forget", "--path", path, "--json", "--yes")
    erased = short(ended.out)
    assert erased["rows"]["public.meeting_transcripts"] == 1
    assert len(erased["blobs"]) == 1
    after = rows_of(built)
    assert len(after["meeting_transcripts"]) == len(before["meeting_transcripts"]) - 1
    for table in ("daily_reports", "jira_snapshots", "slack_captures", "generated_reports"):
        assert after[table] == before[table]
    assert holds(built, path) == set()
    assert built.loader("forget", "--path", path, "--yes").code == 1
    assert built.loader("verify").code == 0


def test_no_row_is_deleted_if_a_blob_cannot_be(built: Project) -> None:
    before = rows_of(built)
    if built.store:
        built.store.is_suspended = True
    else:
        for folder in (built.folder / "warehouse/blobs").rglob("*"):
            if folder.is_file() and "transcripts" in str(folder):
                folder.unlink()
                folder.mkdir()  # a folder cannot be unlinked
    path = built.query("select min(source_path) from raw.meeting_transcripts")[0][0]
    ended = built.loader("forget", "--path", path, "--yes")
    assert ended.code == 1
    assert ended.err.startswith("Error: ")
    assert rows_of(built) == before


@pytest.mark.with_tables
def test_prune_keeps_the_final_rows_and_what_the_next_run_needs(project: Project) -> None:
    for number in range(4):
        project.write(FILE, DAY.format(f"text {number}"))
        project.write("transcripts/markdown-output/rocks/2025-10-27.md", f"# talk {number}")
        project.load()
    project.build()
    before = rows_of(project)
    project.write(FILE, DAY.format("text 4"))
    project.load()  # not yet applied by a build
    known = set(project.blobs())
    old = {
        "raw.daily_reports": 4,
        "raw.meeting_transcripts": 3,
        "raw.files": 6,  # the final row of the day still refers to the fourth
        "raw.report_entries": 3,
    }
    dry = short(project.loader("prune", "--keep", "1", "--json", "--dry-run").out)
    assert (dry["dry_run"], dry["rows"]) == (True, old)
    assert "Dry run" in project.loader("prune", "--keep", "1", "--dry-run").out
    removed = short(project.loader("prune", "--keep", "1", "--json", "--yes").out)
    assert (removed["dry_run"], removed["rows"]) == (False, old)
    assert rows_of(project) == before
    with project.warehouse(is_read_only=True) as warehouse:
        tables = [f"{schema}.{kind}" for schema in ("raw", "public") for kind in FILE_TABLES]
        urls = {
            url for table in tables for (url,) in warehouse.fetch(f"select blob_url from {table}")
        }
    orphans = short(project.loader("verify", "--orphans", "--json").out)["orphans"]
    assert len(orphans) == len(known) - len(urls)
    assert not urls & {each["url"] for each in orphans}
    out = project.loader("prune", "--keep", "1", "--yes").out
    assert out.endswith("\nNothing is older than the latest 1 version.\n")
    project.build()
    assert project.query("select content from public.daily_reports")[0][0].endswith("text 4")
    again = project.load()["kinds"]
    assert [again[kind]["unchanged"] for kind in ("daily_reports", "meeting_transcripts")] == [1, 1]
    after = rows_of(project)
    project.build("--vars", "reapply: true")
    assert rows_of(project) == after
    assert project.loader("verify").code == 0


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"])
def test_prune_waits_for_all_final_tables(project: Project) -> None:
    project.write(FILE, DAY.format("a text"))
    project.load()
    for build in (("--select", "+daily_reports"), ()):
        ended = project.loader("prune", "--keep", "1", "--yes")
        assert (ended.code, "Build first: dbt build --target local" in ended.err) == (1, True)
        project.build(*build)


def test_drop_removes_all_and_nothing_of_others(built: Project) -> None:
    name = "work" if built.url else "warehouse.duckdb"
    ended = built.loader("drop", "--yes-i-mean", "another")
    assert ended.code == 1
    assert f"the database is '{name}', not 'another'" in ended.err
    ended = built.loader("drop")
    assert ended.code == 1
    assert f"--yes-i-mean {name}" in ended.err
    assert len(rows_of(built)["teams"]) == 4
    for schema in ("public", "raw"):
        built.execute(f"create table {schema}.of_others (id int)")
    blobs = built.blobs()
    ended = built.loader("drop", "--yes-i-mean", name)
    assert ended.code == 0, ended
    assert built.blobs() == blobs
    assert "Left, for it is not theirs: public.of_others, raw.of_others." in ended.out
    with built.warehouse() as warehouse:
        assert warehouse.tables("public") == {"of_others"}
        assert warehouse.tables("raw") == {"of_others"}
        assert not warehouse.schemas() & {"seeds", "bookkeeping", "reporting"}
    built.load()
    built.build()
    assert len(rows_of(built)["daily_reports"]) == 77


def test_drop_stops_if_an_object_of_others_depends_on_a_table(built: Project) -> None:
    if not built.url:
        pytest.skip("DuckDB is dropped as a file")
    built.execute("create view public.mine as select * from public.daily_reports")
    before = rows_of(built)
    ended = built.loader("drop", "--yes-i-mean", "work")
    assert ended.code == 1
    assert "view mine depends on table daily_reports" in ended.err
    assert rows_of(built) == before


@pytest.mark.parametrize("engine", ["postgres"])
def test_drop_leaves_final_tables_that_no_build_of_ours_made(project: Project) -> None:
    (project.workspace / "transcripts/markdown-output").mkdir(parents=True)
    project.load()
    project.execute("create table public.teams (id int)")
    ended = project.loader("drop", "--yes-i-mean", "work")
    assert "Left, for it is not theirs: public.teams." in ended.out


@pytest.mark.parametrize("engine", ["duckdb"])
def test_an_empty_database_file_is_deleted(built: Project) -> None:
    assert built.loader("drop", "--yes-i-mean", "warehouse.duckdb").code == 0
    assert not (built.folder / "warehouse/warehouse.duckdb").exists()
