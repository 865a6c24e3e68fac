"""The final tables: rows in a comparable form, and the rows of the example."""

import json
from typing import Any

from tests.support.project import FINALS, Project

EXAMPLE_COUNTS = {
    "organizations": 2,
    "teams": 4,
    "report_types": 3,
    "daily_reports": 77,
    "meeting_transcripts": 18,
    "jira_snapshots": 4,
    "slack_captures": 8,
    "generated_reports": 4,
    "report_data_links": 99,
}
WEEKLY = ("jira_snapshots", "slack_captures")
# New at each run: left out of comparisons.
IDS_OF_RUNS = {
    "jira_snapshots": {"id"},
    "slack_captures": {"id"},
    "report_data_links": {"id", "jira_snapshot_id", "slack_capture_id"},
}
MOMENTS = {"created_at", "updated_at", "loaded_at"}


def table_counts(project: Project) -> dict[str, int]:
    return {table: project.query(f"select count(*) from public.{table}")[0][0] for table in FINALS}


def snapshot(project: Project, leave_out: set[str] = MOMENTS) -> dict[str, list[tuple[Any, ...]]]:
    """Return all final rows, as text; weekly rows by content."""
    found = {}
    with project.warehouse(is_read_only=True) as warehouse:
        columns = warehouse.fetch(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' order by ordinal_position"
        )
        for table in FINALS:
            hidden = leave_out | IDS_OF_RUNS.get(table, set())
            names = [name for of, name in columns if of == table and name not in hidden]
            casts = ", ".join(f"cast({name} as text)" for name in names)
            rows = warehouse.fetch(f"select {casts} from public.{table}")
            if "output" in names:  # the engines write JSON differently
                at = names.index("output")
                rows = [(*row[:at], _sorted(row[at]), *row[at + 1 :]) for row in rows]
            found[table] = [tuple(names), *sorted(rows, key=str)]
    return found


def _sorted(document: str | None) -> Any:  # noqa: ANN401
    """Return a JSON document with sorted keys, also within texts."""
    return json.loads(json.dumps(json.loads(document or "null"), sort_keys=True))
