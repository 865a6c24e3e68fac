"""Compare search with `ilike` on a million entries and turns in PostgreSQL; print a table.

    python -m benchmarks.search [--rows 1000000] [--repeat 9]

Builds the tables with dbt, and fills them with made-up texts of 12 words. One word is in a third of
the rows, another in one of 20. Figures are medians of warm repetitions, in wall time.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from benchmarks.measure import ROOT, Server
from loader.reading import Reader
from loader.settings import load_settings

# A Zipf-like distribution: word 0 is in every second text.
_WORDS = """
    (
        select string_agg('w' || floor(power(random(), 4) * 20000 + 0 * (number + each)), ' ')
        from generate_series(1, 11) as each
    )
    || case when random() < 0.333 then ' common' else ' other' end
    || case when number % ({rows} / 20) = 7 then ' rare' else '' end
    || case when number % 100 = 3 then ' two words' else '' end
"""
_FILL = """
    insert into daily_reports (id, team_id, report_date, content, author_name)
    select
        gen_random_uuid(), team.id, date '2020-01-01' + number / 50, 'x', 'Author ' || number % 50
    from generate_series(0, {rows} / 9) as number
    cross join (select id from teams order by name limit 1) as team;

    insert into meeting_transcripts (id, team_id, transcript_date, filename, transcript_text)
    select
        gen_random_uuid(), team.id, date '2020-01-01' + number, number || '.md', 'x'
    from generate_series(0, {rows} / 500) as number
    cross join (select id from teams order by name limit 1) as team;

    insert into content.report_entries (
        id, daily_report_id, team_id, day, position, section_kind, text, search_text, loaded_at,
        created_at, updated_at
    )
    select
        gen_random_uuid(), id, team_id, report_date, position, 'done', words, words, now(), now(),
        now()
    from (
        select parent.*, number % 5 + 1 as position, {words} as words
        from generate_series(0, {rows} / 2 - 1) as number
        inner join
            (
                select *, row_number() over (order by report_date) - 1 as n from daily_reports
            ) as parent
            on parent.n = number / 5
    ) as made;

    insert into content.transcript_turns (
        id, meeting_transcript_id, team_id, day, position, speaker, text, search_text, loaded_at,
        created_at, updated_at
    )
    select
        gen_random_uuid(), id, team_id, transcript_date, position, 'Speaker', words, words, now(),
        now(), now()
    from (
        select parent.*, number % 300 + 1 as position, {words} as words
        from generate_series(0, {rows} / 2 - 1) as number
        inner join
            (
                select *, row_number() over (order by transcript_date) - 1 as n
                from meeting_transcripts
            ) as parent
            on parent.n = number / 300
    ) as made;

    insert into jira_snapshots (
        id, team_id, collected_week_start, collected_week_end, blob_key, blob_url, loaded_at
    )
    select
        gen_random_uuid(), team.id, date '2020-01-06' + 7 * number, date '2020-01-12' + 7 * number,
        'key', 'local:key', now()
    from generate_series(0, 199) as number
    cross join (select id from teams order by name limit 1) as team;

    insert into content.jira_issues (
        id, jira_snapshot_id, team_id, day, position, issue_key, summary, search_text, loaded_at,
        created_at, updated_at
    )
    select
        gen_random_uuid(), id, team_id, collected_week_end, position, 'ROCKS-' || position, words,
        'rocks ' || position || ' ' || words, now(), now(), now()
    from (
        select parent.*, number as position, {words} as words
        from generate_series(0, {rows} / 4000 - 1) as number
        cross join jira_snapshots as parent
    ) as made;
"""
_CASES = (
    ("a word in 20 rows", "rare", "rare", "50 ms"),
    ("a word in a third of the rows", "common", "common", "500 ms"),
    ("a phrase in 1 % of the rows", '"two words"', "two words", ""),
    ("both of these words", "rare common", "", ""),
    ("a common word, and not another one", "common -w0", "", ""),
    ("either of two common words", "common or other", "", ""),
    ("what has not a common word", "-common", "", ""),
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
            compare(environ, args.repeat)
        finally:
            server.stop()


def fill(environ: dict[str, str], rows: int) -> None:
    """Build the tables of an empty database, and fill them with texts."""
    dbt = [str(Path(sys.executable).parent / "dbt"), "--quiet", "build", "--target", "dev"]
    left_out = ["--exclude-resource-type", "test", "unit_test"]
    subprocess.run([*dbt, *left_out], cwd=ROOT, env={**os.environ, **environ}, check=True)
    with psycopg.connect(environ["DATABASE_URL"], autocommit=True) as connection:
        begun = time.perf_counter()
        for statement in _FILL.format(words=_WORDS.format(rows=rows), rows=rows).split(";")[:-1]:
            connection.execute(statement.encode())
        print(f"{rows:,} entries and turns are there after {time.perf_counter() - begun:.0f} s.")
        connection.execute("vacuum analyze")
        for table in ("report_entries", "transcript_turns"):
            query = (
                "select pg_size_pretty(pg_total_relation_size(cast(%s as regclass))),"
                " pg_size_pretty(pg_relation_size(cast(%s as regclass)))"
            )
            names = (f"content.{table}", f"content.idx_{table}_search")
            print(*names, *(connection.execute(query, names).fetchone() or ()))


def compare(environ: dict[str, str], repeat: int) -> None:
    """Print the comparison."""
    columns = "| searched for | search | at most | `ilike`, count | `ts_rank` of all hits |"
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
