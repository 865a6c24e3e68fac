"""docs/take-over.md, step by step, on each kind of database of the replaced system."""

import shutil
from dataclasses import replace

import psycopg
import pytest

from tests.support.old_system import STATES, prepare
from tests.support.project import EXAMPLE, Project
from tests.support.takeover import DAYS, check_fresh_load, follow

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
# With most of its errors; test_versions.py has the first schema.
IN_EACH_RUN = "seeded twice in Manila"


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name == IN_EACH_RUN else pytest.mark.chaos) for name in STATES],
)
def test_the_database_of_a_fresh_load(
    project: Project, twin: Project, connection: psycopg.Connection, name: str
) -> None:
    project.copy_example()
    # Its blobs are in a separate store, which is unavailable here: see test_verify.py.
    system = prepare(connection, replace(STATES[name], has_blobs=False))
    check_fresh_load(project, twin, system)


@pytest.mark.long
def test_weeks_whose_files_are_gone_and_days_that_were_edited(
    project: Project, connection: psycopg.Connection
) -> None:
    """Only one team's files remain, and one of its days has another text."""
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
