"""Programs of the replaced system use Drizzle: their selects work on all nine tables."""

import json
import os
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.support.old_rows import add_old_rows
from tests.support.postgres import Postgres
from tests.support.project import FINALS, ROOT, Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])

_SOURCE = ROOT / "tests/support/drizzle"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the reader, installed from the lock file."""
    if not (shutil.which("npm") and shutil.which("node")):
        pytest.skip("npm is not there, which installs Drizzle")
    folder = tmp_path_factory.mktemp("drizzle") / "reader"
    shutil.copytree(_SOURCE, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    installed = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    return folder


def selected(reader: Path, postgres: Postgres) -> dict[str, Any]:
    """Return the reader's output in a time zone far from Greenwich."""
    ended = subprocess.run(
        ["node", "select.mjs"],
        cwd=reader,
        env={
            "PATH": os.environ["PATH"],
            "PGHOST": postgres.socket_dir,
            "PGUSER": "postgres",
            "PGDATABASE": "work",
            "TZ": "Asia/Manila",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def in_javascript(value: object) -> object:
    """Return a value as JavaScript writes it to JSON: days and times in UTC, with milliseconds."""
    if isinstance(value, datetime):
        at = value.astimezone(UTC) if value.tzinfo else value
        return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"
    if isinstance(value, date):
        return f"{value}T00:00:00.000Z"
    return str(value) if isinstance(value, UUID) else value


def test_typed_selects_of_all_tables_give_the_right_values(
    built: Project, reader: Path, postgres: Postgres
) -> None:
    add_old_rows(built)
    answer = selected(reader, postgres)
    assert set(FINALS) == answer["tables"].keys()
    for table, rows in answer["tables"].items():
        names = list(rows[0])
        stored = built.query(f"select {', '.join(names)} from public.{table} order by id")
        expected = [dict(zip(names, map(in_javascript, row), strict=True)) for row in stored]
        assert expected == sorted(rows, key=lambda row: str(row["id"])), table
    outputs = [row["output"] for row in answer["tables"]["generated_reports"] if row["output"]]
    assert {type(output["members"]) for output in outputs} == {list}
    assert type(answer["tables"]["jira_snapshots"][0]["byte_size"]) is int


def test_typed_questions(built: Project, reader: Path, postgres: Postgres) -> None:
    questions = selected(reader, postgres)["questions"]
    expected = built.query(
        """
        select author_name, report_date, teams.name
        from public.daily_reports as days
        inner join public.teams on days.team_id = teams.id
        where teams.name = 'rocks' and report_date between '2025-10-27' and '2025-10-28'
        order by report_date, author_name
        """
    )
    assert len(expected) > 0
    found = [(each["author"], each["day"], each["team"]) for each in questions["reports"]]
    assert found == [tuple(map(in_javascript, row)) for row in expected]
    assert {each["type"]: each["count"] for each in questions["types"]} == {"weekly-digest": 4}
