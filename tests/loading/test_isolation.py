"""Settings of a shell, a role or a database change no row; a wrong encoding is rejected."""

from pathlib import Path

import psycopg
import pytest

from tests.support.finals import snapshot
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.runs import raw

postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
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


@postgres_only
@pytest.mark.parametrize("encoding", ["SQL_ASCII", pytest.param("LATIN1", marks=pytest.mark.long)])
def test_a_database_that_is_not_utf8_is_refused_before_anything_is_written(
    project: Project, postgres: Postgres, encoding: str
) -> None:
    postgres.execute("drop database if exists other with (force)")
    postgres.execute(f"create database other encoding '{encoding}' locale 'C' template template0")
    project.url = postgres.url("other")
    for command in ("build", "seed", "run"):
        ended = project.dbt(command)
        assert ended.code != 0
        assert f'The database "other" is encoded in "{encoding}", not in UTF8.' in ended.out
        assert "create database NAME encoding 'UTF8' template template0" in ended.out
    assert is_empty(project)


@postgres_only
def test_a_connection_that_is_not_utf8_is_refused_before_anything_is_written(
    project: Project,
) -> None:
    ended = project.dbt("build", environ={"PGCLIENTENCODING": "LATIN1"})
    assert ended.code != 0
    assert 'The connection is encoded in "LATIN1", not in UTF8.' in ended.out
    assert "unset PGCLIENTENCODING" in ended.out
    project.execute("alter database work set client_encoding = 'WIN1252'")
    ended = project.dbt("seed")
    assert ended.code != 0
    assert "alter role postgres set client_encoding = 'UTF8'" in ended.out
    assert is_empty(project)


@postgres_only
def test_an_encoding_that_changes_later_is_refused_too(built: Project) -> None:
    before = snapshot(built, set())
    ended = built.dbt("build", environ={"PGCLIENTENCODING": "LATIN1"})
    assert (ended.code != 0, "unset PGCLIENTENCODING" in ended.out) == (True, True), ended
    assert before == snapshot(built, set())


@postgres_only
def test_another_date_style_and_time_zone_change_no_row_and_no_id(built: Project) -> None:
    assert built.url
    before, texts = snapshot(built), built.query(TEXTS)
    for schema in ("public", "content", "reporting", "seeds", "bookkeeping"):
        built.execute(f"drop schema {schema} cascade")
    built.execute("create schema public")
    built.execute("alter database work set datestyle = 'SQL, DMY'")
    built.execute("alter database work set timezone = 'Asia/Manila'")
    built.build("--vars", "adopt_environment: true")
    with psycopg.connect(built.url) as reader:  # a reader has these settings, too
        assert reader.execute("show datestyle").fetchone() == ("SQL, DMY",)
        assert texts == reader.execute(TEXTS.encode()).fetchall()
    built.execute("alter database work reset all")
    assert before == snapshot(built)


# Variables that a shell may contain. Each once changed the dataset, a table or the connection.
OF_DLT = {
    "FULL_REFRESH": "true",
    "DEV_MODE": "true",
    "REFRESH": "drop_data",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_ID": "true",
    "NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID": "true",
    "LOAD__WORKERS": "0",
    "WORKERS": "0",
    "DATASET_NAME": "x",
    "PIPELINES_DIR": "/nowhere",
    "DLT_DATA_DIR": "/nowhere",
    "DLT_PROJECT_DIR": "/nowhere",
    "SCHEMA__NAMING": "direct",
    "RESTORE_FROM_DESTINATION": "true",
    "RUNTIME__LOG_LEVEL": "DEBUG",
    "DESTINATION__CREDENTIALS": "x",
}
OF_LIBPQ = {
    "PGHOSTADDR": "192.0.2.1",
    "PGPORT": "1",
    "PGDATABASE": "elsewhere",
    "PGUSER": "nobody",
    "PGPASSWORD": "wrong",
    "PGSERVICE": "none",
    "PGOPTIONS": "-c default_transaction_read_only=on",
    "PGSSLMODE": "require",
    "PGCLIENTENCODING": "WIN1252",
    "PGDATESTYLE": "SQL, DMY",
    "PGTZ": "Asia/Manila",
    "PGTARGETSESSIONATTRS": "standby",
    "PGCHANNELBINDING": "require",
    "PGREQUIREAUTH": "password",
}
CONFIG = """
    refresh = "drop_data"
    dev_mode = true
    [load]
    workers = 0
    [normalize.parquet_normalizer]
    add_dlt_id = true
    [runtime]
    dlthub_telemetry = true
    log_level = "DEBUG"
    [destination.postgres.credentials]
    host = "192.0.2.1"
"""


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "config",
    [
        pytest.param(CONFIG, id="config"),
        pytest.param("[broken", id="broken config", marks=pytest.mark.long),
    ],
)
def test_the_environment_of_others_changes_nothing(
    project: Project, twin: Project, tmp_path: Path, config: str
) -> None:
    project.copy_example()
    twin.load()
    twin.load("--full", "--team", "rocks")
    home = tmp_path / "home"
    for folder in (home / ".dlt", project.folder / ".dlt"):
        folder.mkdir(parents=True)
        (folder / "config.toml").write_text(config)
        (folder / "secrets.toml").write_text(config)
    strange = {**OF_DLT, **OF_LIBPQ, "HOME": str(home), "XDG_DATA_HOME": str(home)}
    for args in ((), ("--full", "--team", "rocks")):
        process = project.start("loader", *project.run_args("--quiet", *args), **strange)
        assert (process.communicate(timeout=300), process.returncode) == (("", ""), 0)
    assert raw(twin, "row_id") == raw(project, "row_id")
    for schema in ("x", "raw_staging"):
        assert [] == project.query(
            "select table_name from information_schema.tables where table_schema = %s", schema
        )


@postgres_only
@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII"])
def test_a_run_refuses_a_database_that_is_not_utf8(
    project: Project, postgres: Postgres, encoding: str
) -> None:
    postgres.execute("drop database if exists other with (force)")
    postgres.execute(f"create database other encoding '{encoding}' locale 'C' template template0")
    project.url = postgres.url("other")
    project.copy_example()
    for args in ((), ("--engine", "local"), ("--dry-run",)):
        ended = project.loader(*project.run_args(*args))
        assert (ended.code, ended.out.count("\n")) == (1, 1)
        assert f"has the encoding '{encoding}', which cannot hold every text" in ended.err
        assert "create database NAME encoding 'UTF8' template template0" in ended.err
    assert is_empty(project)


@pytest.mark.long
@postgres_only
def test_settings_of_a_role_or_a_database_change_no_row(
    project: Project, twin: Project, postgres: Postgres
) -> None:
    project.copy_example()
    twin.load()
    for name, value in (
        ("client_encoding", "WIN1252"),
        ("datestyle", "SQL, DMY"),
        ("timezone", "Asia/Manila"),
    ):
        postgres.execute(f"alter database work set {name} = '{value}'")
        postgres.execute(f"alter role postgres in database work set {name} = '{value}'")
    edited = project.workspace / "daily-reports/md-output/rocks/a.md"
    project.load()
    for each in (twin, project):
        edited.write_text("## 2025-10-27\n**Employee**: Jürgen Müller → 小龍\n\n- ‘x’\n")
        each.load()
    assert raw(twin, "row_id") == raw(project, "row_id")
    assert [("Jürgen Müller → 小龍",)] == project.query(
        "select author_name from raw.daily_reports where author_name like 'J%rgen%'"
    )
