"""Generated reports in a workspace, and their sources in the views."""

from tests.support.project import Project

# JIRA_DATA would also be loaded as Jira.
BLOCKS = ("JIRA_TEXT", "DAILY_REPORTS_DATA", "TRANSCRIPT_DATA", "SLACK_DATA")
FOLDER = "datasource-generator/output"
DAY = "**Employee**: {}\n\n## {}\n\n- x\n"
WEEK = '{"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02"}}'


def sources(project: Project) -> list[tuple[str, ...]]:
    """Return report, kind of source, date and title."""
    return project.query(
        "select report, source_kind, cast(source_date as text), title"
        " from reporting.report_sources order by 1, 2, 3, 4"
    )


def titles(project: Project) -> list[str]:
    return sorted(title for *_, title in sources(project))


def datasource(number: int = 1) -> str:
    """Return a datasource with a text of each kind of data, without days and meetings."""
    blocks = "".join(f'{name} = """x"""\n' for name in BLOCKS)
    return f"# Generated on 11/3/2025, 9:14:{number:02} AM\n{blocks}"
