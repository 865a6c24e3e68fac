"""Settings of the environment, a role or a database change no row; an unfit encoding is refused."""

import psycopg
import pytest

from tests.conftest import Postgres
from tests.project import Project
from tests.test_build import snapshot

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
SCHEMAS = """
    select nspname from pg_namespace
    where nspname not in ('public', 'information_schema') and nspname not like 'pg\\_%'
"""
TEXTS = """
    select days_missing_by_author::text from reporting.team_week
    union all
    select title from reporting.report_sources
    order by 1
"""


def is_empty(project: Project) -> bool:
    assert project.url
    with psycopg.connect(project.url, client_encoding="utf8") as connection:
        tables = connection.execute("select 1 from pg_tables where schemaname = 'public'")
        return not (connection.execute(SCHEMAS).fetchall() or tables.fetchall())


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_database_that_is_not_utf8_is_refused_before_anything_is_written(
    project: Project, postgres: Postgres, encoding: str
) -> None:
    postgres.execute("drop database if exists other with (force)")
    postgres.execute(f"create database other encoding '{encoding}' locale 'C' template template0")
    project.url = postgres.url("other")
    for command in ("build", "seed", "run"):
        ended = project.dbt(command)
        assert ended.code != 0
        assert f'The database "other" is encoded in {encoding}, not in UTF8.' in ended.out
        assert "create database NAME encoding 'UTF8' template template0" in ended.out
    assert is_empty(project)


def test_a_connection_that_is_not_utf8_is_refused_before_anything_is_written(
    project: Project,
) -> None:
    ended = project.dbt("build", environ={"PGCLIENTENCODING": "LATIN1"})
    assert ended.code != 0
    assert "The connection is encoded in LATIN1, not in UTF8." in ended.out
    assert "unset PGCLIENTENCODING" in ended.out
    project.execute("alter database work set client_encoding = 'WIN1252'")
    ended = project.dbt("seed")
    assert ended.code != 0
    assert "alter role postgres set client_encoding = 'UTF8'" in ended.out
    assert is_empty(project)


def test_an_encoding_that_changes_later_is_refused_too(built: Project) -> None:
    before = snapshot(built, set())
    ended = built.dbt("build", environ={"PGCLIENTENCODING": "LATIN1"})
    assert (ended.code != 0, "unset PGCLIENTENCODING" in ended.out) == (True, True), ended
    assert before == snapshot(built, set())


def test_another_date_style_and_time_zone_change_no_row_and_no_id(built: Project) -> None:
    assert built.url
    before, texts = snapshot(built), built.query(TEXTS)
    for schema in ("public", "reporting", "seeds", "bookkeeping"):
        built.execute(f"drop schema {schema} cascade")
    built.execute("create schema public")
    built.execute("alter database work set datestyle = 'SQL, DMY'")
    built.execute("alter database work set timezone = 'Asia/Manila'")
    built.build("--vars", "adopt_environment: true")
    with psycopg.connect(built.url) as reader:  # who reads has these settings, too
        assert reader.execute("show datestyle").fetchone() == ("SQL, DMY",)
        assert texts == reader.execute(TEXTS.encode()).fetchall()
    built.execute("alter database work reset all")
    assert before == snapshot(built)
