"""docs/take-over.md, step by step: in the end the database is that of a fresh load, ids kept."""

import re
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.support.old_system import STATES, prepare
from tests.support.project import EXAMPLE, ROOT, Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
PAGE = ROOT / "docs/take-over.md"
COMMAND = re.compile(r"^    (?:python -m (loader)|dbt) (.*)$", re.MULTILINE)
IN_EACH_RUN = ("seeded twice in Manila", "the first schema")
DAYS = """
    select teams.name, author_name, report_date, content
    from daily_reports
    inner join teams on team_id = teams.id
"""
MEETINGS = """
    select teams.name, filename, transcript_date, started_at, transcript_text
    from meeting_transcripts
    inner join teams on team_id = teams.id
"""


@pytest.fixture(autouse=True)
def _own_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.schema.migrations.VERSIONS", tmp_path / "versions")


def follow(project: Project) -> None:
    """Run the commands of the page, but for the rehearsal on a branch."""
    commands = COMMAND.findall(PAGE.read_text())
    assert len(commands) == 9
    for loader, line in commands:
        args = [str(project.workspace) if arg == "DIR" else arg for arg in shlex.split(line)]
        at = args.index("--target")
        del args[at : at + 2]
        if args[0] == "branch":
            continue
        if args in (["schema", "adopt"], ["schema", "migrate"]):
            args.append("--yes")
        ended = project.loader(*args) if loader else project.dbt(*args)
        assert ended.code == 0, (args, ended)


def rows(project: Project, query: str) -> list[tuple[object, ...]]:
    return sorted(project.query(query), key=str)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in IN_EACH_RUN else pytest.mark.chaos) for name in STATES],
)
def test_the_database_of_a_fresh_load(
    project: Project, twin: Project, connection: psycopg.Connection, name: str
) -> None:
    project.copy_example()
    # Its blobs are in a store of its own, which is out of reach here: see test_verify.py.
    system = prepare(connection, replace(STATES[name], has_blobs=False))
    before = system.ids("daily_reports"), system.ids("teams"), system.ids("organizations")
    follow(project)
    twin.load_and_build()
    for query in (DAYS, MEETINGS):
        assert rows(project, query) == rows(twin, query)
    for table, ids in zip(("daily_reports", "teams", "organizations"), before, strict=True):
        found = {id_ for (id_,) in project.query(f"select id from {table}")}
        kept = 64 if table == "daily_reports" else len(found)
        assert len(found & ids) == kept, table


def test_weeks_whose_files_are_gone_and_days_that_were_edited(
    project: Project, connection: psycopg.Connection
) -> None:
    """Only one team's files are left, and one day of it has another text."""
    system = prepare(connection, replace(STATES["in Manila"], has_blobs=False))
    folder = "daily-reports/md-output/rocks"
    shutil.copytree(EXAMPLE / folder, project.workspace / folder, dirs_exist_ok=True)
    path = next(iter(sorted((project.workspace / folder).glob("*.md"))))
    path.write_text(path.read_text().replace("### Tasks Done\n", "### Tasks Done\n\n- more\n", 1))
    before = system.ids("daily_reports")
    follow(project)
    days = {row[:3]: row[3] for row in project.query(DAYS)}
    assert len(days) == len(project.query(DAYS))
    assert sum("- more" in text for text in days.values()) == 1
    assert before <= {id_ for (id_,) in project.query("select id from daily_reports")}
    assert all(" " in author for _, author, _ in days)
