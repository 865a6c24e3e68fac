"""A new table needs only the places that CONTRIBUTING names."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from loader.settings import load_settings
from tests.support.documents import short
from tests.support.new_table import ADDITIONS, add_table
from tests.support.project import ROOT, Project

NOTES = "# Retro\n\nAna Reyes: faster builds ({})\n"
FILE = "retros/output/rocks/2025-10-31.md"


def test_contributing_names_each_place() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text()
    (listed,) = re.findall(r"\*\*A new table\*\*[^\n]*\n((?:\d\. .*\n)+)", page)
    places = re.findall(r"^\d\. [^`]*`([\w/.{}]+)`", listed, re.MULTILINE)
    assert len(places) <= 6
    models = {"dbt_project/models/staging", "dbt_project/models/marts"}
    files = {name for name, _, _ in ADDITIONS}
    expected = {re.sub(r"parsing/\w+\.py", "parsing", name) for name in files} | models
    assert expected == {place.rstrip("/") for place in places}


def test_each_place_is_where_the_table_expects_it(tmp_path: Path) -> None:
    """`make test-all` loads it; here, each changed module is still valid."""
    add_table(tmp_path)
    for name in {name for name, _, _ in ADDITIONS}:
        compile((tmp_path / name).read_text(), name, "exec")


@pytest.fixture
def run(project: Project, tmp_path: Path) -> Callable[..., str]:
    """Return a function that runs a program in a copy of the project with an additional table."""
    folder = tmp_path / "copy"
    folder.mkdir()
    add_table(folder)
    environ = {**os.environ, **project.environ, "PYTHONPATH": str(folder)}
    environ |= {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path / "logs")}

    def of(*command: str) -> str:
        ended = subprocess.run(
            command, cwd=folder, env=environ, capture_output=True, check=False, text=True
        )
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    return of


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_table_is_added_in_six_places(project: Project, run: Callable[..., str]) -> None:
    target = ("--target", project.target)
    loader = (sys.executable, "-m", "loader")
    load = (*loader, "run", *target, "--workspace", str(project.workspace), "--json")
    dbt = (str(Path(sys.executable).with_name("dbt")), "build", *target)

    def rows(schema: str) -> int:
        return int(project.query(f"select count(*) from {schema}.retrospectives")[0][0])

    run(sys.executable, "-m", "scripts.raw_sources")
    project.copy_example()
    for number in range(3):
        project.write(FILE, NOTES.format(number))
        assert short(run(*load))["kinds"]["retrospectives"]["rows"] == 1
    run(*dbt)
    assert (3, 1) == (rows("raw"), rows("public"))
    assert [(NOTES.format(2),)] == project.query("select notes from public.retrospectives")

    status = short(run(*loader, "status", *target, "--json"))
    assert (0, 1) == (
        status["unapplied"],
        sum(each["rows"] for each in status["counts"] if each["kind"] == "retrospectives"),
    )
    verified = run(*loader, "verify", *target)
    assert re.search(r"(\d+) of \1 blobs are as they should be", verified)
    pruned = short(run(*loader, "prune", *target, "--yes", "--keep", "1", "--json"))["rows"]
    assert pruned["raw.retrospectives"] == 2
    author = project.query("select min(author_name) from public.daily_reports")[0][0]
    project.write(FILE, NOTES.format(author))
    run(*load)
    named = short(run(*loader, "forget", *target, "--yes", "--author", author, "--json"))["naming"]
    assert FILE in named
    gone = short(run(*loader, "forget", *target, "--yes", "--path", FILE, "--json"))["rows"]
    assert {"raw.retrospectives": 2, "public.retrospectives": 1} == {
        table: count for table, count in gone.items() if "retrospectives" in table
    }
    settings = load_settings(project.target, project.environ)
    database = settings.database.database if settings.database else settings.duckdb_path.name
    run(*loader, "drop", *target, "--yes-i-mean", database)
    with project.warehouse(is_read_only=True) as warehouse:
        assert not warehouse.schemas() & {"raw", "bookkeeping"}
        assert not warehouse.tables("public")
