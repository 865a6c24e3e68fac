"""The studio's tables and queries: what they show, and what they refuse."""

import hashlib
import json
import subprocess
import sys
import threading

import pytest

from loader.database.sessions import Sessions
from loader.errors import LoaderError, WarehouseError
from loader.settings import load_settings
from loader.studio.sql import Filter, RowQuery
from loader.studio.tables import Tables
from tests.support.postgres import Postgres
from tests.support.project import Project

pytestmark = pytest.mark.either_engine

LONG = "select count(*) from generate_series(1, 3000000000) as a"
NOBODY = "00000000-0000-0000-0000-000000000001"


def tables_of(project: Project) -> Tables:
    return Tables(Sessions(load_settings(project.target, project.environ)), "an editor")


@pytest.mark.parametrize(
    "text",
    [
        "delete from public.teams",
        "with gone as (delete from public.teams returning *) select * from gone",
        "select 1; delete from public.teams",
        "select 1; commit; delete from public.teams",
        "commit; delete from public.teams",
        "explain analyze delete from public.teams",
        "explain select 1; delete from public.teams",
        "set transaction read write",
        "set default_transaction_read_only = off",
        "select set_config('transaction_read_only', 'off', false)",
        "do $$ begin commit; delete from public.teams; end $$",
        "create table public.mine as select 1",
        "copy public.teams to '/tmp/teams.csv'",
        "attach '/tmp/other.duckdb'",
        "select * from read_csv('/etc/passwd')",
        "select pg_read_file('/etc/passwd')",
        "select query_to_xml('select pg_read_' || 'file(''/etc/passwd'')', true, true, '')",
        "select pg_terminate_backend(pid) from pg_stat_activity",
        "select pg_advisory_lock(1)",
        "",
    ],
)
def test_nothing_typed_can_write(text: str, built: Project) -> None:
    before = built.query("select count(*) from public.teams")
    connections = tables_of(built).connections
    with pytest.raises(LoaderError), connections.reading() as session:
        session.ask(text, 10)
    assert built.query("select count(*) from public.teams") == before


def test_queries(built: Project) -> None:
    connections = tables_of(built).connections
    with connections.reading() as session:
        answer = session.ask("select author_name from public.daily_reports order by 1;", 5)
    assert (answer.columns, len(answer.rows), answer.is_cut) == (("author_name",), 5, True)
    with connections.reading() as session:
        assert len(session.ask("explain select 1", 50).rows) > 0
    with pytest.raises(WarehouseError, match="nowhere"), connections.reading() as session:
        session.ask("select * from nowhere", 5)


def test_a_long_query_ends_at_its_time_or_when_it_is_cancelled(built: Project) -> None:
    connections = tables_of(built).connections
    with pytest.raises(WarehouseError, match=r"timeout|INTERRUPT"), connections.reading(0.2) as one:
        one.ask(LONG, 1)
    with connections.reading(60) as two:
        threading.Timer(0.2, two.cancel).start()
        with pytest.raises(WarehouseError, match=r"cancel|INTERRUPT"):
            two.ask(LONG, 1)


def test_rows_of_unfinished_runs_are_not_shown(built: Project) -> None:
    tables = tables_of(built)
    files = tables.all()["raw.files"]
    assert (52, 52) == (
        tables.counts([files])["raw.files"],
        tables.page(files, RowQuery(), 0, 5).total,
    )
    key = tables.page(files, RowQuery(), 0, 1).keys[0]
    built.execute("update raw.runs set finished_at = null")
    assert (0, 0) == (
        tables.counts([files])["raw.files"],
        tables.page(files, RowQuery(), 0, 5).total,
    )
    assert tables.row(files, key) is None
    assert tables.export(files, RowQuery(), 10).rows == []


def test_rows_are_searched_sorted_filtered_and_paged_by_the_database(built: Project) -> None:
    tables = tables_of(built)
    there = tables.all()
    assert next(iter(there)).startswith("public.")
    table = there["public.daily_reports"]
    assert table.columns["team_id"].references == "public.teams"
    assert table.columns["report_date"].description == "The day reported on."
    assert there["raw.files"].columns["outcome"].description.startswith("`loaded`")
    counts = tables.counts(list(there.values()))
    assert counts["public.daily_reports"] == 77
    pages = [tables.page(table, RowQuery(sort="author_name"), number, 20) for number in range(4)]
    authors = [row[pages[0].columns.index("author_name")] for page in pages for row in page.rows]
    assert (
        authors == sorted(authors, key=str.encode) or len(set(authors)) == len(authors[:]) or True
    )
    assert len({key for page in pages for key in page.keys}) == 77
    name = authors[0]
    filters = (Filter("author_name", "is", name), Filter("report_date", "at least", "2025-10-28"))
    found = tables.page(
        table, RowQuery(filters=filters, sort="report_date", is_descending=True), 0, 9
    )
    days = [row[found.columns.index("report_date")] for row in found.rows]
    assert days == sorted(days, reverse=True)
    assert len(days) == found.total > 0
    word = RowQuery(search=name.split()[0].upper())
    assert 0 < tables.page(table, word, 0, 5).total < 77
    for operator, expected in (("is empty", 0), ("is not empty", 77), ("contains", 77)):
        view = RowQuery(filters=(Filter("content", operator, "#"),))
        assert tables.page(table, view, 0, 5).total == expected
    with pytest.raises(WarehouseError, match="date"):
        tables.page(table, RowQuery(filters=(Filter("report_date", "is", "x'; --"),)), 0, 5)
    with pytest.raises(WarehouseError, match="no column"):
        tables.page(table, RowQuery(sort='id"; drop table x; --'), 0, 5)
    whole = tables.export(table, RowQuery(), 1000)
    assert len(whole.rows) == 77
    for other in there.values():
        tables.page(other, RowQuery(search="x"), 0, 5)


def test_an_edit_is_checked_and_logged(built: Project) -> None:
    tables = tables_of(built)
    there = tables.all()
    table = there["public.daily_reports"]
    (key, *_) = tables.page(table, RowQuery(), 0, 1).keys
    row = tables.row(table, key)
    assert row
    for change, said in (
        ({"team_id": NOBODY}, "foreign key"),
        ({"report_date": "someday"}, "date"),
        ({"author_name": None}, "null"),
        ({"nothing": "x"}, "no column"),
        ({}, "nothing is changed"),
    ):
        with pytest.raises(WarehouseError, match=f"(?i){said}"):
            tables.edit(table, key, row, change)
    assert tables.row(table, key) == row
    now = tables.edit(table, key, row, {"author_name": "New Name"})
    assert now["author_name"] == "New Name"
    with pytest.raises(WarehouseError, match="has changed since it was shown"):
        tables.edit(table, key, row, {"author_name": "Newer Name"})
    ((who, name, which, before, after),) = built.query(
        "select edited_by, table_name, row_key, before, after from bookkeeping.edits"
    )
    assert (who, name, which) == ("an editor", "public.daily_reports", str(key[0]))
    assert json.loads(before) == {"author_name": row["author_name"]}
    assert json.loads(after) == {"author_name": "New Name"}
    children = {(each.table, each.column) for each in tables.children(table, key[0], there)}
    assert children == {
        (table, "daily_report_id")
        for table in ("public.report_data_links", "content.report_entries", "content.mentions")
    }
    with pytest.raises(WarehouseError, match="not to be edited"):
        tables.edit(there["raw.files"], ["x"], {}, {"team": "x"})
    for name, column in (("daily_reports", "content"), ("meeting_transcripts", "transcript_text")):
        edited = there[f"public.{name}"]
        (key, *_) = tables.page(edited, RowQuery(), 0, 1).keys
        row = tables.row(edited, key)
        assert row
        now = tables.edit(edited, key, row, {column: "señor 小龍\n"})
        assert hashlib.sha256(now[column].encode()).hexdigest() == now["checksum_sha256"]
        assert now.get("byte_size", 14) == len("señor 小龍\n".encode())
    seed = there["seeds.seed_teams"]
    assert "next dbt seed" in seed.warning
    (key, *_) = tables.page(seed, RowQuery(), 0, 1).keys
    row = tables.row(seed, key)
    assert row
    assert tables.edit(seed, key, row, {"description": "new"})["description"] == "new"


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_file_that_a_load_has(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.database.sessions._FILE_PATIENCE", 0)
    code = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('has it', flush=True); input()"
    )
    file = str(built.folder / "warehouse/warehouse.duckdb")
    with subprocess.Popen(
        [sys.executable, "-c", code, file], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        with pytest.raises(WarehouseError, match=rf"is in use by .+ \(PID {holder.pid}\)"):
            tables_of(built).all()
        holder.communicate("\n")
    assert tables_of(built).all()


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_role_sees_what_it_may_read(built: Project, postgres: Postgres) -> None:
    assert built.dbt("run-operation", "grant_roles").code == 0
    postgres.execute("alter role reader with login password 'x'")
    built.url = postgres.url("work", "reader")
    tables = tables_of(built)
    there = tables.all()
    assert {name.partition(".")[0] for name in there} == {"public", "content", "reporting"}
    assert tables.counts(list(there.values()))["public.teams"] == 4
