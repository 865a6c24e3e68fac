"""Build the final daily reports with one hand-written statement, and print its cost.

    python -m benchmarks.upsert TARGET first|next

TARGET is a PostgreSQL address or a DuckDB file with `raw` and `public.teams`. The rows go into
the schema `hand`, with the keys and indexes of the final table. `next` takes only the rows of the
latest load.
"""

import json
import sys
import time

import duckdb
import psycopg

_TABLE = """
    create schema if not exists hand;
    drop table if exists hand.daily_reports;
    create table hand.daily_reports (
        id uuid primary key,
        team_id uuid not null {reference},
        report_date date not null,
        content text not null,
        blob_key text,
        blob_url text,
        author_name text not null,
        checksum_sha256 text,
        loaded_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        unique (team_id, author_name, report_date)
    )
"""
_INDEXES = """
    create index hand_team on hand.daily_reports (team_id);
    create index hand_day on hand.daily_reports (team_id, report_date)
"""
_UPSERT = """
    insert into hand.daily_reports
    select distinct on (teams.id, author_name, report_date)
        md5(teams.id::text || author_name || report_date::text)::uuid,
        teams.id, report_date, content, blob_key, blob_url, author_name, checksum_sha256, loaded_at,
        now(), now()
    from raw.daily_reports
    left join seeds.seed_team_aliases as aliases on alias = daily_reports.team
    inner join public.teams on teams.name = coalesce(aliases.team, daily_reports.team)
    where _dlt_load_id in (select load_id from raw.runs where finished_at is not null {latest})
    order by
        teams.id, author_name, report_date, daily_reports.loaded_at desc, source_path desc,
        line_number desc
    on conflict (team_id, author_name, report_date) do update set
        content = excluded.content, blob_key = excluded.blob_key, blob_url = excluded.blob_url,
        checksum_sha256 = excluded.checksum_sha256, loaded_at = excluded.loaded_at,
        updated_at = excluded.updated_at
    where daily_reports.checksum_sha256 is distinct from excluded.checksum_sha256
"""
_LATEST = "and load_id = (select max(load_id) from raw.runs)"


def main(target: str, which: str) -> None:
    """Upsert the rows, and print the cost."""
    is_postgres = target.startswith("postgresql:")
    connection = psycopg.connect(target, autocommit=True) if is_postgres else duckdb.connect(target)
    wall, cpu = time.perf_counter(), time.process_time()
    if which == "first":
        # DuckDB's final tables have neither foreign keys nor indexes.
        reference = "references public.teams" if is_postgres else ""
        for statement in _TABLE.format(reference=reference).split(";"):
            connection.execute(statement)
    connection.execute(_UPSERT.format(latest="" if which == "first" else _LATEST))
    if which == "first" and is_postgres:
        connection.execute(_INDEXES)
    connection.close()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}))


if __name__ == "__main__":
    main(*sys.argv[1:])
