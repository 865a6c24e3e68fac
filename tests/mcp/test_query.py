"""The tool `query` reads within limits, and does nothing else."""

import time
from pathlib import Path

import pytest

from tests.support.mcp import Asking
from tests.support.project import Project

LONG = (  # takes hours, on either engine
    "select count(a.n + b.n) from generate_series(1, 1000000) as a (n),"
    " generate_series(1, 1000000) as b (n)"
)


def test_rows_and_types(told: Project, asking: Asking) -> None:
    answer = asking.ask(
        "query",
        sql="select 1 as n, 1.5 as x, true as yes, null as nothing, date '2025-10-27' as day,"
        " 9007199254740993 as large, cast('{\"a\": 1}' as json) as document,"
        " cast('NaN' as double precision) as odd; ",
    )
    assert answer["columns"] == ["n", "x", "yes", "nothing", "day", "large", "document", "odd"]
    (row,) = answer["rows"]
    assert row[2:6] == [True, None, "2025-10-27", "9007199254740993"]
    assert (row[0], str(row[1]), row[6].replace(" ", ""), row[7]) == (1, "1.5", '{"a":1}', "nan")
    (count,) = told.query("select count(*) from public.daily_reports")[0]
    assert asking.ask("query", sql="select count(*) from daily_reports")["rows"] == [[count]]
    assert asking.ask("query", sql="explain select 1")["rows"]


def test_limits(asking: Asking) -> None:
    few = asking.ask("query", sql="select * from generate_series(1, 1000)", limit=10)
    assert ([row[0] for row in few["rows"]], few["truncated"]) == (list(range(1, 11)), True)
    assert "There are more rows" in few["more"]
    exact = asking.ask("query", sql="select * from generate_series(1, 10)", limit=10)
    assert (len(exact["rows"]), exact["truncated"], exact["more"]) == (10, False, None)
    wide = asking.ask(
        "query", sql="select repeat('x', 10000) from generate_series(1, 1000)", limit=1000
    )
    assert (len(wide["rows"]), wide["truncated"]) == (15, True)
    long = asking.ask("query", sql="select repeat('x', 1000000)")
    assert len(long["rows"][0][0]) < 21_000
    assert "cut at 20000 characters" in long["more"]
    before = time.monotonic()
    said = asking.refusal("query", sql=LONG, seconds=0.5)
    assert "The query was ended after 0.5 seconds" in said
    assert time.monotonic() - before < 30


@pytest.mark.parametrize(
    "sql",
    [
        "delete from teams",
        "with gone as (delete from teams returning *) select * from gone",
        "select 1; delete from teams",
        "commit; delete from teams",
        "explain analyze delete from teams",
        "set transaction read write",
        "set default_transaction_read_only = off",
        "select set_config('transaction_read_only', 'off', false)",
        "create table mine as select 1",
        "copy teams to '/tmp/teams.csv'",
        "copy (select 1) to program 'id'",
        "select pg_read_file('/etc/passwd')",
        "select \"pg_read_binary_file\"('/etc/passwd')",
        "select query_to_xml('select pg_read_' || 'file(''/etc/passwd'')', true, true, '')",
        "select pg_ls_dir('/')",
        "select lo_import('/etc/passwd')",
        "select dblink('dbname=postgres', 'delete from teams')",
        "select dblink_connect('host=192.0.2.1')",
        "select pg_terminate_backend(pid) from pg_stat_activity",
        "select rolpassword from pg_authid",
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from '/etc/passwd'",
        "from glob('/etc/*')",
        "attach '/tmp/other.duckdb'",
        "install httpfs",
        "pragma database_list",
        "call pragma_version()",
        "select nextval('nothing')",
        "",
        " ; ",
    ],
)
def test_only_reading(sql: str, told: Project, asking: Asking) -> None:
    before = told.query("select count(*) from public.teams")
    said = asking.refusal("query", sql=sql)
    assert "root:" not in said
    assert told.query("select count(*) from public.teams") == before


@pytest.mark.parametrize("engine", ["postgres"])
def test_an_extension_that_could_write(told: Project, asking: Asking) -> None:
    """A volatile function of another user is rejected, even if it exists."""
    told.execute(
        "create or replace function public.dblink(text) returns text language plpgsql as"
        " 'begin return pg_read_file($1); end'"
    )
    assert "dblink: volatile functions do not run here" in asking.refusal(
        "query", sql="select public.dblink('/etc/passwd')"
    )


@pytest.mark.parametrize("engine", ["duckdb"])
def test_files_of_this_machine_are_not_read(asking: Asking, tmp_path: Path) -> None:
    file = tmp_path / "secret.csv"
    file.write_text("a\nsecret\n")
    for sql in (f"select * from '{file}'", f"select * from read_csv('{file}')"):
        said = asking.refusal("query", sql=sql)
        assert "secret\n" not in said
        assert "disabled" in said


def test_errors_come_from_the_database(asking: Asking) -> None:
    said = asking.refusal("query", sql="select nothing from teams")
    assert "nothing" in said
    assert "dbt build" not in said
    said = asking.refusal("query", sql="select * from nowhere")
    assert "nowhere" in said
    assert "dbt build" not in said
    said = asking.refusal("query", sql="select 1", limit=5000)
    assert "less than or equal to 1000" in said
