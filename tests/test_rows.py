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


def test_batches_are_bounded_by_rows_and_by_bytes() -> None:
    table, batches = rows.REJECTIONS, rows.Batches()
    row = [f.name if f.type == pa.string() else None for f in table.schema]
    full = [batch for _ in range(4001) for batch in batches.add(table, [row], 1)]
    assert [2000, 2000] == [batch.num_rows for _, batch in full]
    large = [batch for _ in range(3) for batch in batches.add(table, [row], 5 * 1024 * 1024)]
    assert [3] == [batch.num_rows for _, batch in large]
    assert [("rejections", 1)] == [(name, batch.num_rows) for name, batch in batches.rest()]
    assert list(batches.rest()) == []
