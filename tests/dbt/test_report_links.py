"""A generated report is linked to the data that it was made from, and to nothing else."""

import hashlib
import json
from uuid import UUID

import pytest

from tests.support.finals import snapshot
from tests.support.generated_reports import DAY, FOLDER, WEEK, sources
from tests.support.project import Project

pytestmark = [pytest.mark.either_engine, pytest.mark.with_tables]

NEXT_WEEK = WEEK.replace("2025-10-27", "2025-11-03").replace("2025-11-02", "2025-11-09")
TABLES = {
    "raw.generated_reports": "source_path",
    "public.generated_reports": "output ->> 'source_path'",
}
QUOTES = '"""'
JIRA = ("jira_snapshot", "week until 2025-11-02")
SLACK = ("slack_capture", "dev")
SYNC, PLANNING, TALK, RETRO, CALL = (
    ("meeting_transcript", name)
    for name in (
        "2025-10-27 sync.md",
        "2025-10-28 planning.md",
        "a/2025-10-29 talk.md",
        "2025-10-30 retro.md",
        "2025-10-31 call.vtt.md",
    )
)
EXPECTED = {
    # Its text names no day and one transcript; its Jira text is empty.
    "datasource_weekly_R.py": {
        *(("daily_report", name) for name in ("Ana Reyes", "Ana Reyes 28", "Bo Li")),
        *(("daily_report", name) for name in ("Jan Carlo Cruz", "Jan Lerick Ibarra")),
        TALK,
    },
    "datasource_weekly_S.py": {("daily_report", "Ana Reyes"), ("daily_report", "Bo Li"), JIRA},
    "datasource_ana.py": {("daily_report", "Ana Reyes"), SYNC, RETRO, CALL, JIRA},
    "datasource_bo_li.py": {("daily_report", "Bo Li")},
    "datasource_jan.py": {JIRA},
    "datasource_lerick.py": {("daily_report", "Jan Lerick Ibarra")},
    "datasource_dashboard_R.py": {SLACK, SYNC, PLANNING, TALK, RETRO, CALL},
}


def block(name: str, text: str) -> str:
    return f"{name} = {QUOTES}{text}{QUOTES}\n\n"


def day(author: str, date: str = "2025-10-27") -> str:
    return "# Daily Reports\n\n" + DAY.format(author, date)


def write_workspace(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    folder = "daily-reports/md-output/rocks"
    for author in ("Ana Reyes", "Bo Li", "Jan Carlo Cruz", "Jan Lerick Ibarra"):
        project.write(f"{folder}/{author}.md", day(author))
    project.write(f"{folder}/more.md", day("Ana Reyes", "2025-10-28"))
    project.write("jira/md_output/rocks/epic_tree_R_2025-10-27_to_2025-11-02.md", "x")
    project.write("slack/md-output/rocks/sanitized/dev_2025-10-27_2025-11-02.md", "x")
    meetings = {
        SYNC: "## Meeting Participants\r\n\r\n- Ana Reyes  \r\n- Bo\r\n\r\n## 0:00 - Bo\r\nx",
        PLANNING: "# x\n\n## 0:00 - Bo Li\nAna: what does Ana Reyes say?\n- Ana\n## Ana Reyes\n",
        TALK: "## 0:00 - Jan\nx\n\n## 1:02:03 - JAN  CARLO\nx",
        RETRO: "[00:01:23] Bo Li: x\n**Ana** (0:37): x\n",
        CALL: "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana Reyes>x\n",
    }
    for (_, name), text in meetings.items():
        project.write(f"transcripts/markdown-output/rocks/{name}", text)
    reports = {
        "weekly_R": block("JIRA_DATA", "")
        + block("DAILY_REPORTS_DATA", "x")
        + block("TRANSCRIPT_DATA", "# Transcript: 2025-10-29 talk.md\n\nx"),
        "weekly_S": block("JIRA_DATA", "C:\\Users\\")
        + block("DAILY_REPORTS_DATA", day("Ana Reyes") + "\n---\n" + day("Bo Li"))
        + block("TRANSCRIPT_DATA", "No transcripts found."),
        "ana": block("DAILY_TEXT", day("Ana Reyes"))
        + block("JIRA_TEXT", "j")
        + block("FATHOM_TEXT", "f")
        + 'X = {"name": "Ana Reyes"}',
        "bo_li": block("DAILY_TEXT", "x") + block("JIRA_TEXT", "") + block("FATHOM_TEXT", ""),
        # Two people have this name.
        "jan": block("DAILY_TEXT", "y") + block("JIRA_TEXT", "j") + block("FATHOM_TEXT", "f"),
        "lerick": block("DAILY_TEXT", "z") + 'X = {"name": "Jan  lerick"}',
        # A title that is not a file name is ignored.
        "dashboard_R": block("SLACK_DATA", "s")
        + 'TRANSCRIPT_DATA_BY_DAY = {"a": ["# Transcript: Weekly\\n\\nb"]}\n',
    }
    for name, text in reports.items():
        project.write(f"{FOLDER}/rocks/datasource_{name}.py", text)


def links(project: Project) -> dict[str, set[tuple[str, str]]]:
    """Return the sources of each report; days after the first have a number."""
    found: dict[str, set[tuple[str, str]]] = {}
    for report, kind, date, title in sources(project):
        is_later = kind == "daily_report" and date != "2025-10-27"
        found.setdefault(report, set()).add((kind, f"{title} {date[-2:]}" if is_later else title))
    return found


def link_id(report: UUID, source: UUID) -> UUID:
    """Return the id that a build gives to a link to a daily report."""
    key = ("report_data_links", str(report), "daily_report", str(source))
    parts = "".join(hashlib.md5(part.encode()).hexdigest() for part in key)
    digits = hashlib.md5(parts.encode()).hexdigest()
    return UUID(f"{digits[:12]}8{digits[13:16]}8{digits[17:]}")


@pytest.mark.long
def test_a_report_is_linked_to_what_it_was_made_from(project: Project) -> None:
    write_workspace(project)
    project.load_and_build()
    assert links(project) == EXPECTED
    before = snapshot(project, {"updated_at", "loaded_at"})

    # An earlier release linked a 1on1 to everybody's days. So did another writer.
    ((report,),) = project.query(
        "select id from public.generated_reports where output ->> 'filename' = 'datasource_ana.py'"
    )
    others = project.query(
        "select id from public.daily_reports where author_name <> 'Ana Reyes' order by author_name"
    )
    insert = "insert into public.report_data_links (id, generated_report_id, daily_report_id)"
    for number, (other,) in enumerate(others):
        id_ = f"'{link_id(report, other)}'" if number else "gen_random_uuid()"
        project.execute(f"{insert} values ({id_}, '{report}', '{other}')")
    project.build()
    found = links(project)
    assert found == EXPECTED | {
        "datasource_ana.py": EXPECTED["datasource_ana.py"] | {("daily_report", "Bo Li")}
    }
    project.execute(
        f"delete from public.report_data_links where generated_report_id = '{report}'"
        f" and daily_report_id = '{others[0][0]}'"
    )
    assert before == snapshot(project, {"updated_at", "loaded_at"})

    # Stored by an earlier release, which did not record the person and the kinds of a 1on1.
    for path, output in project.query("select source_path, output from raw.generated_reports"):
        said = json.loads(output) | {"members": []}
        for key in ("person", "sources", "days", "meetings"):
            del said[key]
        text = json.dumps(said)
        for table, column in TABLES.items():
            project.execute(f"update {table} set output = '{text}' where {column} = '{path}'")
    project.execute("update raw.files set parser_version = 0 where kind = 'generated_reports'")
    project.build()
    days = {name for kind, name in links(project)["datasource_ana.py"] if kind == "daily_report"}
    assert days <= {"Ana Reyes", "Ana Reyes 28"}  # from the file's name
    # The next run reads the files again; its config is for the next week.
    project.write("configs/rocks/config.json", NEXT_WEEK)
    project.load_and_build()
    assert links(project) == EXPECTED
    after = snapshot(project, {"updated_at", "loaded_at"})
    assert before["generated_reports"] == after["generated_reports"]
    settled = snapshot(project, set())
    project.load("--full")
    project.build()
    for table in ("generated_reports", "report_data_links"):
        assert settled[table] == snapshot(project, set())[table]
