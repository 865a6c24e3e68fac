"""A takeover by docs/take-over.md, and its expected result."""

import re
import shlex

from tests.support.old_system import OldSystem
from tests.support.project import ROOT, Project

_PAGE = ROOT / "docs/take-over.md"
_COMMAND = re.compile(r"^    (?:python -m (loader)|dbt) (.*)$", re.MULTILINE)
DAYS = """
    select teams.name, author_name, report_date, content
    from daily_reports
    inner join teams on team_id = teams.id
"""
_MEETINGS = """
    select teams.name, filename, transcript_date, started_at, transcript_text
    from meeting_transcripts
    inner join teams on team_id = teams.id
"""


def follow(project: Project) -> None:
    """Run the commands of the page, except the rehearsal on a branch."""
    commands = _COMMAND.findall(_PAGE.read_text())
    assert len(commands) == 9
    for loader, line in commands:
        args = [str(project.workspace) if arg == "DIR" else arg for arg in shlex.split(line)]
        at = args.index("--target")
        del args[at : at + 2]
        if args[0] == "branch":
            continue
        if args in (["schema", "adopt"], ["schema", "migrate"]):
            args.append("--yes")
        if args == ["build"]:
            args += ["--exclude-resource-type", "unit_test"]  # they do not depend on the database
        ended = project.loader(*args) if loader else project.dbt(*args)
        assert ended.code == 0, (args, ended)


def rows(project: Project, query: str) -> list[tuple[object, ...]]:
    """Return the rows of a query, sorted."""
    return sorted(project.query(query), key=str)


def check_fresh_load(project: Project, twin: Project, system: OldSystem) -> None:
    """Follow the page. The database then equals one after a fresh load, with the previous ids."""
    tables = {"daily_reports": 64, "teams": 4, "organizations": 2}
    before = {table: system.ids(table) for table in tables}
    follow(project)
    twin.load_and_build()
    for query in (DAYS, _MEETINGS):
        assert rows(project, query) == rows(twin, query)
    for table, kept in tables.items():
        found = {id_ for (id_,) in project.query(f"select id from {table}")}
        assert len(found & before[table]) == kept, table
