"""The macros that replace dbt's own; each test fails without its macro."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.processes import end
from tests.support.project import ROOT, Project

postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
COMMENTED = "select 1 as number -- the end"


@contextmanager
def held(project: Project, lock: str) -> Iterator[psycopg.Connection]:
    """Hold an advisory lock in another session."""
    assert project.url
    with psycopg.connect(project.url, autocommit=True) as session:
        session.execute("select pg_advisory_lock(hashtextextended(%s, 0))", [lock])
        yield session


def wait_until_it_waits(session: psycopg.Connection, process: subprocess.Popen[str]) -> None:
    query = "select 1 from pg_locks where locktype = 'advisory' and not granted"
    while not session.execute(query).fetchone():
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)


@pytest.mark.long
@postgres_only
def test_a_build_waits_for_another_one_that_creates_schemas(project: Project) -> None:
    with held(project, "schema") as session:
        process = project.start("dbt", "seed")
        wait_until_it_waits(session, process)
        found = session.execute("select 1 from pg_namespace where nspname = 'seeds'").fetchone()
        assert found is None
    code, out, _ = end(process)
    assert code == 0, out


@pytest.mark.long
@postgres_only
def test_a_table_that_another_build_creates_meanwhile(project: Project) -> None:
    assert project.dbt("seed").code == 0
    with held(project, '"public"."organizations"') as session:
        process = project.start("dbt", "run", "--select", "organizations")
        wait_until_it_waits(session, process)
        session.execute(
            "create table organizations (id uuid primary key, name text not null unique,"
            " description text, created_at timestamptz not null, updated_at timestamptz not null)"
        )
    code, out, _ = end(process)
    assert code == 0, out
    assert [(2,)] == project.query("select count(*) from public.organizations")


@pytest.mark.long
@postgres_only
def test_a_seed_that_another_build_creates_meanwhile(project: Project) -> None:
    project.execute("create schema seeds")
    with held(project, '"seeds"."seed_teams"') as session:
        process = project.start("dbt", "seed", "--select", "seed_teams")
        wait_until_it_waits(session, process)
        session.execute(
            "create table seeds.seed_teams (name text, organization text, description text)"
        )
        session.execute("insert into seeds.seed_teams (name) values ('of the other build')")
    code, out, _ = end(process)
    assert code == 0, out
    assert [(4,)] == project.query("select count(*) from seeds.seed_teams")


def test_a_view_without_a_contract_and_one_that_ends_in_a_comment(
    project: Project, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    for name in ("dbt_project", "seeds"):
        shutil.copytree(ROOT / name, folder / name)
    shutil.copy(ROOT / "dbt_project.yml", folder)
    models = folder / "dbt_project/models/reporting"
    off = '{{ config(contract={"enforced": false}) }}'
    (models / "plain.sql").write_text(f"{off}\n{COMMENTED}")
    (models / "contracted.sql").write_text(COMMENTED)
    (models / "more.yml").write_text(
        "models:\n  - name: contracted\n    columns:\n      - {name: number, data_type: integer}\n"
    )
    place = ("--project-dir", str(folder), "--target-path", str(tmp_path / "target"))
    for _ in range(2):
        ended = project.dbt("run", "--select", "plain", "contracted", *place)
        assert ended.code == 0, ended.out
    for view in ("plain", "contracted"):
        assert [(1,)] == project.query(f"select number from reporting.{view}")
