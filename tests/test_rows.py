from pathlib import Path

import pyarrow as pa
import yaml

from loader import tables

SOURCES = Path(__file__).parent.parent / "dbt_project/models/staging/_raw__sources.yml"
TYPES = {
    pa.string(): "text",
    pa.int64(): "bigint",
    pa.date32(): "date",
    pa.timestamp("us", tz="UTC"): "timestamp with time zone",
}


def test_dbt_declares_the_raw_tables_as_the_loader_makes_them() -> None:
    (source,) = yaml.safe_load(SOURCES.read_text())["sources"]
    declared = {
        table["name"]: (
            table["description"],
            [(c["name"], c["data_type"], c["description"]) for c in table["columns"]],
        )
        for table in source["tables"]
        if table["name"] != "_dlt_loads"
    }
    made = {
        table.name: (
            table.description,
            [
                *(
                    (f.name, TYPES[f.type], (f.metadata or {})[b"description"].decode())
                    for f in table.schema
                ),
                ("_dlt_load_id", "text", "The load that brought the row."),
            ],
        )
        for table in tables.TABLES.values()
    }
    assert made == declared
