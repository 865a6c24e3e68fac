"""The rows of the raw tables, compared without what each run has of its own."""

from collections import Counter

from tests.project import Project
from tests.test_build import WEEKLY

# New in each run, so compared rows leave them out.
_OF_RUN = {"row_id", "run_id", "loaded_at", "_dlt_load_id"}
_ALSO_OF_RUN = {"files": {"started_at"}}
_FINISHED = "select load_id from raw.runs where finished_at is not null"
_FINISHED_BEFORE_RUNS = "select load_id from raw._dlt_loads where status = 0"

Raw = dict[str, Counter[str]]


def columns(project: Project) -> dict[str, list[str]]:
    """Return the columns of each raw table that holds rows of files."""
    found: dict[str, list[str]] = {}
    for table, column in project.query(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'raw' order by table_name, column_name"
    ):
        found.setdefault(table, []).append(column)
    return {table: names for table, names in found.items() if "row_id" in names}


def finished_loads(project: Project) -> set[str]:
    """Return the ids of finished loads."""
    tables = project.query(
        "select table_name from information_schema.tables where table_schema = 'raw'"
    )
    for table, query in (("runs", _FINISHED), ("_dlt_loads", _FINISHED_BEFORE_RUNS)):
        if (table,) in tables:
            return {load_id for (load_id,) in project.query(query)}
    return set()


def raw_rows(project: Project) -> Raw:
    """Return the rows of each raw table, those of weekly files in a group of their own."""
    found: Raw = {}
    for table, names in columns(project).items():
        kept = [name for name in names if name not in _OF_RUN | _ALSO_OF_RUN.get(table, set())]
        kind = "kind" if "kind" in names else f"'{table}'"
        casts = ", ".join(f"cast({name} as text)" for name in kept)
        for of, *row in project.query(f"select {kind}, {casts} from raw.{table}"):
            group = f"weekly {table}" if of in WEEKLY else table
            found.setdefault(group, Counter())[str(row)] += 1
    return found


def leftovers(project: Project) -> dict[str, int]:
    """Return how many rows of unfinished loads each raw table has, and how many are there twice."""
    finished = finished_loads(project)
    found = {}
    for table in columns(project):
        rows = project.query(f"select _dlt_load_id, row_id from raw.{table}")
        unfinished = sum(load_id not in finished for load_id, _ in rows)
        found[f"{table}, unfinished"] = unfinished
        found[f"{table}, twice"] = len(rows) - len({row_id for _, row_id in rows})
    return {name: count for name, count in found.items() if count}


def after_more_runs(before: Raw, after: Raw, runs: int) -> Raw:
    """Return what `runs` runs must leave, of which the first leaves `after`.

    Jira and Slack have their rows once per finished run. All else is loaded once.
    """
    expected = {}
    for table, rows in after.items():
        more = rows - before.get(table, Counter())
        times = runs if table.startswith("weekly ") else 1
        expected[table] = before.get(table, Counter()) + Counter(
            {row: count * times for row, count in more.items()}
        )
    return expected
