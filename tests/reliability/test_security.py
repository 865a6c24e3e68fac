"""Cases 30 to 39: secrets, rights, and where the bytes go."""

import psycopg
import pytest

from tests.conftest import Postgres
from tests.project import Project

postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@pytest.fixture
def roles(built: Project, postgres: Postgres) -> dict[str, str]:
    """The addresses of the three roles in a database that is built."""
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
    built.url = postgres.url("work")
    assert built.dbt("run-operation", "grant_roles").code == 0


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_35_duckdb_has_no_roles(project: Project) -> None:
    ended = project.dbt("run-operation", "grant_roles")
    assert (ended.code, "DuckDB has no roles" in ended.out) == (1, True), ended
