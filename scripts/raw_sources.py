"""Write the dbt sources of the raw tables from the loader's definitions: `make sources`."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import yaml

from loader.tables import BOOKKEEPING, DATASET, DLT_TABLES, RUNS, TABLES
from loader.tables.arrow import database_columns
from loader.tables.contents import RAW_CONTENT_TABLES
from loader.tables.definition import RawTable
from loader.workspace.kinds import Kind

FILE = Path(__file__).parents[1] / "dbt_project/models/staging/_raw__sources.yml"
# The types that dlt gives to columns, on both engines.
TYPES = {
    pa.string(): "varchar",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp with time zone",
}
_HEAD = "# Generated from loader/tables by scripts/raw_sources.py: make sources\n"
_FRESHNESS: dict[str, Any] = {
    "generated_reports": {"warn_after": {"count": 15, "period": "day"}, "error_after": None},
    "rejections": None,
    "people": None,
    "runs": None,
    **dict.fromkeys((table.name for table in RAW_CONTENT_TABLES), None),  # same as their texts
}


def generate() -> str:
    """Return the text of `_raw__sources.yml`."""
    tables = [_table(table) for table in (RUNS, *TABLES.values())]
    source = {
        "name": DATASET,
        "description": "Every version of everything that was loaded, and its origin. Append-only.",
        "schema": DATASET,
        "loader": "dlt",
        "config": {
            "loaded_at_field": "loaded_at",
            "freshness": {
                "warn_after": {"count": 8, "period": "day"},
                "error_after": {"count": 15, "period": "day"},
            },
            # Our other objects: macros/objects.sql.
            "meta": {"also_ours": {DATASET: [*DLT_TABLES], "bookkeeping": [*BOOKKEEPING]}},
        },
        "tables": tables,
    }
    return _HEAD + yaml.safe_dump({"sources": [source]}, sort_keys=False, width=120)


def _table(table: RawTable) -> dict[str, Any]:
    found: dict[str, Any] = {"name": table.name, "description": table.row.__doc__}
    if table.name in _FRESHNESS:
        found["config"] = {"freshness": _FRESHNESS[table.name]}
    found["columns"] = [_column(table, field) for field in database_columns()[table.name]]
    return found


def _column(table: RawTable, field: "pa.Field[Any]") -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": field.name,
        "description": (field.metadata or {})[b"description"].decode(),
        "data_type": TYPES[field.type],
    }
    if not field.nullable:
        found["constraints"] = [{"type": "not_null"}]
    if field.name == "team" and table.name in list(Kind):
        found["data_tests"] = [{"has_seeded_team": {"arguments": {"table": table.name}}}]
    return found


if __name__ == "__main__":
    FILE.write_text(generate())
