"""The project in workflows, hooks, the image, and Dagster."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from dbt.cli.main import cli

from loader.cli import command_line
from loader.tables import RAW_TABLES, VIEWS
from tests.support.project import FINALS, ROOT

CI = ROOT / ".github/workflows/ci.yml"
WEEKLY = ROOT / "examples/github/weekly-load.yml"
PINNED = re.compile(r"^ *- uses: [\w-]+/[\w-]+@[0-9a-f]{40}  # v\d+\.\d+\.\d+$", re.MULTILINE)
ADDRESS = re.compile(r"https?://")


def workflow(path: Path) -> tuple[dict[Any, Any], list[str]]:
    """A workflow, and its commands."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text())
    steps = [step for job in found["jobs"].values() for step in job["steps"]]
    return found, [line for step in steps for line in step.get("run", "").splitlines()]


@pytest.mark.parametrize("path", [CI, WEEKLY], ids=lambda path: path.stem)
def test_workflows_are_pinned_and_may_only_read(path: Path) -> None:
    found, _ = workflow(path)
    text = path.read_text()
    assert text.count("uses:") == len(PINNED.findall(text)) > 0
    assert not ADDRESS.search(text)
    assert found["permissions"] == {"contents": "read"}
    assert found["concurrency"]["group"]
    assert all(job["timeout-minutes"] for job in found["jobs"].values())


def test_ci_is_the_project_s_own_check() -> None:
    found, lines = workflow(CI)
    assert set(found[True]) == {"push", "pull_request"}  # YAML reads `on` as true
    assert lines[-1] == "bash .ci/run"
    assert (ROOT / ".ci/run").exists()
    _, every_week = workflow(CI.with_name("all-tests.yml"))
    assert every_week[-1] == "make test-all"


def test_the_weekly_load_uses_existing_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)  # dbt looks for profiles.yml here
    found, lines = workflow(WEEKLY)
    assert set(found[True]) == {"schedule", "workflow_dispatch"}
    assert found["concurrency"]["cancel-in-progress"] is False
    secrets = {name for name, value in found["env"].items() if "secrets." in value}
    assert secrets == {"DATABASE_URL", "BLOB_READ_WRITE_TOKEN"}
    loader, dbt = "python -m loader ", "dbt "
    commands = [shlex.split(line.removeprefix(loader)) for line in lines if loader in line]
    parsed = [command_line().parse_args(command) for command in commands]
    assert [command[0] for command in commands] == ["run", "verify", "status"]
    assert {args.target for args in parsed} == {"prod"}
    assert parsed[1].since
    (build,) = [shlex.split(line)[1:] for line in lines if line.startswith(dbt)]
    assert cli.commands[build[0]].make_context("build", build[1:]).params["target"] == "prod"
    assert "make setup" in lines


def test_hooks_are_the_tools_of_make_lint() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    (local,) = config["repos"]
    assert local["repo"] == "local"
    makefile = (ROOT / "Makefile").read_text()
    lint = makefile[makefile.index("\nlint:") : makefile.index("\nformat:")]
    tools = [hook["entry"].split()[0] for hook in local["hooks"]]
    assert {Path(tool).name for tool in tools} == set(re.findall(r"\$\(VENV\)/bin/(\w+)", lint))
    bin_ = Path(sys.executable).parent
    assert all((bin_ / Path(tool).name).exists() for tool in tools)
    assert all(hook["language"] == "system" for hook in local["hooks"])


def test_the_image_runs_as_nobody_and_has_no_data() -> None:
    text = (ROOT / "Dockerfile").read_text()
    assert not ADDRESS.search(text)
    assert set(re.findall(r"^FROM (\S+)", text, re.MULTILINE)) == {"python:3.13-slim"}
    final = text.rpartition("\nFROM ")[2]
    assert re.search(r"^USER 1000:1000$", final, re.MULTILINE)
    settings = dict(re.findall(r"([A-Z_]+)=(\S+)", final[: final.index("\nCOPY")]))
    # Nobody can write into /app: what the loader and dbt write is below /data.
    written = ("WAREHOUSE_DIR", "DBT_LOG_PATH", "DBT_TARGET_PATH")
    assert all(f"{settings[name]}/".startswith("/data/") for name in written)
    assert "requirements-dev" not in text
    assert text.count("--require-hashes") == 2
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert "*" in ignored  # everything, except:
    kept = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    assert not {name for name in kept if name.startswith((".", "tests", "docs", "examples"))}
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    assert {name for names in copied for name in names.split()} <= {*kept, "."}


@pytest.mark.long
def test_dagster_has_an_asset_for_each_table(tmp_path: Path) -> None:
    """Run in a separate environment, with the locked versions if the lock has them."""
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not installed: it makes Dagster's environment")
    python = tmp_path / "venv/bin/python"
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, tmp_path / "venv"], check=True)
    needed = ("-r", "pyproject.toml", "-c", "requirements.lock")
    wanted = ("-r", "examples/dagster/requirements.txt")
    ended = subprocess.run(
        [uv, "pip", "install", "-q", "--python", python, *needed, *wanted],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    if "dns error" in ended.stderr or "error sending request" in ended.stderr:
        pytest.skip("no network: Dagster cannot be installed")
    assert ended.returncode == 0, ended.stderr
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PATH": path, "PYTHONPATH": str(ROOT), "WAREHOUSE_DIR": str(tmp_path / "warehouse")}
    definitions = "'examples/dagster/definitions.py', run_name='__main__'"
    code = f"import runpy, dagster_dlt; runpy.run_path({definitions})"
    ended = subprocess.run(
        [python, "-c", code],
        cwd=ROOT,
        env={**os.environ, **own},
        capture_output=True,
        check=False,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout.splitlines()[-1])
    assets = set(found["assets"])
    raw = {f"raw/{name}" for name in RAW_TABLES}
    assert raw | set(FINALS) | {f"reporting/{name}" for name in VIEWS} <= assets
    assert found["not made"] == []
    count = len(assets)
    assert f"Together they are {count} assets" in (ROOT / "examples/dagster/README.md").read_text()
