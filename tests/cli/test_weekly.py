"""`weekly`: run, build and verify, with one exit code."""

import json
from types import SimpleNamespace
from typing import Any

import pytest

from loader.loading.build import Build
from tests.support.project import Project

DONE = Build(1.0, {"success": 1}, [], is_done=True)
FAILED = Build(1.0, {"error": 1}, [("teams", "Column missing.")], is_done=False)
local_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)


def weekly(project: Project, *args: str) -> tuple[int, dict[str, Any]]:
    ended = project.loader("weekly", "--workspace", str(project.workspace), "--json", *args)
    return ended.code, json.loads(ended.out)


@pytest.mark.long
@local_only
def test_a_week_is_loaded_built_and_verified(project: Project) -> None:
    project.copy_example()
    args = ("weekly", "--workspace", str(project.workspace), "--json")
    out, err = (process := project.start("loader", *args)).communicate(timeout=300)
    document = json.loads(out)
    assert (process.returncode, "error" in document) == (0, False), err
    assert {each["status"] for each in document["build"]["nodes"]} == {"success", "pass", "no-op"}
    assert [{"verdict": "ok", "blobs": 50}] == document["verify"]["verdicts"]
    assert [(77,)] == project.query("select count(*) from public.daily_reports")


@local_only
def test_a_build_that_fails_ends_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.cli.weekly.build", lambda _: FAILED)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    code, document = weekly(project)
    assert (code, document["verify"]) == (1, None)
    assert document["error"]["type"] == "BuildError"
    assert document["error"]["message"] == "The build failed: teams: Column missing."
    assert "dbt build --target local" in document["error"]["hint"]


def broken(monkeypatch: pytest.MonkeyPatch, *nodes: tuple[str, str, str]) -> None:
    """Make dbt end with these nodes: name, status and message."""
    results = [
        SimpleNamespace(node=SimpleNamespace(name=name), status=status, message=message)
        for name, status, message in nodes
    ]
    result = SimpleNamespace(results=results, elapsed_time=1.0)
    ended = SimpleNamespace(result=result, success=False, exception=None)
    monkeypatch.setattr("dbt.cli.main.dbtRunner.invoke", lambda *_: ended)


@local_only
def test_the_error_is_the_failure_and_not_a_warning_before_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(monkeypatch, ("a", "warn", "a"), ("b", "error", "b"))
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    code, document = weekly(project)
    assert (code, document["error"]["message"]) == (1, "The build failed: b: b")
    assert [each["name"] for each in document["build"]["problems"]] == ["b", "a"]


@local_only
def test_a_message_of_dbt_has_no_secret(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    address = "postgresql://ana:a-long-password@db.example.com/work"
    monkeypatch.setenv("DATABASE_URL", address)
    broken(monkeypatch, ("b", "error", f"could not connect to {address}"))
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    ended = project.loader("weekly", "--workspace", str(project.workspace), "--json")
    assert "could not connect to" in ended.out
    assert "a-long-password" not in ended.out + ended.err


@local_only
def test_a_blob_that_differs_is_a_failure(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(_: object) -> Build:
        (blob,) = (project.folder / "warehouse/blobs").rglob("*.md")
        blob.chmod(0o600)
        blob.write_text("other")
        return DONE

    monkeypatch.setattr("loader.cli.weekly.build", build)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    code, document = weekly(project)
    assert (code, document["error"]["type"]) == (1, "VerifyError")
    assert [each["verdict"] for each in document["verify"]["wrong"]] == ["different"]


@local_only
def test_what_strict_forbids_fails_after_the_build(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loader.cli.weekly.build", lambda _: DONE)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    project.write("transcripts/markdown-output/rocks/no date.md", "# x")
    code, document = weekly(project, "--strict")
    assert (code, document["error"]["type"]) == (1, "StrictError")
    assert document["verify"]["checked"] == 1
    assert weekly(project)[0] == 0
