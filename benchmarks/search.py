"""Compare search with `ilike` on a million entries and turns in PostgreSQL; print a table.

    python -m benchmarks.search [--rows 1000000] [--repeat 9]

The texts are those of `benchmarks/million.py`. Figures are medians of warm repetitions, in wall
time.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from benchmarks.measure import Server
from benchmarks.million import fill
from loader.reading import Reader
from loader.settings import load_settings

_CASES = (
    ("a word in 20 rows", "rare", "rare", "50 ms"),
    ("a word in a third of the rows", "common", "common", "500 ms"),
    ("a phrase in 1 % of the rows", '"two words"', "two words", ""),
    ("both of these words", "rare common", "", ""),
    ("a common word, and not another one", "common -w0", "", ""),
    ("either of two common words", "common or other", "", ""),
    ("texts without a common word", "-common", "", ""),
    ("a word that is nowhere", "nowhere", "nowhere", ""),
)
_ILIKE = """
    select count(*)
    from (
        select id from content.report_entries where text ilike %(like)s
        union all
        select id from content.transcript_turns where text ilike %(like)s
    ) as found
"""
_RANK_OF_ALL = """
    select id, rank
    from (
        select id, ts_rank(search, query) as rank
        from content.report_entries, websearch_to_tsquery('simple', %(words)s) as query
        where search @@ query
        union all
        select id, ts_rank(search, query) as rank
        from content.transcript_turns, websearch_to_tsquery('simple', %(words)s) as query
        where search @@ query
    ) as found
    order by rank desc
    limit 20
"""


def main() -> None:
    """Run the benchmark, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeat", type=int, default=9)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "postgres")
        try:
            server.renew()
            place = {"WAREHOUSE_DIR": folder, "BLOB_STORE": "local"}
            environ = place | {"DATABASE_URL": server.url}
            fill(environ, args.rows)
            sizes(server.url)
            compare(environ, args.repeat)
        finally:
            server.stop()


def sizes(url: str) -> None:
    """Print the sizes of the tables and of their search indexes."""
    query = (
        "select pg_size_pretty(pg_total_relation_size(cast(%s as regclass))),"
        " pg_size_pretty(pg_relation_size(cast(%s as regclass)))"
    )
    with psycopg.connect(url) as connection:
        for table in ("report_entries", "transcript_turns"):
            names = (f"content.{table}", f"content.idx_{table}_search")
            print(*names, *(connection.execute(query, names).fetchone() or ()))


def compare(environ: dict[str, str], repeat: int) -> None:
    """Print the comparison."""
    columns = "| searched for | search | goal, at most | `ilike`, count | `ts_rank` of all hits |"
    print(columns, "| --- | --- | --- | --- | --- |", sep="\n")
    with (
        psycopg.connect(environ["DATABASE_URL"], autocommit=True) as connection,
        Reader(load_settings("dev", environ)) as reader,
    ):
        for what, words, like, limit in _CASES:
            cells = [f"{_milliseconds(repeat, partial(reader.search, words)):,.0f} ms", limit]
            for query in (_ILIKE, _RANK_OF_ALL):
                if not like:
                    cells.append("")
                    continue
                ask = partial(_fetch, connection, query, {"like": f"%{like}%", "words": words})
                cells.append(f"{_milliseconds(3, ask):,.0f} ms")
            print(f"| {what} | {' | '.join(cells)} |", flush=True)


def _fetch(connection: psycopg.Connection, query: str, params: dict[str, str]) -> None:
    connection.execute(query.encode(), params).fetchall()


def _milliseconds(times: int, act: Callable[[], Any]) -> float:
    act()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return 1000 * median(taken)


if __name__ == "__main__":
    main()
