"""Compare the rows of raw and final tables, without columns that differ between runs."""

from collections import Counter

from loader.database.warehouse import Warehouse
from tests.support.finals import WEEKLY, snapshot
from tests.support.project import Project

# New in each run, so left out of comparisons.
_OF_RUN = {"row_id", "run_id", "loaded_at", "_dlt_load_id"}
_ALSO_OF_RUN = {"files": {"started_at"}}
_FINISHED = "select load_id from raw.runs where finished_at is not null"
_FINISHED_BEFORE_RUNS = "select load_id from raw._dlt_loads where status = 0"

Rows = dict[str, Counter[str]]


def columns(warehouse: Warehouse) -> dict[str, list[str]]:
    """Return the columns of each raw table that holds rows of files."""
    found: dict[str, list[str]] = {}
    for table, column in warehouse.fetch(
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'raw' order by table_name, column_name"
    ):
        found.setdefault(table, []).append(column)
    return {table: names for table, names in found.items() if "row_id" in names}


def finished_loads(project: Project) -> set[str]:
    """Return the ids of finished loads."""
    with project.warehouse(is_read_only=True) as warehouse:
        return _finished(warehouse)


def _finished(warehouse: Warehouse) -> set[str]:
    tables = warehouse.tables("raw")
    query = _FINISHED if "runs" in tables else _FINISHED_BEFORE_RUNS
    return {load_id for (load_id,) in warehouse.fetch(query)}


def raw_rows(project: Project) -> Rows:
    """Return the rows of each raw table, those of weekly files in a group of their own."""
    found: Rows = {}
    with project.warehouse(is_read_only=True) as warehouse:
        for table, names in columns(warehouse).items():
            hidden = _OF_RUN | _ALSO_OF_RUN.get(table, set())
            casts = ", ".join(f"cast({name} as text)" for name in names if name not in hidden)
            kind = "kind" if "kind" in names else f"'{table}'"
            for of, *row in warehouse.fetch(f"select {kind}, {casts} from raw.{table}"):
                group = f"weekly {table}" if of in WEEKLY else table
                found.setdefault(group, Counter())[str(row)] += 1
    return found


def leftovers(project: Project) -> dict[str, int]:
    """Return for each raw table the rows of unfinished loads, and the duplicate rows."""
    found = {}
    with project.warehouse(is_read_only=True) as warehouse:
        finished = _finished(warehouse)
        for table in columns(warehouse):
            rows = warehouse.fetch(f"select _dlt_load_id, row_id from raw.{table}")
            found[f"{table}, unfinished"] = sum(load_id not in finished for load_id, _ in rows)
            found[f"{table}, twice"] = len(rows) - len({row_id for _, row_id in rows})
    return {name: count for name, count in found.items() if count}


def final_rows(project: Project) -> Rows:
    """Return the rows of each final table, weekly rows with their number."""
    return {
        f"weekly {table}" if table in WEEKLY else table: Counter(map(str, rows[1:]))
        for table, rows in snapshot(project).items()
    }


def after_more_runs(before: Rows, after: Rows, runs: int) -> Rows:
    """Return the expected result of `runs` runs if the first one leaves `after`.

    Jira and Slack have their rows once per finished run, all others once.
    """
    none: Counter[str] = Counter()
    expected = dict(after)
    for table in after:
        if table.startswith("weekly "):
            more = after[table] - before.get(table, none)
            of_runs = Counter({row: count * runs for row, count in more.items()})
            expected[table] = before.get(table, none) + of_runs
    return expected


def differences(expected: Rows, found: Rows) -> dict[str, tuple[list[str], list[str]]]:
    """Return the missing rows and the surplus rows of each table."""
    none: Counter[str] = Counter()
    different = {}
    for table in sorted(expected | found):
        wanted, there = expected.get(table, none), found.get(table, none)
        if wanted != there:
            lacking, surplus = (wanted - there).elements(), (there - wanted).elements()
            different[table] = (list(lacking), list(surplus))
    return different


def unfinish_latest_run(project: Project) -> None:
    """Turn the latest run with rows into an unfinished one."""
    latest = "load_id = (select max(load_id) from raw.runs)"
    project.execute(f"update raw.runs set finished_at = null where {latest}")
