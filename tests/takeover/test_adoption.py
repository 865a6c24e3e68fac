"""A copy without the record of our objects, as from `pg_dump -n public`: adopted, once."""

import psycopg
import pytest

from tests.support.old_system import TABLES, State, prepare
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
ADOPT = "python -m loader schema adopt --target prod"


def test_each_command_says_to_adopt_the_tables(project: Project) -> None:
    for statement in TABLES.split(";\n"):
        project.execute(statement)
    commands = [
        project.run_args(),
        *(["status"], ["verify"], ["ids"], ["prune", "--keep", "1", "--yes"]),
        *(["schema", action] for action in ("diff", "history")),
        *(["schema", action, "--yes"] for action in ("migrate", "rollback", "push")),
        ["schema", "generate", "-m", "x"],
        ["forget", "--author", "Ana", "--yes"],
        ["forget", "--path", "a.md", "--yes"],
    ]
    for command in commands:
        ended = project.loader(*command)
        assert (ended.code, f"once: {ADOPT}\n" in ended.err) == (1, True), (command, ended)
    built = project.dbt("build")
    assert (built.code, f"{ADOPT} public.daily_reports" in built.out) == (2, True), built.out


def test_after_the_adoption_status_says_to_migrate(
    project: Project, connection: psycopg.Connection
) -> None:
    prepare(connection, State(has_blobs=False))
    assert project.loader("schema", "adopt", "--yes").code == 0
    said = project.loader("status")
    assert said.code == 0
    assert 'python -m loader schema generate --target prod -m "take over"\n' in said.out
    assert "Migrate them: python -m loader schema migrate --target prod\n" in said.out
    assert "dbt build" not in said.out
