"""A small workspace with every kind of file, and an edit of every kind.

Its loads have rows in all raw tables, and rejections: a day in two files, an impossible date.
"""

from pathlib import Path

_DAILY = "daily-reports/md-output/{}/daily-reports-{}-2025-10-27-to-2025-11-02.md"
_TRANSCRIPT = "transcripts/markdown-output/{}/2025-10-2{} standup.md"
_JIRA = "jira/md_output/{}/epic_tree_{}_2025-10-27_to_2025-11-02.md"
_SLACK = "slack/md-output/{}/sanitized/general_2025-10-27_2025-11-02.md"
_DATASOURCE = "datasource-generator/output/{}/datasource_weekly_{}.py"
_CONFIG = '{"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02"}}'


def daily(name: str, *days: tuple[str, str]) -> str:
    """Return a daily file: each day is a heading and a task."""
    sections = (f"## {day}\n\n**Employee**: {name}\n\n- {task}\n\n" for day, task in days)
    return "# Daily Reports\n\n" + "".join(sections)


def datasource(project: str, task: str) -> str:
    """Return a generated datasource."""
    return (
        f"# Weekly Digest Datasource for {project}\n# Generated on 11/03/2025, 1:28:13 PM\n\n"
        f'JIRA_DATA = """# Epic Tree\n\n**Date Range**: 2025-10-27 to 2025-11-02\n"""\n\n'
        f'DAILY_REPORTS_DATA = """{daily("Ana Cruz", ("October 27, 2025", task))}"""\n'
    )


def write(workspace: Path) -> None:
    """Write the workspace."""
    files = {
        _DAILY.format("rocks", "Ana-Cruz"): daily(
            "Ana Cruz", ("October 27, 2025", "one"), ("October 28, 2025", "two")
        ),
        _DAILY.format("rocks", "Ana-Cruz-copy"): daily("Ana Cruz", ("October 28, 2025", "other")),
        _DAILY.format("rocks", "Bo-Li"): daily(
            "Bo Li", ("October 27, 2025", "nul \0 in it"), ("February 30, 2025", "no such day")
        ),
        _DAILY.format("timeclock", "Cy-Ng"): daily("Cy Ng", ("October 27, 2025", "three")),
        _TRANSCRIPT.format("rocks", 7): "# Standup\n\nAna: first\n",
        _TRANSCRIPT.format("timeclock", 7): "# Standup\n\nCy: first\n",
    }
    for team in ("rocks", "timeclock"):
        key = team.upper()
        files[f"configs/{team}/config.json"] = _CONFIG
        files[_JIRA.format(team, key)] = f"# Epic Tree - {key}\n"
        files[_SLACK.format(team)] = f"# general of {team}\n"
        files[_DATASOURCE.format(team, key)] = datasource(key, "one")
    _write(workspace, files)


def edit(workspace: Path) -> None:
    """Edit a day, a transcript, Jira, Slack and a datasource; add files, and remove one."""
    files = {
        _DAILY.format("rocks", "Ana-Cruz"): daily(
            "Ana Cruz", ("October 27, 2025", "one, edited"), ("October 28, 2025", "two")
        ),
        _DAILY.format("timeclock", "Di-Oz"): daily(
            "Di Oz", ("October 29, 2025", "new"), ("February 31, 2025", "no such day")
        ),
        _DAILY.format("timeclock", "Cy-Ng-copy"): daily("Cy Ng", ("October 27, 2025", "other")),
        _TRANSCRIPT.format("rocks", 7): "# Standup\n\nAna: first, edited\n",
        _TRANSCRIPT.format("rocks", 8): "# Standup\n\nAna: second\n",
        _JIRA.format("rocks", "ROCKS"): "# Epic Tree - ROCKS, edited\n",
        _SLACK.format("rocks"): "# general of rocks, edited\n",
        _DATASOURCE.format("rocks", "ROCKS"): datasource("ROCKS", "one, edited"),
    }
    _write(workspace, files)
    (workspace / _DAILY.format("rocks", "Bo-Li")).unlink()


def _write(workspace: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        file = workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
