"""`forget` removes all traces of a person, touches nobody else, and reports remaining mentions."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import psycopg
import pytest

from loader.database.sessions import Sessions
from loader.settings import load_settings
from loader.studio.catalogue import TableView
from loader.studio.edits import edit
from loader.studio.sql import Filter, RowQuery
from loader.studio.tables import Tables
from tests.support.documents import short
from tests.support.postgres import Postgres
from tests.support.project import Ended, Project
from tests.support.runs import Killed, load, settings_of

pytestmark = pytest.mark.either_engine

NAME = "Jérôme D'Angelo"
MISREAD = NAME.encode().decode("cp1252")
FOLDER = "daily-reports/md-output/rocks"
TRANSCRIPTS = "transcripts/markdown-output/rocks"
DAY = "# Daily\n\n**Employee**: {}\n\n## {}\n\n{}\n"
PLANTED = [
    "he wrote this in a file of his own",
    "he wrote this in a file of two people",
    "he planned this before his first day",
    "he wrote this and an editor changed it",
    "an editor wrote this for him",
    "he wrote this and a run was killed",
    "a heading of his that is no date",
    "dbt quoted this of his in a failure",
]


def forget(project: Project, *args: str) -> dict[str, Any]:
    ended = project.loader("forget", "--yes", "--json", *args)
    assert ended.code == 0, ended
    found: dict[str, Any] = short(ended.out)
    return found


def database_texts(project: Project) -> dict[str, str]:
    """Return all values of all tables, and of PostgreSQL's statistics, by table."""
    found = {}
    with project.warehouse() as warehouse:
        for schema in warehouse.schemas() - {"pg_catalog", "information_schema", "pg_toast"}:
            for table in warehouse.tables(schema):
                rows = warehouse.fetch(f'select * from "{schema}"."{table}"')
                found[f"{schema}.{table}"] = str(rows)
        if warehouse.is_postgres:
            values = "cast(most_common_vals as text), cast(histogram_bounds as text)"
            query = f"select {values} from pg_stats where schemaname <> 'pg_catalog'"
            found["pg_stats"] = str(warehouse.fetch(query))
    return found


def holding(project: Project, words: list[str], *but: str) -> set[str]:
    """Return the places that contain the words: tables, and our state files except some blobs."""
    found = {
        name
        for name, text in database_texts(project).items()
        if any(each in text for each in words)
    }
    place = project.folder / "warehouse"
    for path in [*place.rglob("*"), *Path(".warehouse").rglob("*")]:
        if path.is_file() and path.name not in {url.rpartition("/")[2] for url in but}:
            data = path.read_bytes() + str(path).encode()
            if any(each.encode() in data for each in words):
                found.add(str(path))
    for key, data in project.blobs().items():
        if f"local:{key}" not in but and not any(url.endswith(key) for url in but):
            found |= {key} if any(each.encode() in data for each in words) else set()
    return found


def write_texts(project: Project) -> None:
    own, two, before, edited = PLANTED[:4]
    heading = PLANTED[6]
    project.write(
        f"{FOLDER}/{NAME} 2.md",
        f"# Daily\n\n**Employee**: {NAME}\n\n## {heading}\n\n{before}\n"
        f"\n## October 29, 2025\n\n{own}\n\n## 2025-02-30\n\n{before}\n",
    )
    project.write(f"{FOLDER}/dr._jerome-d-angelo.md", f"{before}, and no day")
    project.write(
        f"{FOLDER}/two.md",
        f"## October 30, 2025\n\n### {NAME} — Rocks\n\n{two}\n\n### Bo Lind — Rocks\n\nBo did it\n"
        f"\n## October 31, 2025\n\n**Employee**: {NAME}\n**Employee**: Bo Lind\n\nwho?\n",
    )
    project.write(f"{FOLDER}/edited.md", DAY.format(NAME, "November 3, 2025", edited))


def edit_text(project: Project, editor: str) -> None:
    """Replace a text of his by another one in the studio."""
    tables = Tables(Sessions(load_settings(project.target, project.environ)), editor)
    of_him = RowQuery(filters=(Filter("author_name", "is", NAME),))

    def first(name: str, query: RowQuery) -> tuple[TableView, tuple[str, ...], dict[str, Any]]:
        with tables.connections.reading() as session:
            table = tables.all(session)[name]
            key = tables.page(session, table, query, table.listed, size=1).keys[0]
            row = tables.row(session, table, key)
            assert row
            return table, key, row

    table, key, row = first("public.daily_reports", of_him)
    edit(tables, table, key, row, {"content": PLANTED[4]})
    seed, key, row = first("seeds.seed_organizations", RowQuery())
    now = edit(tables, seed, key, row, {"description": f"founded by {MISREAD}"})
    edit(tables, seed, key, now, {"description": row["description"]})


def test_no_trace_of_a_person_is_left(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGGERED_BY", NAME)
    write_texts(built)
    built.load("--full")
    edit_text(built, NAME)
    built.write(f"{FOLDER}/killed.md", DAY.format(NAME, "November 4, 2025", PLANTED[5]))
    with mock.patch("loader.loading.run._load", side_effect=Killed), suppress(Killed):
        load(built)  # load with an engine, which keeps its parts
    settings = settings_of(built)
    Path("dbt_project.yml").touch()
    for folder, name in (
        (settings.dbt_target_dir, "run_results.json"),
        (settings.dbt_target_dir / "run/seeds", "seed_people.csv"),
        (settings.dbt_log_dir, "dbt.log.1"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(PLANTED[7])
    built.execute("create schema app")
    built.execute("create table app.users as select 1 as id, 'an application' as name")

    days = "select content from raw.daily_reports where author_name {} %s"
    others = "\n".join(text for (text,) in built.query(days.format("<>"), NAME))
    lines = {
        line
        for (text,) in built.query(days.format("="), NAME)
        for line in text.splitlines()
        if len(line) > 12 and line not in others
    }
    assert len(lines) > 20
    words = [NAME, MISREAD, *PLANTED, *lines]
    before = holding(built, words)
    assert {"raw.daily_reports", "raw.rejections", "raw.runs", "bookkeeping.edits"} <= before
    assert sum("/parts/" in name for name in before) > 0
    if not built.url:
        assert str(settings.duckdb_path) in before
    rows = {
        table: built.query(f"select * from {table} where author_name <> %s order by 1, 2", NAME)
        for table in ("public.daily_reports", "raw.daily_reports")
    }

    dry = forget(built, "--author", NAME, "--dry-run")
    assert holding(built, [NAME]) & {"raw.runs", "bookkeeping.edits", "raw.rejections"}
    erased = forget(built, "--author", NAME)
    assert {**dry, "dry_run": False} == erased
    assert {"raw.rejections", "raw.runs", "raw.files"} <= erased["blanked"].keys()
    assert erased["rows"]["bookkeeping.edits"] == 3
    assert erased["naming_tables"] == []
    left = holding(built, words, *erased["kept_blobs"])
    of_transcripts = {"raw.meeting_transcripts", "public.meeting_transcripts", "raw.files"}
    assert {name for name in left if "." in name and "/" not in name} <= of_transcripts
    for path in erased["naming"]:
        forget(built, "--path", path)
    left = holding(built, words, *erased["kept_blobs"])
    # No program can tell which people Slack and Jira files are about.
    assert {name for name in left if "/slack/" not in name and "/jira/" not in name} == set()

    assert [f"{FOLDER}/two.md" in url for url in erased["kept_blobs"]] == [False]
    assert erased["kept_because"] == {erased["kept_blobs"][0]: "other rows need it"}
    for table, expected in rows.items():
        query = f"select * from {table} order by 1, 2"
        assert expected == built.query(query)
    assert built.query("select * from app.users") == [(1, "an application")]
    said = built.query(
        "select reason, detail from raw.rejections where source_path like %s order by 1",
        "%/two.md",
    )
    assert ("ambiguous_author", "(erased by forget)") in said


@pytest.mark.parametrize("engine", ["duckdb"])
def test_other_spellings_are_proposed(project: Project) -> None:
    for number, name in enumerate((NAME, MISREAD, "Jerome d'Angelo", "Bo Lind")):
        project.write(f"{FOLDER}/{number}.md", DAY.format(name, "October 27, 2025", "a day"))
    project.load()
    ended = project.loader("forget", "--author", NAME, "--dry-run")
    proposed = 'python -m loader forget --target local --author "Jerome d\'Angelo"'
    assert f"Also loaded as {MISREAD!r}: python -m loader forget --target local" in ended.out
    assert "Bo Lind" not in ended.out
    assert proposed in ended.out.replace("'Jerome d'\"'\"'Angelo'", '"Jerome d\'Angelo"')
    ended = project.loader("forget", "--author", "jérome  D'ANGELO", "--dry-run")
    assert (ended.code, f"There are: Jerome d'Angelo, {MISREAD}, {NAME}" in ended.err) == (1, True)
    # Decomposed, as macOS passes names.
    assert len(forget(project, "--author", "Je\u0301ro\u0302me D'Angelo", "--dry-run")["rows"]) == 2


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"])
@pytest.mark.with_tables
def test_all_spellings_of_a_person_are_erased_and_a_namesakes_stay(project: Project) -> None:
    mapping = "datasource-generator/team-name-mapping-{}.json"
    for team, name in (("rocks", "Ana Reyes"), ("timeclock", "Ana Lim")):
        person = {"shortName": "Ana", "fullName": name, "aliases": ["Anita"]}
        project.write(mapping.format(team), json.dumps({"mappings": {name: person}}))
        for day, spelling in (("2025-10-27", "Ana"), ("2025-10-28", name)):
            text = DAY.format(spelling, day, f"{spelling} of {team} wrote this")
            project.write(f"daily-reports/md-output/{team}/{day}.md", text)
    project.load_and_build()
    ended = project.loader("forget", "--yes", "--author", "Ana")
    assert (ended.code, "'Ana' is a spelling of 'Ana Lim' and 'Ana Reyes'" in ended.err) == (
        1,
        True,
    )
    found = forget(project, "--author", "Ana Reyes")
    assert found["names"] == ["Ana", "Ana Reyes", "Anita"]
    assert (found["rows"]["raw.daily_reports"], found["rows"]["public.daily_reports"]) == (2, 2)
    assert holding(project, ["Reyes", "of rocks"]) == set()
    stays = [("Ana Lim", "2025-10-27"), ("Ana Lim", "2025-10-28")]
    query = "select author_name, cast(report_date as text) from public.daily_reports order by 2"
    assert stays == project.query(query)
    shutil.rmtree(project.workspace / "daily-reports/md-output/rocks")
    project.load_and_build()
    assert holding(project, ["Reyes"]) == set()
    assert stays == project.query(query)


def test_a_longer_name_is_another_person(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGGERED_BY", "Ana Cruz Santos")
    for name in ("Ana Cruz", "Ana Cruz Santos"):
        project.write(f"{FOLDER}/{name}.md", DAY.format(name, "October 27, 2025", "a day"))
        project.write(f"{FOLDER}/{name} notes.md", f"## notes of {name}\n")
    project.load()
    erased = forget(project, "--author", "Ana Cruz")
    assert erased["rows"] == {"raw.daily_reports": 1, "raw.files": 2, "raw.rejections": 1}
    assert (erased["blanked"], erased["naming"], erased["also_known"]) == ({}, [], [])


def transcripts(project: Project, count: int) -> list[str]:
    paths = [f"{TRANSCRIPTS}/2025-10-{day}.md" for day in range(10, 10 + count)]
    for path in paths:
        project.write(path, f"# {path}")
    return paths


def test_blobs_stay_while_another_database_may_refer_to_them(
    postgres: Postgres, tmp_path: Path, dbt_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path, dbt_dir, monkeypatch)
    paths = transcripts(project, 4)
    project.load()
    url = postgres.create_database("work")
    monkeypatch.setenv("DATABASE_URL_PROD", "postgres://no database")
    kept = forget(project, "--path", paths[0])
    assert (kept["blobs"], len(kept["kept_blobs"])) == ([], 1)
    why = "prod's database cannot be asked: DATABASE_URL_PROD is malformed"
    assert why in str(kept["kept_because"])
    monkeypatch.setenv("DATABASE_URL_PROD", url)
    with psycopg.connect(url, autocommit=True) as prod:
        blob = project.query("select blob_url from raw.files where source_path = %s", paths[1])
        prod.execute("create schema raw")
        prod.execute("create table raw.files (blob_url text)")
        prod.execute("create table public.daily_reports (id int)")  # belongs to an application
        prod.execute("insert into raw.files values (%s)", list(blob[0]))
        ended = project.loader("forget", "--path", paths[1], "--yes")
        assert "work refer to it: local:rocks" in ended.out
        assert "forget in prod, too, or add --with-blobs" in ended.out
        prod.execute("select pg_advisory_lock(7230416852119045)")  # a run on prod
        kept = forget(project, "--path", paths[2])
        assert "work cannot be asked: Locked by" in str(kept["kept_because"])
        assert len(project.blobs()) == 4
        gone = forget(project, "--path", paths[3], "--with-blobs")
        assert (len(gone["blobs"]), len(project.blobs())) == (1, 3)


def test_each_target_asks_the_others_of_its_folder(
    postgres: Postgres, tmp_path: Path, dbt_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project(tmp_path, dbt_dir, monkeypatch)
    (path,) = transcripts(project, 1)
    project.load()
    project.url = postgres.create_database("work")
    project.load("--blob-store", "local")
    for target, kept in (("local", 1), ("prod", 0)):
        monkeypatch.setattr(Project, "target", target)
        erased = forget(project, "--path", path)
        assert (len(erased["kept_blobs"]), len(erased["blobs"])) == (kept, 1 - kept)
    assert list(tmp_path.glob("warehouse/blobs/rocks/**/*.md")) == []


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_file_that_cannot_be_rewritten_is_rewritten_by_the_next_try(project: Project) -> None:
    path, other = transcripts(project, 2)
    project.load()
    database = project.folder / "warehouse/warehouse.duckdb"
    assert path.encode() in database.read_bytes()
    obstacle = database.with_name("warehouse.duckdb.rewritten")
    (obstacle / "x").mkdir(parents=True)
    ended = project.loader("forget", "--path", path, "--yes")
    assert (ended.code, "could not be rewritten, and may hold their bytes" in ended.err) == (
        1,
        True,
    )
    shutil.rmtree(obstacle)
    obstacle.write_bytes(b"of a command that was killed")
    assert forget(project, "--path", path)["rows"] == {}
    assert path.encode() not in database.read_bytes()
    assert not obstacle.exists()
    again: Ended = project.loader("forget", "--path", path, "--yes")
    assert (again.code, "was ever read" in again.err) == (1, True)
    assert project.query("select distinct source_path from raw.files") == [(other,)]


def test_tables_of_an_application_stay(project: Project) -> None:
    """No build has taken them over."""
    project.write(f"{FOLDER}/a.md", DAY.format("Ana", "October 27, 2025", "a day"))
    project.load()
    project.execute("create schema if not exists public")
    project.execute("create table public.daily_reports as select 7 as id, 'Ana' as author_name")
    project.execute("create table public.teams as select 'Ana' as name")
    erased = forget(project, "--author", "Ana")["rows"]
    assert erased.keys() == {"raw.daily_reports", "raw.files", "raw.report_entries"}
    assert project.query("select * from public.daily_reports") == [(7, "Ana")]
