"""PostgreSQL's plans: what a build costs must not be the product of two tables."""

import json
import re

import psycopg
import pytest

from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

MODELS = (
    *("report_entries", "transcript_turns", "meeting_participants", "jira_issues"),
    *("slack_messages", "mentions", "report_data_links"),
)


def plan_of(project: Project, model: str) -> list[str]:
    """Return the plan of a model's query, in a database with statistics."""
    args = ("--quiet", "compile", "--select", model, "--output", "json")
    compiled = json.loads(project.dbt(*args).out)["compiled"]
    project.execute("analyze")  # without it, the planner guesses until it has statistics
    return [line for (line,) in project.query(f"explain {compiled}")]


def test_daily_reports_are_sorted_once(built: Project) -> None:
    """A sort carries the texts. A second one would take as long as the rest of the build."""
    plan = plan_of(built, "daily_reports")
    wide = [line for line in plan if int(re.findall(r"width=(\d+)\)|$", line)[0] or 0) > 500]
    assert [1, 1] == [sum(f"{node}  (" in line for line in wide) for node in ("Sort", "WindowAgg")]


@pytest.mark.parametrize("model", MODELS)
def test_no_list_is_searched_for_each_row(built: Project, model: str) -> None:
    """A list beside an `or` is a subplan: read once per row if it is too long to hash."""
    lists = [line for line in plan_of(built, model) if re.search(r"(= \(|hashed )SubPlan", line)]
    assert lists == []


def test_a_table_gets_statistics_with_its_first_rows(project: Project) -> None:
    """The tests of a first build need them. Counted are analyses that autovacuum did not do."""
    query = """
        select relname, analyze_count from pg_stat_user_tables
        where schemaname in ('public', 'content')
    """
    project.build()
    project.copy_example()
    project.load_and_build(contents=True)
    counts = dict(project.query(query))
    tables = ("daily_reports", "report_data_links", "report_entries")
    assert [counts[table] for table in tables] == [2, 2, 2]  # empty, and with its first rows
    project.build(contents=True)
    counts = dict(project.query(query))
    assert [counts[table] for table in tables] == [2, 2, 2]


def test_a_build_does_not_wait_for_somebody_who_writes(built: Project) -> None:
    """Autovacuum conflicts with the same locks."""
    tables = "public.daily_reports, public.report_data_links, content.people"
    built.execute(
        "do $$ begin execute 'alter database ' || current_database() "
        "|| ' set lock_timeout = 2000'; end $$"
    )
    with psycopg.connect(built.url or "") as other:
        other.execute(f"lock table {tables} in row exclusive mode")
        built.build()
