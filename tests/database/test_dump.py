"""A database restored from `pg_dump` loads and builds as before."""

import subprocess
from pathlib import Path

import pytest

from tests.support.finals import IDS_OF_RUNS, snapshot, table_counts
from tests.support.old_rows import add_old_rows
from tests.support.postgres import Postgres
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])


def restore(project: Project, postgres: Postgres, folder: Path, *options: str) -> None:
    """Dump the project's database, and let the project continue with a restored copy."""
    assert project.url
    file = str(folder / "dump")
    copy = postgres.create_database("work_copy")
    commands = [
        ["pg_dump", *options, "-Fc", "-f", file, project.url],
        # A schema dump creates the schema, which a new database already has.
        *([["psql", "-qc", "drop schema public", copy]] if "-n" in options else []),
        ["pg_restore", "--exit-on-error", "-d", copy, file],
    ]
    for program, *args in commands:
        subprocess.run([postgres.program(program), *args], check=True)
    project.url = copy


def succeed(project: Project, *commands: str) -> None:
    for command in commands:
        ended = project.loader(*command.split())
        assert ended.code == 0, ended


@pytest.mark.long
def test_a_complete_copy_continues(built: Project, postgres: Postgres, tmp_path: Path) -> None:
    add_old_rows(built)
    before = snapshot(built)
    restore(built, postgres, tmp_path)
    succeed(built, "status", "verify", "ids", "schema diff")
    assert built.load()["kinds"]["daily_reports"]["loaded"] == 0
    built.build()
    after = snapshot(built)
    for table in before.keys() - IDS_OF_RUNS:
        assert before[table] == after[table], table
    built.write("transcripts/markdown-output/rocks/2025-10-30 after.md", "# After\n")
    built.load()
    built.build()
    assert table_counts(built)["meeting_transcripts"] == len(before["meeting_transcripts"])


@pytest.mark.long
def test_the_final_tables_alone_go_on(built: Project, postgres: Postgres, tmp_path: Path) -> None:
    """`-n public` omits the record of our objects: the tables are adopted, once."""
    add_old_rows(built)
    succeed(built, "schema adopt --yes")  # names and days of the old rows are read, once
    before = snapshot(built)
    restore(built, postgres, tmp_path, "-n", "public")
    refused = built.loader(*built.run_args())
    assert (refused.code, "python -m loader schema adopt" in refused.err) == (1, True)
    succeed(built, "schema adopt --yes", "status", "verify", "ids", "schema diff")
    built.load()
    built.build()
    after = snapshot(built)
    for table in before.keys() - IDS_OF_RUNS:
        assert before[table] == after[table], table
    succeed(built, "status", "verify", "schema diff", "forget --yes --author Ana")
