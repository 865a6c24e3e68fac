"""dbt creates missing raw tables. Staging shows their rows and creates nothing."""

import signal
import time

import psycopg
import pytest

from loader.tables import RUNS, TABLES
from scripts.raw_sources import FILE, generate
from tests.support.finals import EXAMPLE_COUNTS, table_counts
from tests.support.postgres import Postgres
from tests.support.processes import end, has_stopped
from tests.support.project import NO_CONTENTS, ROOT, Project
from tests.support.rows import unfinish_latest_run

postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
SHAPES = """
    select table_name, column_name, data_type, is_nullable
    from information_schema.columns
    where table_schema = 'raw' and table_name not like '\\_dlt%' escape '\\'
"""
OBJECTS = """
    select table_schema || '.' || table_name
    from information_schema.tables
    where table_schema in ('public', 'raw', 'seeds', 'bookkeeping', 'reporting')
"""


def shapes(project: Project) -> dict[str, set[tuple[str, ...]]]:
    found: dict[str, set[tuple[str, ...]]] = {}
    for table, *column in project.query(SHAPES):
        found.setdefault(table, set()).add(tuple(column))
    return found


def objects(project: Project) -> set[str]:
    return {name for (name,) in project.query(OBJECTS)}


def test_the_sources_are_those_of_the_loader() -> None:
    assert generate() == FILE.read_text(), "run: make sources"


def test_dbt_creates_the_raw_tables_as_the_loader_does(project: Project, twin: Project) -> None:
    assert twin.dbt("seed").code == 0
    ours = shapes(twin)
    assert {RUNS.name, *TABLES} == set(ours)
    project.copy_example()
    project.load()
    loaded = shapes(project)
    assert {name: loaded[name] for name in TABLES} == {name: ours[name] for name in TABLES}
    types = {name: (kind, null) for name, kind, null in ours["runs"]}
    assert types["run_id"][1] == types["loaded_at"][1] == types["started_at"][1] == "NO"
    assert types["load_id"][1] == types["finished_at"][1] == "YES"


@pytest.mark.either_engine
def test_commands_that_only_compile_leave_an_empty_database_empty(project: Project) -> None:
    for args in (["compile"], ["docs", "generate"]):
        ended = project.dbt(*args)
        assert ended.code == 0, ended.out
        if project.url or (project.folder / "warehouse/warehouse.duckdb").exists():
            assert set() == objects(project)
    ended = project.dbt("show", "--select", "stg_raw__daily_reports")
    assert (ended.code != 0, "daily_reports" in ended.out) == (True, True), ended


@pytest.mark.either_engine
def test_a_raw_table_that_was_dropped_is_not_replaced_by_an_empty_one(built: Project) -> None:
    """The next run would skip the files that fed it, and the loss would go unnoticed."""
    before = table_counts(built)
    built.execute("drop table raw.slack_captures")
    ended = built.dbt("build")
    assert (ended.code != 0, "raw.slack_captures is missing" in ended.out) == (True, True)
    assert "python -m loader run --full" in ended.out
    ended = built.loader(*built.run_args())
    assert (ended.code, "raw.slack_captures is missing" in ended.err) == (1, True), ended
    built.load("--full")
    assert [(8,)] == built.query("select count(*) from raw.slack_captures")
    assert built.dbt("run", *NO_CONTENTS).code == 0
    assert table_counts(built)["daily_reports"] == before["daily_reports"]


def drop_as_if_it_were_new(project: Project, table: str) -> None:
    """A raw table that arrives with the next release: dlt has never created it."""
    project.execute(f"drop table raw.{table}")
    project.execute("delete from raw._dlt_version")


@pytest.mark.either_engine
def test_a_raw_table_that_is_missing_is_created_and_the_others_are_left_alone(
    built: Project,
) -> None:
    before = built.query("select count(*) from raw.daily_reports")
    drop_as_if_it_were_new(built, "slack_captures")
    ended = built.dbt("run", *NO_CONTENTS)
    assert ended.code == 0, ended.out
    assert [(0,)] == built.query("select count(*) from raw.slack_captures")
    assert before == built.query("select count(*) from raw.daily_reports")
    assert table_counts(built) == EXAMPLE_COUNTS


@pytest.mark.long
@postgres_only
def test_creating_raw_tables_waits_for_a_session_that_changes_the_schema(built: Project) -> None:
    """The loader holds this lock while it creates them. A build waits even before that."""
    assert built.url
    drop_as_if_it_were_new(built, "slack_captures")
    with psycopg.connect(built.url, autocommit=True) as loader:
        loader.execute("select pg_advisory_lock(hashtextextended('schema', 0))")
        operation = built.start("dbt", "run-operation", "grant_roles")
        waiting = "select 1 from pg_locks where locktype = 'advisory' and not granted"
        while not loader.execute(waiting).fetchone():
            assert operation.poll() is None
            time.sleep(0.05)
        assert "raw.slack_captures" not in objects(built)
    code, out, _ = end(operation)
    assert code == 0, out
    assert "raw.slack_captures" in objects(built)


@pytest.mark.long
@postgres_only
def test_the_first_load_of_a_database_during_a_build_is_not_lost(project: Project) -> None:
    """Stop the build before it claims loads, with all models compiled, and continue it later."""
    project.copy_example()
    query = "dbt.adapters.sql.connections:SQLConnectionManager.add_query"
    fault = f"{query}:1:0:insert into bookkeeping.applied_loads"
    build = ("build", "--exclude-resource-type", "test", "unit_test")
    process = project.start("dbt", *build, FAULT=fault, FAULT_SIGNAL="SIGSTOP")
    assert has_stopped(process)
    assert set(shapes(project)) == {RUNS.name, *TABLES}
    project.load()
    process.send_signal(signal.SIGCONT)
    code, out, _ = end(process)
    assert code == 0, out
    project.build()
    assert table_counts(project) == EXAMPLE_COUNTS


@pytest.mark.long
@postgres_only
def test_roles_are_granted_before_the_first_load_and_the_transformer_builds(
    project: Project, postgres: Postgres
) -> None:
    assert project.dbt("run-operation", "grant_roles").code == 0
    assert set(shapes(project)) == {RUNS.name, *TABLES}
    project.execute("alter role transformer login")
    project.url = postgres.url("work", "transformer")
    project.build()


@pytest.mark.long
@postgres_only
def test_a_role_without_create_on_raw_builds_while_no_table_is_missing(
    built: Project, postgres: Postgres
) -> None:
    assert built.dbt("run-operation", "grant_roles").code == 0
    built.execute("alter role transformer login")
    built.url = postgres.url("work", "transformer")
    assert built.dbt("seed").code == 0
    built.url = postgres.url("work")
    drop_as_if_it_were_new(built, "slack_captures")
    built.url = postgres.url("work", "transformer")
    ended = built.dbt("seed")
    assert (ended.code, "permission denied for schema raw" in ended.out) == (1, True), ended


@pytest.mark.either_engine
def test_staging_shows_all_rows_of_finished_runs(built: Project) -> None:
    show = ("show", "--select", "stg_raw__daily_reports", "--limit", "-1", "--output", "json")
    ended = built.dbt(*show)
    assert (ended.code, ended.out.count('"row_id"')) == (0, 77), ended.out
    unfinish_latest_run(built)
    assert built.dbt(*show).out.count('"row_id"') == 0


@pytest.mark.either_engine
# The reason for ephemeral staging and intermediate models: dbt_project.yml.
@pytest.mark.long
def test_one_mart_builds_with_only_its_parents(project: Project) -> None:
    project.copy_example()
    project.load()
    project.build("--select", "+int_team_folders", "seed_people")
    project.build("--select", "daily_reports")
    assert [(77,)] == project.query("select count(*) from public.daily_reports")
    found = {name for name in objects(project) if name.startswith(("public.", "reporting."))}
    assert {"public.organizations", "public.teams", "public.daily_reports"} == found


def test_a_raw_table_can_be_dropped_by_hand_without_cascade(built: Project) -> None:
    for table in set(TABLES) - {"generated_reports"}:  # a view for readers lists its files
        built.execute(f"drop table raw.{table}")


def test_staging_makes_no_objects_that_two_builds_could_collide_on(built: Project) -> None:
    models = ROOT / "dbt_project/models"
    private = {
        path.stem for name in ("staging", "intermediate") for path in (models / name).glob("*.sql")
    }
    assert len(private) > 10
    assert set() == private & {name.split(".")[1] for name in objects(built)}
