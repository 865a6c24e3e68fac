"""The studio's tables and queries: their content, and their errors."""

import subprocess
import sys
import threading

import pytest

from loader.database.sessions import Sessions
from loader.errors import LoaderError, WarehouseError
from loader.settings import load_settings
from loader.studio.sql import Filter, RowQuery
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.table_pages import opened, walk

pytestmark = pytest.mark.either_engine

LONG = (  # takes hours, on either engine
    "select count(a.n + b.n) from generate_series(1, 1000000) as a (n),"
    " generate_series(1, 1000000) as b (n)"
)
READING = [
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
    "copy (select 1) to program 'touch /tmp/made'",
    "attach '/tmp/other.duckdb'",
    "install httpfs",
    "load httpfs",
    "export database '/tmp/other'",
    "set enable_external_access = true",
    "select * from read_csv('/etc/passwd')",
    "select * from read_text('/etc/passwd')",
    "select * from glob('/etc/*')",
    "select * from '/etc/passwd'",
    "select pg_read_file('/etc/passwd')",
    "select pg_catalog.\"pg_read_file\" /* x */ ('/etc/passwd')",
    "select query_to_xml('select pg_read_' || 'file(''/etc/passwd'')', true, true, '')",
    "select pg_terminate_backend(pid) from pg_stat_activity",
    "select pg_advisory_lock(1)",
    "select lo_create(0)",
    "select lo_import('/etc/passwd')",
    "select nextval('public.numbers')",
    "select 1 into public.mine",
    "select * from public.teams for update",
    "",
]


def test_typed_statements_cannot_write(built: Project) -> None:
    before = built.query("select count(*) from public.teams")
    sessions = Sessions(load_settings(built.target, built.environ))
    for text in READING:
        with pytest.raises(LoaderError), sessions.reading() as session:
            session.ask(text, 10)
    assert built.query("select count(*) from public.teams") == before


@pytest.mark.parametrize("engine", ["postgres"])
def test_functions_of_others_do_not_run(built: Project) -> None:
    """Yield a superuser's session, in a database with functions that run other SQL."""
    for name, kind in (("crosstab", "stable"), ("pure", "immutable"), ("dblink", "volatile")):
        built.execute(
            f"create function public.{name}(text) returns text language plpgsql {kind} as"
            " 'declare found text; begin execute $1 into found; return found; end'"
        )
    built.execute("create view public.leak as select pg_read_file('/etc/passwd') as text")
    built.execute("create view public.more as select 'a\\b' as a, leak.* from public.leak")
    built.execute("create sequence public.numbers")
    sessions = Sessions(load_settings(built.target, built.environ))
    for call in (
        *(f"select public.{name}('select 1')" for name in ("crosstab", "pure", "dblink")),
        "select * from public.leak",
        'select * from public."more"',
        "select nextval('public.numbers')",
    ):
        with pytest.raises(WarehouseError, match="do not run here"), sessions.reading() as session:
            session.ask(call, 10)
    # PostgreSQL's own functions, and our views, may.
    for text in ("select lower(team), now(), random() from reporting.team_week", "table teams"):
        with sessions.reading() as session:
            assert session.ask(text, 10).rows


@pytest.mark.parametrize("engine", ["duckdb"])
def test_variables_of_this_process_are_no_tables(built: Project) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    secrets = pyarrow.table({"a": ["secret"]})
    assert secrets.num_rows == 1
    sessions = Sessions(load_settings(built.target, built.environ))
    with pytest.raises(WarehouseError, match="secrets"), sessions.reading() as session:
        session.ask("select * from secrets", 10)


def test_queries(built: Project) -> None:
    sessions = Sessions(load_settings(built.target, built.environ))
    with sessions.reading() as session:
        answer = session.ask("select author_name from public.daily_reports order by 1;", 5)
    assert (answer.columns, len(answer.rows), answer.is_cut) == (("author_name",), 5, True)
    with sessions.reading() as session:
        assert len(session.ask("explain select 1", 50).rows) > 0
    with pytest.raises(WarehouseError, match="nowhere"), sessions.reading() as session:
        session.ask("select * from nowhere", 5)


def test_a_long_query_ends_at_its_time_or_when_it_is_cancelled(built: Project) -> None:
    sessions = Sessions(load_settings(built.target, built.environ))
    with pytest.raises(WarehouseError, match=r"timeout|INTERRUPT"), sessions.reading(0.2) as one:
        one.ask(LONG, 1)
    with sessions.reading(60) as two:
        threading.Timer(0.2, two.cancel).start()
        with pytest.raises(WarehouseError, match=r"cancel|INTERRUPT"):
            two.ask(LONG, 1)


def test_rows_of_unfinished_runs_are_not_shown(built: Project) -> None:
    with opened(built) as (tables, session, there):
        files = there["raw.files"]
        assert tables.counts(session, [files])["raw.files"].rows == 52
        key = tables.page(session, files, RowQuery(), files.listed, size=1).keys[0]
        assert tables.row(session, files, key)
    built.execute("update raw.runs set finished_at = null")
    with opened(built) as (tables, session, there):
        files = there["raw.files"]
        assert tables.counts(session, [files])["raw.files"].rows == 0
        assert tables.page(session, files, RowQuery(), files.listed, size=5).rows == []
        assert tables.row(session, files, key) is None
        assert [*tables.batches(session, files, RowQuery())] == []


def test_all_rows_of_all_tables_come_once_page_by_page(built: Project) -> None:
    built.execute("update public.daily_reports set blob_key = null where author_name < 'F'")
    with opened(built) as (tables, session, there):
        assert {table.group for table in there.values()} == {
            *("Final tables", "What the texts say", "Views", "Seeds", "Raw", "Bookkeeping")
        }
        for table in there.values():
            whole = [row for rows in tables.batches(session, table, RowQuery()) for row in rows]
            size = max(7, len(whole) // 9)
            forth, back = walk(tables, session, table, RowQuery(), size)
            assert (len(forth), len(set(forth))) == (len(whole), len(whole)), table.name
            assert back == forth, table.name
        reports = there["public.daily_reports"]
        for column in reports.columns.values():
            for is_down in (False, True):
                if not column.is_sortable:
                    continue
                query = RowQuery(sort=column.name, is_descending=is_down)
                forth, back = walk(tables, session, reports, query, 20)
                assert (len(set(forth)), back) == (77, forth), column.name
                place = [*reports.columns].index(column.name)
                exported = [r[place] for b in tables.batches(session, reports, query) for r in b]
                values = [each for each in exported if each is not None]
                assert exported == values + [None] * (77 - len(values))
                if column.type == "date":
                    assert values == sorted(values, reverse=is_down)


def test_rows_are_searched_and_filtered_by_the_database(built: Project) -> None:
    with opened(built) as (tables, session, there):
        table = there["public.daily_reports"]
        assert [column.name for column in table.listed[:3]] == [
            *("author_name", "report_date", "content")
        ]
        assert [column.name for column in table.readable[-2:]] == ["updated_at", "id"]
        assert table.columns["team_id"].references == "public.teams"
        columns = [column for table in there.values() for column in table.columns.values()]
        references = {column.references for column in columns if column.references}
        assert {"public.teams", "content.people"} < references <= there.keys()
        copied = there["content.report_entries"].columns["team_id"]
        assert (copied.references, copied.is_copied) == ("public.teams", True)
        [(team, *_)] = session.fetch("select id from public.teams where name = 'rocks'").rows
        children = tables.children(session, there["public.teams"], team, there)
        assert {each.table.name for each in children} == {
            *("public.daily_reports", "public.meeting_transcripts", "public.jira_snapshots"),
            *("public.slack_captures", "public.generated_reports"),
            *("content.people", "content.people_aliases"),
        }
        assert table.columns["report_date"].description == "The day reported on."
        assert there["raw.files"].columns["outcome"].description.startswith("`loaded`")

        def count(query: RowQuery, most: int = 1000) -> tuple[int, bool]:
            found = tables.count(session, table, query, most)
            assert found
            return found.rows, found.is_exact

        assert count(RowQuery(), 76) == (76, False)
        assert count(RowQuery(search="EUSEBIO")) == (5, True)
        name = Filter("author_name", "is", "Eusebio Mamaril")
        late = Filter("report_date", "from", "2025-10-30")
        assert count(RowQuery(filters=(name, late))) == (2, True)
        for operator, expected in (("null", 0), ("set", 77), ("contains", 77), ("not", 77)):
            assert count(RowQuery(filters=(Filter("content", operator, "#"),)))[0] == expected
        for wrong, said in (
            (RowQuery(filters=(Filter("content", "like", "x"),)), "Unknown operator"),
            (RowQuery(sort='id"; drop table x; --'), "no column"),
            (RowQuery(sort="content"), "Cannot sort"),
        ):
            with pytest.raises(WarehouseError, match=said):
                tables.page(session, table, wrong, table.listed, size=5)
        query = RowQuery(filters=(Filter("report_date", "is", "x'; --"),))
        with pytest.raises(Exception, match="date"):
            tables.page(session, table, query, [], size=5)


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_file_used_by_a_load(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.database.sessions._PATIENCE", 0)
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
            opened(built).__enter__()
        holder.communicate("\n")
    with opened(built) as (_, _, there):
        assert there


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_role_sees_what_it_may_read(built: Project, postgres: Postgres) -> None:
    assert built.dbt("run-operation", "grant_roles").code == 0
    postgres.execute("alter role reader with login password 'x'")
    built.url = postgres.url("work", "reader")
    with opened(built) as (tables, session, there):
        assert {name.partition(".")[0] for name in there} == {"public", "content", "reporting"}
        assert tables.counts(session, list(there.values()))["public.teams"].rows == 4
