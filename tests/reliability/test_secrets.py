"""Case 30: no output and no stored file shows a secret, whatever fails."""

import os
import shutil
from collections.abc import Iterator

import pytest

from loader.blobs import transport
from loader.database import connect
from loader.database.locks import become_writer
from loader.settings import load_settings, load_vercel_settings
from tests.support.postgres import Postgres
from tests.support.processes import end
from tests.support.project import Project
from tests.support.vercel.store import ApiError, Fault

DATABASE, STORE, NEON = CANARIES = ("canaryOfTheDatabase", "canaryOfTheStore", "canaryOfNeon")
pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@pytest.fixture
def project(built: Project, postgres: Postgres, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return the example with a canary as each secret, and tracebacks on."""
    assert built.store
    built.store.secret = STORE
    built.url = postgres.url("work", "postgres", DATABASE)
    monkeypatch.setenv("NEON_API_KEY", NEON)
    monkeypatch.setenv("DEBUG", "true")
    monkeypatch.setattr(connect, "CONNECT_PATIENCE", 0)
    monkeypatch.setattr(transport, "PATIENCE", 0.0)
    monkeypatch.setattr(transport, "_SHORTEST_TIMEOUT", 0.2)
    return built


def leaks(project: Project, said: str) -> list[str]:
    """Return the places of a canary: output, files, tables of the loader and of dlt."""
    places = {"said": said.encode()}
    for folder in (project.folder, project.dbt_dir):
        places |= {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    for (table,) in project.query(
        "select table_name from information_schema.tables where table_schema = 'raw'"
    ):
        places[table] = str(project.query(f'select * from raw."{table}"')).encode()
    return [
        f"{canary} in {place}"
        for canary in CANARIES
        for place, data in places.items()
        if canary.encode() in data
    ]


def wrong_addresses(url: str) -> Iterator[tuple[str, str]]:
    """Addresses that do not work, with their error."""
    yield url.replace("/work", "/nowhere"), "does not exist"
    yield f"postgresql://ana:{DATABASE}@127.0.0.1:9/work", "Cannot connect"
    yield f"{url}?no_such_option=1", "leave out the option no_such_option"
    yield url.replace(DATABASE, f"%zz{DATABASE}"), "malformed"
    yield url.replace(DATABASE, f"{DATABASE} {DATABASE}"), "malformed"
    yield url.replace("/work", ""), "malformed"
    yield f"mysql://ana:{DATABASE}@host/work", "malformed"
    yield f"postgresql://127.0.0.1:9/work?user=ana&password={DATABASE}", "stands before the ?"


def test_30_broken_addresses(project: Project) -> None:
    said = ""
    right = project.url
    assert right
    for wrong, words in wrong_addresses(right):
        project.url = wrong
        for args in (project.run_args("--json"), ["status", "--json"], ["verify", "--json"]):
            ended = project.loader(*args)
            assert (ended.code, words in ended.err) == (1, True), ended
            said += ended.out + ended.err
    project.url = right
    assert "Traceback" in said
    assert [] == leaks(project, said)


def test_30_a_database_that_refuses(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of another type, a dropped table, missing rights, a lock, a bare error."""
    project.execute("create role nobody login")
    said = ""

    def fails(words: str, *args: str) -> None:
        nonlocal said
        ended = project.loader(*project.run_args("--full", "--json", *args))
        assert (ended.code != 0, words in ended.err) == (True, True), ended
        said += ended.out + ended.err

    project.execute("alter table raw.files alter column byte_size type boolean using null")
    fails("The step 'load' failed")
    project.start_over()
    with project.warehouse() as holder:
        become_writer(holder)
        fails("Locked by")
    right = project.url
    assert right
    project.url = right.replace("postgres:", "nobody:", 1).replace("postgresnobody", "postgres")
    fails("permission denied")
    project.url = right

    def bare(*_: object) -> None:
        raise ValueError(f"with {project.url}")

    monkeypatch.setattr("loader.loading.load.run", bare)
    fails("Unforeseen error")
    monkeypatch.undo()
    project.load()
    assert [] == leaks(project, said)


@pytest.mark.long
def test_30_a_store_that_fails(project: Project) -> None:
    def refuse() -> None:
        raise ApiError(400, "bad_request", f"Not with {store.token}")

    shutil.rmtree(project.workspace)
    project.write("transcripts/markdown-output/rocks/2025-11-03.md", "# x")
    assert project.store
    store = project.store
    said = ""

    def command(*args: str) -> None:
        nonlocal said
        ended = project.loader(*args)
        said += ended.out + ended.err

    store.before_put = refuse
    command(*project.run_args())
    assert "400 bad_request: Not with ***" in said
    store.before_put = lambda: None
    for fault in Fault:
        for operation in ("list", "put", "download"):
            store.fail(fault, operation, times=1)
        for _ in range(2):
            command(*project.run_args("--full", "--json"))
        command("verify", "--team", "rocks")
        store.faults.clear()
    assert "refuses the token" in said
    assert [] == leaks(project, said)


@pytest.mark.long
def test_30_processes_that_are_killed(project: Project) -> None:
    """Check the folders that a killed loader and dbt leave, and those of a failing dbt."""
    project.start_over()
    said = ""
    for place in ("dlt.load.load:Load.start_new_jobs:1:0", "psycopg:connect:1:0"):
        ended = end(project.start("loader", *project.run_args(), FAULT=place))
        assert ended[0] == -9, ended
        said += ended[1] + ended[2]
    project.load()
    args = ("--debug", "build", "--exclude-resource-type", "test", "unit_test")
    place = "dbt.adapters.sql.connections:SQLConnectionManager.add_query:20:0"
    ended = end(project.start("dbt", *args, FAULT=place))
    assert ended[0] == -9, ended
    said += ended[1] + ended[2]
    project.execute("alter table raw.daily_reports drop column content cascade")
    failed = project.dbt(*args)
    assert failed.code != 0
    assert (project.folder / "logs/dbt.log").exists()
    assert [] == leaks(project, said + failed.out)


@pytest.mark.chaos  # dbt tries each for a minute
def test_30_dbt_with_broken_addresses(project: Project) -> None:
    said = ""
    right = project.url
    assert right
    for wrong, _ in wrong_addresses(right):
        project.url = wrong
        ended = project.dbt("--debug", "build")
        assert ended.code != 0
        said += ended.out
    project.url = right
    assert [] == leaks(project, said)


def test_30_settings_in_python(project: Project) -> None:
    environ = {**os.environ, **project.environ}
    settings = load_settings("prod", environ)
    shown = repr(settings) + str(settings.database) + repr(load_vercel_settings(environ))
    assert settings.database
    assert DATABASE in settings.database.url
    assert [] == leaks(project, shown)
