"""Fill the tables of an empty database with a million made-up entries and turns of 12 words.

One word is in a third of the rows, another one in 20 rows. The same statements run on both engines.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import duckdb
import psycopg

from benchmarks.measure import ROOT

# A Zipf-like distribution: word 0 is in every second text.
_WORDS = """
    (
        select
            string_agg(
                'w' || cast(floor(power(random(), 4) * 20000 + 0 * (number + each)) as integer), ' '
            )
        from generate_series(1, 11) as each
    )
    || case when random() < 0.333 then ' common' else ' other' end
    || case when number % ({rows} / 20) = 7 then ' rare' else '' end
    || case when number % 100 = 3 then ' two words' else '' end
"""
_FILL = """
    insert into content.people (
        id, organization_id, team_id, key, full_name, first_seen, last_seen, created_at, updated_at
    )
    select
        cast(md5('Author ' || number) as uuid), team.organization_id, team.id, 'author-' || number,
        'Author ' || number, date '2020-01-01', date '2020-01-01' + cast({rows} / 450 as integer),
        now(), now()
    from generate_series(0, 49) as number
    cross join (select id, organization_id from teams order by name limit 1) as team;

    insert into content.people_aliases (
        id, team_id, alias, person_id, origin, changed_by, created_at, updated_at
    )
    select gen_random_uuid(), team_id, full_name, id, 'spelling', 'benchmark', now(), now()
    from content.people
    where key like 'author-%';

    insert into daily_reports (id, team_id, report_date, content, author_name)
    select
        gen_random_uuid(), team.id, date '2020-01-01' + cast(number / 50 as integer), 'x',
        'Author ' || number % 50
    from generate_series(0, {rows} / 9) as number
    cross join (select id from teams order by name limit 1) as team;

    insert into meeting_transcripts (id, team_id, transcript_date, filename, transcript_text)
    select
        gen_random_uuid(), team.id, date '2020-01-01' + cast(number as integer),
        number || '.md', 'x'
    from generate_series(0, {rows} / 500) as number
    cross join (select id from teams order by name limit 1) as team;

    insert into content.report_entries (
        id, daily_report_id, team_id, day, person_id, position, section_kind, text, search_text,
        loaded_at, created_at, updated_at
    )
    select
        gen_random_uuid(), id, team_id, report_date, cast(md5(author_name) as uuid), position,
        'done', words, words, now(), now(), now()
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
        gen_random_uuid(), team.id, date '2020-01-06' + cast(7 * number as integer),
        date '2020-01-12' + cast(7 * number as integer),
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


def fill(environ: Mapping[str, str], rows: int) -> None:
    """Build the tables of an empty database with dbt, and fill them.

    Args:
        environ: The settings of the database: DATABASE_URL for PostgreSQL, WAREHOUSE_DIR.
        rows: The number of entries and turns.
    """
    url = environ.get("DATABASE_URL")
    dbt = [str(Path(sys.executable).parent / "dbt"), "--quiet", "build"]
    target = ["--target", "dev" if url else "local"]
    left_out = ["--exclude-resource-type", "test", "unit_test"]
    subprocess.run([*dbt, *target, *left_out], cwd=ROOT, env={**os.environ, **environ}, check=True)
    statements = _FILL.format(words=_WORDS.format(rows=rows), rows=rows).split(";")[:-1]
    if url:
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())
            connection.execute("vacuum analyze")
    else:
        with duckdb.connect(Path(environ["WAREHOUSE_DIR"]) / "warehouse.duckdb") as file:
            file.execute("set integer_division = true")
            file.execute("set search_path = 'public'")
            for statement in statements:
                file.execute(statement)
