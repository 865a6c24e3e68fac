"""The server: access over HTTP, its output, and its answers before any load."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from anyio.from_thread import start_blocking_portal
from mcp import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

from tests.support.linux import linux_only
from tests.support.mcp import TOKEN, over_http, over_stdio, serving
from tests.support.project import ROOT, Project

pytestmark = pytest.mark.either_engine

QUESTION = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
ACCEPT = {"Accept": "application/json, text/event-stream"}
BEARER = {"Authorization": f"Bearer {TOKEN}"}


def test_only_this_machine_with_the_token(told: Project) -> None:
    with serving(told, "--token", TOKEN) as (url, said):
        port = url.split(":")[2].split("/")[0]
        assert url == f"http://127.0.0.1:{port}/mcp"

        def status(path: str = "/mcp", **headers: str) -> int:
            given = ACCEPT | {name.replace("_", "-"): text for name, text in headers.items()}
            address = f"http://127.0.0.1:{port}{path}"
            return requests.post(address, json=QUESTION, headers=given, timeout=60).status_code

        good = {"Authorization": f"Bearer {TOKEN}"}
        assert status(**good) == 200
        assert status(**good, Host=f"localhost:{port}") == 200
        assert status(**good, Origin=f"http://localhost:{port}") == 200
        assert status(Authorization=f"bearer {TOKEN}") == 200
        for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
            for path in ("/mcp", "/", "/mcp/", "/.well-known/oauth-protected-resource"):
                assert status(path, **wrong) == 401
        assert status(f"/mcp?token={TOKEN}") == 401
        for host in ("evil.example", f"evil.example:{port}", f"127.0.0.1:{port}.evil.example"):
            assert status(**good, Host=host) == 421
        for origin in (
            "http://evil.example",
            "null",
            "http://localhost",
            f"https://localhost:{port}",
        ):
            assert status(**good, Origin=origin) == 403
        options = requests.options(url, headers={"Origin": "http://evil.example"}, timeout=60)
        assert options.status_code == 403
        assert "access-control-allow-origin" not in options.headers
        ended = told.loader("mcp", "--http", "--port", port)
        assert (ended.code, f"Cannot listen on port {port}" in ended.err) == (1, True)
    assert TOKEN not in "".join(said)


@linux_only("/proc/net shows who listens where")
def test_it_listens_on_this_machine_only(told: Project) -> None:
    with serving(told, "--token", TOKEN) as (url, _):
        port = f"{int(url.split(':')[2].split('/')[0]):04X}"
        lines = Path("/proc/net/tcp").read_text().splitlines()
        assert [line.split()[1] for line in lines if f":{port} 0" in line and " 0A " in line] == [
            f"0100007F:{port}"
        ]


def test_a_generated_token(told: Project) -> None:
    process = told.start("loader", "mcp", "--http", "--port", "0")
    try:
        assert process.stdout
        assert process.stderr
        assert process.stderr.readline() == f"{told.target}: {told.place}\n"
        url, said = process.stdout.readline().strip(), process.stderr.readline().strip()
        header, _, token = said.partition("Bearer ")
        assert (header, len(token)) == ("Authorization: ", 32)
        with over_http(url, token) as asking:
            assert asking.ask("team_week", limit=1)["weeks"]
    finally:
        process.terminate()
        out, err = process.communicate(timeout=30)
    assert token not in out + err


def test_wrong_usage(told: Project) -> None:
    assert told.loader("mcp", "--token", TOKEN).code == 2
    assert told.loader("mcp", "--http", "--token", "short").code == 2


def test_questions_at_once(told: Project) -> None:
    with serving(told, "--token", TOKEN) as (url, _), over_http(url) as asking:
        arguments = {"sql": "select count(*) from generate_series(1, 3000000)"}
        waiting = [
            asking.portal.start_task_soon(asking.client.call_tool, tool, given)
            for tool, given in [("query", arguments), ("team_week", {}), ("who_is_missing", {})] * 3
        ]
        assert [each.result().is_error for each in waiting] == [False] * 9


@pytest.mark.long
def test_a_client_of_an_earlier_protocol(told: Project, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log, over_stdio(told, log, mode="legacy") as asking:
        assert len(asking.tools()) == 9
        assert asking.ask("team_week", limit=1)["weeks"]
    (line,) = (tmp_path / "log").read_text().splitlines()
    assert line.startswith(f"{told.target}: ")


def test_stdout_carries_only_the_protocol(told: Project) -> None:
    lines = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "x", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {
            "jsonrpc": "2.0",
            "id": 2,
            "method": "tools/call",
            "params": {"name": "query", "arguments": {"sql": "delete from teams"}},
        },
    ]
    command = [sys.executable, "-m", "loader", "mcp", "--target", told.target]
    with subprocess.Popen(
        command,
        env={**dict(told.environ), "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        cwd=told.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin
        assert server.stdout
        for line in lines:
            server.stdin.write(json.dumps(line) + "\n")
            server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(2)]
        server.stdin.close()
        assert server.stdout.read() == ""
        assert server.wait(timeout=30) == 0
    assert [answer["id"] for answer in answers] == [1, 2]
    assert answers[1]["result"]["isError"]


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"])
def test_no_secret_is_shown(told: Project, tmp_path: Path) -> None:
    """An unreachable address, and one whose password an error could quote."""
    secret = "s3cret-of-a-test"
    url = f"postgresql://somebody:{secret}@127.0.0.1:1/nowhere?sslmode=disable"
    with (
        (tmp_path / "log").open("w") as log,
        over_stdio(told, log, DATABASE_URL=url) as asking,
    ):
        # One question only: each waits for the address as long as a database may take to start.
        said = asking.refusal("query", sql=f"select '{secret}' from nowhere")
        assert "Cannot connect" in said
        assert secret not in said
    assert secret not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("engine", ["postgres"])
def test_the_database_of_another_target(told: Project, tmp_path: Path) -> None:
    with (
        (tmp_path / "log").open("w") as log,
        over_stdio(told, log, target="staging") as asking,
    ):
        assert "This is the database of 'prod'" in asking.refusal("team_week")


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_role_that_reads_final_tables_alone(told: Project, tmp_path: Path) -> None:
    for statement in (
        "drop role if exists looker",
        "create role looker login",
        "grant usage on schema public, content, reporting to looker",
        "grant select on all tables in schema public, content, reporting to looker",
    ):
        told.execute(statement)
    assert told.url
    url = told.url.replace("//postgres:", "//looker:")
    with (tmp_path / "log").open("w") as log, over_stdio(told, log, DATABASE_URL=url) as asking:
        (report,) = asking.ask("daily_reports", team="rocks", limit=1)["reports"]
        assert {*report["source"]} == {"table", "id", "blob_url"}
        assert asking.ask("person_week", person="Eusebio")["meetings"]
        assert "no such right on schema raw" in asking.refusal("query", sql="table raw.files")
    for statement in ("drop owned by looker", "drop role looker"):
        told.execute(statement)


def test_before_the_tables_are_built(project: Project, tmp_path: Path) -> None:
    with (tmp_path / "log").open("w") as log, over_stdio(project, log) as asking:
        if not project.url:
            for tool in ("team_week", "daily_reports", "report_sources"):
                assert "Load first: python -m loader run" in asking.refusal(tool)
        project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# talk")
        project.load()
        build = f"dbt build --target {project.target}"
        for tool in ("team_week", "daily_reports", "who_is_missing", "report_sources", "meeting"):
            assert build in asking.refusal(tool), tool
        assert build in asking.refusal("issue_history", issue_key="ROCKS-1")
        assert build in asking.refusal("query", sql="select * from teams")
        assert asking.ask("query", sql="select 1")["rows"] == [[1]]


@pytest.mark.long
def test_the_final_tables_in_another_schema(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINAL_SCHEMA", "elsewhere")
    project.copy_example()
    project.load()
    project.build(contents=True)
    with (tmp_path / "log").open("w") as log, over_stdio(project, log) as asking:
        assert asking.ask("daily_reports", team="rocks", limit=1)["reports"]
        assert asking.ask("person_week", person="Eusebio")["meetings"]
        assert asking.ask("query", sql="select count(*) from elsewhere.teams")["rows"] == [[4]]
        uris = {str(resource.uri) for resource in asking.resources()}
        assert "orchestrator://tables/elsewhere.teams" in uris


@pytest.mark.parametrize("engine", ["duckdb"])
def test_the_configuration_in_the_docs(told: Project, tmp_path: Path) -> None:
    text = (ROOT / "docs/mcp.md").read_text()
    (lines,) = re.findall(r"```json\n(\{\"mcpServers\".*?)```", text, re.DOTALL)
    assert lines.count("\n") == 4
    server = json.loads(lines)["mcpServers"]["reports"]
    script = server["args"][1].replace("/path/to/this/clone", str(ROOT))
    script = script.replace(".venv/bin/python", sys.executable).replace("prod", "local")
    given = StdioServerParameters(
        command=server["command"], args=["-c", script], env={**os.environ, **told.environ}
    )
    with (
        (tmp_path / "log").open("w") as log,
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(given, errlog=log))) as client,
    ):
        assert len(portal.call(client.list_tools).tools) == 9


@pytest.mark.parametrize("engine", ["duckdb"])
def test_without_the_extra(project: Project) -> None:
    (project.folder / "mcp.py").write_text("raise ModuleNotFoundError(name='mcp')\n")
    path = os.pathsep.join([str(project.folder), str(ROOT)])
    process = project.start("loader", "mcp", PYTHONPATH=path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err.endswith(
        "Error: The MCP server needs 'mcp', which is not installed. Install it: make setup\n"
    )


@pytest.mark.parametrize("engine", ["duckdb"])
def test_other_commands_do_not_need_the_sdk(engine: str) -> None:
    del engine
    code = (
        "import sys; from loader.cli import command_line; command_line();"
        "print([n for n in sys.modules if n.split('.')[0] in ('mcp', 'pydantic', 'starlette')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
