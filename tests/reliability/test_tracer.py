"""The tracer counts the expected operations, and kills just before one of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.postgres import Postgres

TRACER = Path(__file__).parents[1] / "support/tracer"
# In place of the loader: the tracer starts at `loader.cli.main`.
MAIN = """
import os, sys
open("before", "w").close()

def files():
    with open("a", "w") as file:
        file.write("text")
    os.rename("a", "b")
    os.mkdir("folder")
    os.rmdir("folder")
    os.remove("b")

def parquet():
    import pyarrow as pa, pyarrow.parquet as pq
    table = pa.table({"x": [1]})
    with pq.ParquetWriter("file.parquet", table.schema) as writer:
        writer.write_table(table)

def duckdb():
    import duckdb
    with duckdb.connect("file.duckdb") as connection:
        connection.begin()
        connection.execute("create table made (x int)")
        connection.commit()

def postgres():
    import adbc_driver_postgresql.dbapi, psycopg, psycopg2, pyarrow as pa
    url = os.environ["URL"]
    with psycopg.connect(url) as connection, connection.transaction():
        connection.execute("create table made (x int)")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("select 1")
    with adbc_driver_postgresql.dbapi.connect(url) as connection, connection.cursor() as cursor:
        cursor.adbc_ingest("ingested", pa.table({"x": [1]}))
        connection.commit()

def pool():
    from concurrent.futures import ProcessPoolExecutor
    with ProcessPoolExecutor(1) as pool:
        pool.submit(files).result()

def main():
    globals()[sys.argv[1]]()
"""
OPERATIONS = {
    "files": ["open a", "close a", "os.rename a", "os.mkdir folder", "os.rmdir", "os.remove b"],
    "parquet": ["ParquetWriter.__init__", "ParquetWriter.write_table", "ParquetWriter.close"],
    "duckdb": ["duckdb connect", ".begin", ".execute create table made", ".commit", ".__exit__"],
    "postgres": [
        *("Transaction.__enter__", "psycopg Cursor.execute create table", "Transaction.__exit__"),
        *("psycopg Connection.commit", "psycopg Connection.close"),
        *("psycopg2 Cursor.execute select 1", "psycopg2 Connection.commit"),
        *("Cursor.adbc_ingest ingested", "adbc_driver_manager Connection.commit"),
        "adbc_driver_manager Connection.close",
    ],
}


def trace(folder: Path, what: str, **environ: str) -> int:
    package = folder / "loader"
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()  # so that it comes before the installed one
    (package / "cli.py").write_text(MAIN)
    call = "import loader.cli; loader.cli.main()"
    path = os.pathsep.join([str(TRACER), str(folder)])
    ended = subprocess.run(
        [sys.executable, "-c", call, what],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COUNT_TO": "count", **environ},
        check=False,
    )
    return ended.returncode


@pytest.mark.parametrize("what", OPERATIONS)
def test_operations_are_counted_by_name(
    tmp_path: Path, what: str, request: pytest.FixtureRequest
) -> None:
    environ = {}
    if what == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        environ["URL"] = server.create_database("traced")
    assert trace(tmp_path, what, **environ) == 0
    count, *names = (tmp_path / "count").read_text().splitlines()
    assert int(count) == len(names)
    rest = iter(names)
    for operation in OPERATIONS[what]:
        assert any(operation in name for name in rest), f"{operation} is not in its place: {names}"


def test_the_process_is_killed_right_before_its_nth_operation(tmp_path: Path) -> None:
    left = []
    for number in range(1, len(OPERATIONS["files"]) + 1):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert trace(folder, "files", KILL_AT=str(number)) == -9
        assert (folder / "count").read_text().splitlines()[0] == str(number)
        there = {path.name: path for path in folder.iterdir()}
        text = there["a"].read_text() if "a" in there else None
        left.append((text, sorted({"b", "folder"} & set(there))))
    assert left == [
        (None, []),
        ("", []),  # written data is not flushed before the file is closed
        ("text", []),
        (None, ["b"]),
        (None, ["b", "folder"]),
        (None, ["b"]),
    ]
    assert trace(tmp_path, "files", KILL_AT="7") == 0


def test_the_process_of_a_pool_is_killed_in_place_of_its_parent(tmp_path: Path) -> None:
    assert trace(tmp_path, "pool", KILL_CHILD_AT="3") == 1
    assert (tmp_path / "a").read_text() == "text"
    assert trace(tmp_path, "pool", KILL_CHILD_AT="7") == 0
