"""Each database remembers its environment; and the cost of a run for the database."""

import re
import shutil

import psycopg
import pytest

from tests.support.postgres import Postgres
from tests.support.project import EXAMPLE, Project

pytestmark = pytest.mark.either_engine


def environment(project: Project) -> str:
    return str(project.query("select name from bookkeeping.environment")[0][0])


def test_the_first_run_or_build_sets_the_environment(project: Project) -> None:
    (project.workspace / "transcripts/markdown-output").mkdir(parents=True)
    project.load()
    assert environment(project) == project.target
    project.build()
    assert environment(project) == project.target
    project.execute("drop table bookkeeping.environment")
    project.build()
    assert environment(project) == project.target


def test_another_environments_database_is_refused(built: Project) -> None:
    built.execute("update bookkeeping.environment set name = 'staging'")
    before = built.query("select count(*) from raw.files")
    for args in (
        built.run_args(),
        built.run_args("--dry-run"),
        ["forget", "--author", "x", "--yes"],
        ["prune", "--keep", "1", "--yes"],
        ["drop", "--yes-i-mean", "work" if built.url else "warehouse.duckdb"],
        *([["schema", "migrate"], ["schema", "rollback", "--yes"]] if built.url else []),
    ):
        ended = built.loader(*args)
        assert ended.code == 1
        assert f"This is the database of 'staging', and the target is '{built.target}'" in ended.err
        assert "--adopt-environment" in ended.err
    assert built.query("select count(*) from raw.files") == before
    ended = built.dbt("build", "--exclude-resource-type", "test", "unit_test")
    assert ended.code != 0
    assert f"This is the database of 'staging', and the target is '{built.target}'" in ended.out
    assert "adopt_environment: true" in ended.out
    assert "OK created" not in ended.out
    assert "OK loaded" not in ended.out


@pytest.mark.long
def test_a_copy_is_adopted_once(built: Project) -> None:
    built.execute("update bookkeeping.environment set name = 'staging'")
    built.load("--adopt-environment")
    assert environment(built) == built.target
    built.execute("update bookkeeping.environment set name = 'staging'")
    built.build("--vars", "adopt_environment: true")
    assert environment(built) == built.target
    built.load()


def test_the_loader_and_dbt_use_the_same_address(
    project: Project, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DATABASE_URL_{TARGET} takes precedence over DATABASE_URL, in the loader and in dbt."""
    if not project.url:
        pytest.skip("about addresses")
    other = postgres.create_database("other")
    monkeypatch.setenv("DATABASE_URL_PROD", other)
    (project.workspace / "transcripts/markdown-output").mkdir(parents=True)
    project.load()
    ended = project.dbt("seed", environ={"DATABASE_URL_PROD": other})
    assert ended.code == 0, ended.out
    with psycopg.connect(other) as connection:
        schemas = {name for (name,) in connection.execute("select nspname from pg_namespace")}
    assert {"raw", "seeds", "bookkeeping"} <= schemas
    with psycopg.connect(project.url) as connection:
        schemas = {name for (name,) in connection.execute("select nspname from pg_namespace")}
    assert not {"raw", "seeds", "bookkeeping"} & schemas


@pytest.mark.parametrize("engine", ["postgres"])
def test_the_cost_of_a_run_without_changes(project: Project, postgres: Postgres) -> None:
    """Jira and Slack have new rows after each run."""
    for folder in ("daily-reports/md-output", "transcripts/markdown-output"):
        shutil.copytree(EXAMPLE / folder, project.workspace / folder)
    project.load()
    postgres.execute("alter system set log_statement = 'all'")
    postgres.execute("alter system set log_line_prefix = '%d %a '")
    postgres.execute("select pg_reload_conf()")
    log = postgres.folder / "log"
    start, before = log.stat().st_size, sessions(postgres)
    counted_by_kind = project.load()["kinds"]
    taken = sessions(postgres) - before
    postgres.execute("alter system reset all")
    postgres.execute("select pg_reload_conf()")
    said = log.read_bytes()[start:].decode()
    statements = re.findall(r"^work .*LOG:  (?:statement|execute [^:]*): (.*)$", said, re.MULTILINE)
    assert {counted["rows"] for counted in counted_by_kind.values()} == {0}
    assert 0 < taken <= 2
    assert 0 < len(statements) <= 10, statements


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_weekly_run_takes_ten_connections(project: Project, postgres: Postgres) -> None:
    project.copy_example()
    project.load()
    before = sessions(postgres)
    project.load()
    assert 0 < sessions(postgres) - before <= 10


def sessions(postgres: Postgres) -> int:
    """Return the number of connections to the database so far."""
    with psycopg.connect(postgres.url("postgres")) as connection:
        connection.execute("select pg_stat_force_next_flush()")
        query = "select sessions from pg_stat_database where datname = 'work'"
        rows = connection.execute(query).fetchone()
    assert rows
    return int(rows[0])
