"""Cases 32 to 39: recipients of data, rights of roles, and targets of the bytes."""

import ast
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.support.postgres import Postgres
from tests.support.processes import end
from tests.support.project import ROOT, Project
from tests.support.vercel.server import BlobServer
from tests.support.vercel.store import Fault

postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
TRANSCRIPTS = "transcripts/markdown-output/rocks"


def traced(project: Project, *args: str, **environ: str) -> list[tuple[str, str]]:
    """Run a command successfully; return the files it opened and the addresses it used."""
    trace = project.folder / "trace"
    trace.unlink(missing_ok=True)
    is_dbt = args[0] in {"build", "docs"}
    ended = end(project.start("dbt" if is_dbt else "loader", *args, TRACE=str(trace), **environ))
    assert ended[0] == 0, ended
    return [(event, what) for event, what in map(json.loads, trace.read_text().splitlines())]


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[bytes]]]:
    """Yield a server that hangs up on every client; its address and the received bytes."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def listen() -> None:
            with suppress(OSError):  # it was closed
                while True:
                    with server.accept()[0] as connection:
                        heard.append(connection.recv(10_000))

        Thread(target=listen, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", heard
        server.shutdown(socket.SHUT_RDWR)


@postgres_only
def test_32_the_token_goes_to_the_store_and_nowhere_else(
    project: Project, stranger: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    """Set up a netrc with the host, proxies, and a store that redirects its callers."""
    address, heard = stranger
    assert project.store
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\ndefault login x password y\n")
    netrc.chmod(0o600)
    names = ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    environ = dict.fromkeys(names, address) | {"NETRC": str(netrc), "no_proxy": ""}
    project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x")
    project.store.elsewhere = address
    for operation in ("put", "list", "download"):
        project.store.fail(Fault.REDIRECT, operation, times=1)
    for args in (*[project.run_args()] * 3, ["verify"], ["verify"]):
        code, out, err = end(project.start("loader", *args, **environ))
    assert (code, heard) == (0, []), (out, err)
    assert not any(planned.left for planned in project.store.faults)
    assert len(project.store.files) == 1


def test_33_raw_slack_is_not_read(project: Project) -> None:
    """No file outside sanitized/ is opened, even if its name is that of a report."""
    folder = "slack/md-output/rocks"
    for place in ("", "sanitizer/", "sanitized-not/", "raw/sanitized/"):
        project.write(f"{folder}/{place}general_2025-10-27_2025-11-02.md", "# canary")
    project.write(f"{folder}/sanitized/general_2025-10-27_2025-11-02.md", "# x")
    project.write("configs/rocks/config.json", "{}")
    events = traced(project, *project.run_args())
    opened = {what for event, what in events if event == "open" and folder in what}
    assert {f"{project.workspace}/{folder}/sanitized/general_2025-10-27_2025-11-02.md"} == opened
    assert [(1,)] == project.query("select count(*) from raw.slack_captures")
    assert [b"# x"] == list(project.blobs().values())


@pytest.mark.long
@postgres_only
def test_34_blobs_are_private_unless_a_setting_says_public(
    project: Project, blob_server: BlobServer
) -> None:
    project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x")
    store = project.store = blob_server.new_store("public")
    for access in ("", "private"):
        code, _, err = end(project.start("loader", *project.run_args(), BLOB_ACCESS=access))
        assert code == 1
        assert "Error: The store is public, and BLOB_ACCESS is private." in err
    assert store.files == {}
    assert end(project.start("loader", *project.run_args(), BLOB_ACCESS="public"))[0] == 0
    assert len(store.files) == 1


@pytest.fixture
def roles(built: Project, postgres: Postgres) -> dict[str, str]:
    """Return the addresses of the three roles in a built database."""
    ended = built.dbt("run-operation", "grant_roles")
    assert ended.code == 0, ended.out
    names = ("loader_writer", "transformer", "reader")
    for name in names:
        built.execute(f"alter role {name} login")
    return {name: postgres.url("work", name) for name in names}


@postgres_only
def test_35_each_role_can_do_its_work_and_no_more(
    built: Project, roles: dict[str, str], postgres: Postgres
) -> None:
    built.write("transcripts/markdown-output/rocks/2025-11-03.md", "# new")
    built.url = roles["loader_writer"]
    built.load()
    assert built.loader("status").code == 0
    built.url = roles["transformer"]
    for _ in range(2):
        built.build()
    built.url = roles["reader"]
    assert [(19,)] == built.query("select count(*) from public.meeting_transcripts")
    assert [] != built.query("select * from reporting.team_week")
    refused = {
        "reader": ["select * from raw.files", "delete from public.teams", "create schema mine"],
        "loader_writer": ["delete from public.teams", "create schema mine"],
        "transformer": ["delete from raw.files", "create schema mine"],
    }
    for role, statements in refused.items():
        for statement in statements:
            with (
                psycopg.connect(roles[role]) as connection,
                pytest.raises(psycopg.errors.InsufficientPrivilege),
            ):
                connection.execute(statement.encode())
    for role, may in {
        "loader_writer": "load, read",
        "transformer": "build, read",
        "reader": "read",
    }.items():
        built.url = roles[role]
        checks = {
            each["name"]: each for each in json.loads(built.loader("check", "--json").out)["checks"]
        }
        assert checks["schemas"]["detail"].startswith(f"{role} may {may}; "), checks["schemas"]
        states = {checks[name]["state"] for name in ("schemas", "environment", "contracts")}
        assert states == {"ok"}, checks
    built.url = postgres.url("work")
    assert built.dbt("run-operation", "grant_roles").code == 0


@postgres_only
def test_35_a_missing_right_is_an_error_and_nothing_is_written(
    built: Project, roles: dict[str, str], postgres: Postgres
) -> None:
    """No command mistakes a table that the role may not see for a missing one."""
    postgres.execute("drop role if exists stranger")
    postgres.execute("create role stranger login")
    roles |= {"stranger": postgres.url("work", "stranger")}
    built.write("transcripts/markdown-output/rocks/2025-11-03.md", "# new")
    owner, blobs = built.url, built.blobs()
    assert owner

    def state() -> list[tuple[Any, ...]]:
        built.url, before = owner, built.url
        names = ("raw.files", "raw.runs", "public.daily_reports", "bookkeeping.environment")
        found = built.query(
            ", ".join(f"(select count(*) from {name})" for name in names).join(["select ", ""])
        )
        built.url = before
        return found

    before = state()
    erasing = ["forget", "--author", "Ana Reyes", "--yes"], ["forget", "--path", "x", "--dry-run"]
    dropping = ["drop", "--yes-i-mean", "work"]
    running, dry = built.run_args(), built.run_args("--dry-run")
    refused = {
        "loader_writer": (*erasing, dropping),
        "transformer": (*erasing, dropping, ["prune", "--keep", "1", "--yes"], running),
        "reader": (
            *(*erasing, dropping, ["prune", "--keep", "1", "--yes"], running, dry),
            *(["verify"], ["schema", "generate", "-m", "x"]),
        ),
        "stranger": (
            *(*erasing, dropping, ["prune", "--keep", "1", "--yes"], running, dry),
            *(["verify"], ["status"], ["ids"]),
        ),
    }
    for role, commands in refused.items():
        built.url = roles[role]
        for args in commands:
            ended = built.loader(*args)
            assert (ended.code, ended.out.count("\n")) == (1, 1), (role, args, ended)
            first, hint = ended.err.splitlines()
            assert first.startswith(f"Error: The role {role!r} may not do this: it "), (args, ended)
            assert hint.endswith("dbt run-operation grant_roles --target prod"), (args, ended)
    assert (before, blobs) == (state(), built.blobs())

    built.url = roles["reader"]
    said = built.loader("status").out
    assert "Nothing is loaded yet" not in said
    assert "Not shown, for the role 'reader' may not read it: raw, bookkeeping." in said
    status = json.loads(built.loader("status", "--json").out)
    unreadable = [each["name"] for each in status["unreadable"]]
    assert (unreadable, status["is_loaded"]) == (["raw", "bookkeeping"], True)
    assert len(status["counts"]) > 0
    (details,) = [
        {each["name"]: each["detail"] for each in json.loads(ended.out)["checks"]}
        for ended in [built.loader("check", "--json")]
    ]
    assert details["schemas"].endswith("it may not read all of raw, bookkeeping")
    assert details["environment"] == "the role 'reader' may not read which"
    built.url = owner
    built.execute("revoke select on public.slack_captures from reader")
    built.url = roles["reader"]
    said = built.loader("status").out
    assert "may not read it: public.slack_captures, raw, bookkeeping." in said
    built.url = owner
    built.execute("grant select on public.slack_captures to reader")


@pytest.mark.long
@postgres_only
def test_35_a_role_that_may_not_create_final_tables(project: Project, postgres: Postgres) -> None:
    """PostgreSQL 15 and later let only the database's owner do it."""
    postgres.execute('drop role if exists "An App"')
    postgres.execute('create role "An App" login')
    project.url, owner = postgres.url("work", "An App"), project.url
    grants = [
        'grant create on database work to "An App"',
        'grant create on schema public to "An App"',
    ]

    def hint() -> str:
        checks = json.loads(project.loader("check", "--json").out)["checks"]
        (found,) = [each["hint"] for each in checks if each["name"] == "schemas"]
        return str(found)

    assert hint() == f"As the owner of the database: {'; '.join(grants)}"
    for number, statement in enumerate(grants):
        assert hint().endswith("; ".join(grants[number:]))
        if number:
            ended = project.dbt("build")
            assert ended.code != 0
            assert 'The role "An App" may not create tables in "public".' in ended.out
            assert f"As the owner of the database: {statement}" in ended.out
            schemas = "select nspname from pg_namespace where nspname in ('seeds', 'reporting')"
            assert [] == project.query(schemas)
        project.url, app = owner, project.url
        project.execute(statement)
        project.url = app
    assert hint().startswith("python -m loader run --target prod")


@duckdb_only
def test_35_duckdb_has_no_roles(project: Project) -> None:
    ended = project.dbt("run-operation", "grant_roles")
    assert (ended.code, "DuckDB has no roles" in ended.out) == (1, True), ended


@pytest.mark.long
@postgres_only
def test_36_only_the_database_and_the_store_are_contacted(built: Project) -> None:
    """libpq, which this does not trace, connects only to the address in the settings."""
    built.start_over()
    assert built.store
    origin = urlsplit(built.store.origin)
    store = {("socket.connect", str((origin.hostname, origin.port)))}
    commands = (built.run_args(), ["status"], ["verify"], ["build"], ["docs", "generate"])
    for args in commands:
        events = traced(built, *args)
        contacted = {(event, what) for event, what in events if event == "socket.connect"}
        looked_up = {what for event, what in events if event == "socket.getaddrinfo"}
        assert contacted == (store if args[0] in {"run", "verify"} else set()), args
        assert looked_up <= {origin.hostname}, args


@duckdb_only
def test_37_nothing_is_written_outside_the_blob_folder(project: Project, tmp_path: Path) -> None:
    """Names that climb, are absolute on some system, are long, or differ only in case."""
    names = (
        *("x\\..\\..\\y", "%2e%2e%2fx", "C:\\x", "~", "a b?#", "x" * 240, "A", "a", "con"),
        *("\n", "$(id)", "`id`", "/".join(["d" * 200] * 4)),
    )
    for name in (*names, "..\\x", "/".join(["d" * 200] * 6)):
        project.write(f"{TRANSCRIPTS}/{name}/2025-10-27 {name[:40]}.md", f"# {name}")
    for team in ("..\\x", "%2e%2e", "..."):
        project.write(f"{TRANSCRIPTS.replace('rocks', team)}/2025-10-27.md", f"# {team}")
    before = files_below(tmp_path) | files_below(Path.cwd())
    summary = project.load()
    assert (summary["ignored"], len(project.rejections())) == (1, 2)  # hidden; long, unknown
    new = (files_below(tmp_path) | files_below(Path.cwd())) - before
    assert all(path.is_relative_to(project.folder / "warehouse") for path in new)
    texts = {
        text.encode()
        for (text,) in project.query("select transcript_text from raw.meeting_transcripts")
    }
    assert {f"# {name}".encode() for name in names} == texts == set(project.blobs().values())
    assert len({key.casefold() for key in project.blobs()}) == len(names)
    assert max(map(len, project.blobs())) <= 950
    assert project.loader("verify").code == 0


def files_below(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_38_no_value_is_written_into_a_statement() -> None:
    """Ruff's S608 is on for the loader: exceptions insert constants only, or quote.

    Case 25 covers the SQL that dlt and dbt make of names, with names of every kind.
    """
    ruff = [
        str(Path(sys.executable).parent / "ruff"),
        "check",
        "--select",
        "S608",
        "--ignore-noqa",
        "--output-format",
        "json",
    ]
    found = subprocess.run([*ruff, "loader"], cwd=ROOT, capture_output=True, check=False)
    places = [
        (Path(each["filename"]), each["location"]["row"]) for each in json.loads(found.stdout)
    ]
    assert places
    for file, row in places:
        (statement,) = (
            node
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.JoinedStr) and node.lineno == row
        )
        names = [
            part.value.id if isinstance(part.value, ast.Name) else ast.unparse(part.value)
            for part in statement.values
            if isinstance(part, ast.FormattedValue)
        ]
        assert all(name.isupper() for name in names), f"{file}:{row}: {names}"
