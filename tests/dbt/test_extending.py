"""A user's own models build next to ours, and ours never change or drop them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.support.checkout import MARTS, Checkout
from tests.support.project import ROOT, Project

MINE = "dbt_project/models/mine"
# Two views end in a comment: one without a contract, one with.
MODELS = {
    "of_view.sql": "select * from {{ ref('days_per_team') }} -- the end",
    "as_table.sql": (
        "{{ config(materialized='table', schema='content') }} select 'it''s' as text"
        " from {{ ref('of_view') }} limit 1"
    ),
    "as_rows.sql": (
        "{{ config(materialized='incremental', unique_key='id', schema='mine') }}"
        " select id, name from {{ ref('teams') }}"
        " {% if is_incremental() %} where id not in (select id from {{ this }}) {% endif %}"
    ),
    "with_contract.sql": "select name from {{ ref('teams') }} -- the end",
    "of_calendar.sql": "select title from {{ source('calendar', 'events') }}",
    "_mine__models.yml": """
models:
  - name: as_table
    description: It's 100% "mine" — $1, {{ '{{' }}, \\ and :name.
    config: {persist_docs: {relation: true, columns: true}}
    columns: [{name: text, description: It's mine.}]
  - name: with_contract
    config: {contract: {enforced: true}}
    columns: [{name: name, data_type: text}]
snapshots:
  - name: of_teams
    relation: ref('teams')
    config: {schema: mine, unique_key: id, strategy: check, check_cols: [name]}
""",
}
PACKAGE = {
    "dbt_packages/tiny/dbt_project.yml": "name: tiny\nversion: 1.0.0\n",
    "dbt_packages/tiny/models/of_package.sql": "select 1 as number -- the end",
    "packages.yml": "packages: [{local: dbt_packages/tiny}]\n",
}
SELECTED = ("mine", "tiny", "my_targets", "of_teams")
BUILDABLE = ("--indirect-selection", "buildable")
ROWS = {
    "public.days_per_team": 20,
    "public.of_view": 20,
    "content.as_table": 1,
    "mine.as_rows": 4,
    "mine.of_teams": 4,
    "public.with_contract": 4,
    "public.of_calendar": 1,
    "public.of_package": 1,
    "seeds.my_targets": 2,
    "public.teams where cost_center = 'C7'": 4,
}
COMMENTS = """
    select relname || coalesce('.' || attname, ''), description
    from pg_description
    inner join pg_class on objoid = pg_class.oid
    left join pg_attribute on attrelid = objoid and attnum = objsubid and attnum > 0
    where relname = 'as_table' or (relname = 'teams' and attname = 'organization_id')
"""
COMMENTS_OF_DUCKDB = """
    select table_name, comment from duckdb_tables() where table_name = 'as_table'
    union all
    select table_name || '.' || column_name, comment from duckdb_columns()
    where table_name = 'as_table' or (table_name, column_name) = ('teams', 'organization_id')
"""
# The transactions that wrote the comments of tables that stay.
WRITTEN = """
    select objoid, objsubid, cast(pg_description.xmin as text) from pg_description
    where objoid in (cast('public.teams' as regclass), cast('public.with_contract' as regclass))
    order by 1, 2
"""
INDEXES = """
    select indexname from pg_indexes
    where indexname in ('idx_teams_lower_name', 'idx_teams_description', 'idx_teams_named')
"""


def blocks(language: str) -> list[str]:
    """Return the code on the page, in order."""
    page = (ROOT / "docs/extending.md").read_text()
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


@pytest.fixture
def extended(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    """Return a checkout with everything on the page, and more."""
    checkout = Checkout(tmp_path / "checkout", monkeypatch)
    model, _ = blocks("sql")
    indexes, source = blocks("yaml")
    files = {f"{MINE}/{name}": text for name, text in MODELS.items()} | PACKAGE
    files |= {f"{MINE}/days_per_team.sql": model, f"{MINE}/_mine__sources.yml": source}
    files |= {"seeds/my_targets.csv": "team,target\nrocks,3\nbolts,\n"}
    for name, text in files.items():
        path = checkout.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    rest = "    constraints:\n      - type: unique\n        name: uq_teams_"
    checkout.change(MARTS, rest, f"{indexes}{rest}")
    del built
    return checkout


def run_pipeline(project: Project, program: str) -> str:
    """Run a program of the page as a user does."""
    folder = project.folder
    with_path = program.replace('".warehouse', f'"{folder}/warehouse')
    environ = {"PATH": os.environ["PATH"], "RUNTIME__DLTHUB_TELEMETRY": "false"}
    # For root, dlt keeps pipelines in a folder of the machine, which two tests would share.
    environ |= {"HOME": str(folder), "DLT_DATA_DIR": str(folder / ".dlt")}
    environ["DATABASE_URL"] = project.url or ""
    command = [sys.executable, "-c", with_path]
    ended = subprocess.run(
        command, cwd=folder, env=environ, capture_output=True, check=False, text=True
    )
    assert ended.returncode == 0, ended
    return ended.stdout


def rows(project: Project, tables: Iterable[str]) -> dict[str, int]:
    return {name: project.query(f"select count(*) from {name}")[0][0] for name in tables}


def ours(project: Project) -> list[tuple[object, ...]]:
    return project.query("select schema_name, object_name from bookkeeping.objects order by 1, 2")


def test_objects_that_a_user_adds(built: Project, extended: Checkout) -> None:
    listed = ours(built)
    _, column = blocks("sql")
    built.execute(column)
    built.execute("update public.teams set cost_center = 'C7'")
    pipeline, _ = blocks("python")
    run_pipeline(built, pipeline)

    select = ("--select", *SELECTED, "teams", "--exclude-resource-type", "unit_test")
    stamps = []
    for _ in range(2):
        ended = extended.dbt(built, "--warn-error", "build", *select)
        assert ended.code == 0, ended.out
        stamps.append(built.query(WRITTEN) if built.url else [])
    assert stamps[0] == stamps[1]
    assert rows(built, ROWS) == ROWS
    assert set(ours(built)) - set(listed) == {("mine", "")}
    assert dict(built.query(COMMENTS if built.url else COMMENTS_OF_DUCKDB)) == {
        "as_table": """It's 100% "mine" — $1, {{, \\ and :name.""",
        "as_table.text": "It's mine.",
        "teams.organization_id": "The organization that the team belongs to.",
    }
    if built.url:
        assert {name for (name,) in built.query(INDEXES)} == {
            "idx_teams_lower_name",
            "idx_teams_description",
            "idx_teams_named",
        }

    # It reads no rows, so it changes none of ours.
    ended = extended.dbt(built, "build", "--empty", "--select", "+of_view", *BUILDABLE)
    assert ended.code == 0, ended.out
    kept = {"public.teams": 4, "public.daily_reports": 77, "mine.as_rows": 4}
    assert rows(built, kept) == kept

    drop = ("drop", "--yes-i-mean", "work" if built.url else "warehouse.duckdb")
    if built.url:
        assert "of_view" in built.loader(*drop).err
        for view in ("of_view", "days_per_team", "with_contract"):
            built.execute(f"drop view public.{view} cascade")
    assert built.loader(*drop).code == 0
    kept = {"content.as_table": 1, "mine.as_rows": 4, "seeds.my_targets": 2, "calendar.events": 1}
    assert rows(built, kept) == kept
    assert rows(built, {"information_schema.tables where table_name = 'teams'": 0}) == {
        "information_schema.tables where table_name = 'teams'": 0
    }
