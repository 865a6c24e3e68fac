"""Measure the minimum cost of loading rows: already parsed, in one transaction.

    python -m benchmarks.floor FOLDER TARGET

FOLDER holds an Arrow file for each raw table. TARGET is a PostgreSQL address, loaded with psycopg's
binary COPY, or a new DuckDB file, loaded from Arrow.
"""

import json
import sys
import time
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa

_TYPES = {"string": "text", "int64": "bigint", "date32[day]": "date"}


def main(folder: str, target: str) -> None:
    """Load the rows, and print the cost."""
    tables = {
        file.stem: pa.ipc.open_file(pa.memory_map(str(file))).read_all()
        for file in sorted(Path(folder).glob("*.arrow"))
    }
    into = _postgres if target.startswith("postgresql:") else _duckdb
    print(json.dumps(into(tables, target)))


def _postgres(tables: dict[str, pa.Table], url: str) -> dict[str, float]:
    types = {
        name: [_TYPES.get(str(field.type), "timestamptz") for field in table.schema]
        for name, table in tables.items()
    }
    with psycopg.connect(url, autocommit=True) as connection:
        for name, table in tables.items():
            columns = zip(table.schema.names, types[name], strict=True)
            definition = ", ".join(f"{column} {kind}" for column, kind in columns)
            connection.execute(f"create table {name} ({definition})".encode())
    rows = {
        name: list(zip(*(column.to_pylist() for column in table.columns), strict=True))
        for name, table in tables.items()
    }
    wall, cpu = time.perf_counter(), time.process_time()
    with psycopg.connect(url) as connection:
        for name, of_table in rows.items():
            statement = f"copy {name} from stdin (format binary)".encode()
            with connection.cursor().copy(statement) as copy:
                copy.set_types(types[name])
                for row in of_table:
                    copy.write_row(row)
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _duckdb(tables: dict[str, pa.Table], file: str) -> dict[str, float]:
    Path(file).unlink(missing_ok=True)
    connection = duckdb.connect(file)
    for name, table in tables.items():
        connection.register(f"arrow_{name}", table)
        connection.execute(f"create table {name} as from arrow_{name} limit 0")
    wall, cpu = time.perf_counter(), time.process_time()
    connection.execute("begin")
    for name in tables:
        connection.execute(f"insert into {name} from arrow_{name}")
    connection.execute("commit")
    connection.close()
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


if __name__ == "__main__":
    main(*sys.argv[1:])
