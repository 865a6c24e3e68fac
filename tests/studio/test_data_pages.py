"""The pages of tables and queries over HTTP, without scripts."""

import csv
import io
import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from pathlib import Path

import pyarrow.parquet
import pytest

from loader.studio.formats import url
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.studio import Here, fields_of, links

pytestmark = pytest.mark.either_engine

REPORTS = "/tables/public.daily_reports"
LONG = (
    "select sum(a.x * b.x) from generate_series(1, 9000000) as a(x),"
    " generate_series(1, 900000) as b(x) where a.x <> b.x"
)


def test_rows_have_names_links_filters_and_pages(built: Project) -> None:
    with Here(built) as served:
        html = served.html(REPORTS)
        table = html[html.index("<thead") : html.index("</table>")]
        assert re.findall(r'<th scope="col".*?>([a-z_]+)<', table)[:4] == [
            *("author_name", "report_date", "content", "team_id")
        ]
        assert 'href="/teams/Full%20Scale/rocks">rocks</a>' in table
        second = next(link for link in links(html, REPORTS) if "after=" in link)
        assert "27 of them here" in served.html(second)
        assert "offset" not in second
        # A filter from the form becomes one in the address.
        found = served.get(f"{REPORTS}?column=author_name&operator=contains&value=Reyes&q=redirect")
        assert found.url.endswith("?q=redirect&where=author_name+contains+Reyes")
        whole = served.html(f"{REPORTS}?where=author_name+contains+Reyes")
        assert "5 rows" in whole
        (gone,) = [each for each in links(whole, REPORTS) if each == REPORTS][:1]
        assert "77 rows" in served.html(gone)
        assert "No row is like that" in served.html(f"{REPORTS}?q=xyzzy")
        for wrong in ("sort=nothing", "where=x", "where=team_id+is+x", "after=x", 'after=["a"]'):
            assert served.get(f"{REPORTS}?{wrong}").status_code == 400, wrong
        # A row next to the list, the rows that it refers to, and the rows that refer to it.
        row = next(link for link in links(table, REPORTS) if "row=" in link)
        opened = unescape(served.html(row))
        assert '<a href="/tables/public.daily_reports" class="close"' in opened
        assert "Open its page" in opened
        (entries,) = [link for link in links(opened, row) if "content.report_entries?" in link]
        count = int(re.findall(r"report_entries</a> <span class=\"soft\">(\d+)", opened)[0])
        shown = served.html(entries)
        assert f"{count} rows" in shown
        assert re.search(r'<td><a href="/people/[0-9a-f-]{36}">[A-Z][^<]+</a></td>', shown)
        assert "Edit</a>" not in opened
        # An empty table says how to fill it.
        build = f"dbt build --target {built.target}"
        for name, said in (
            ("content.slack_messages", "SLACK_CONTENT=true"),
            ("seeds.seed_people", "Add lines to <code>seeds/seed_people.csv</code>"),
        ):
            html = served.html(f"/tables/{name}")
            assert (said in html, build in html) == (True, True), name


def test_exports_of_filtered_rows(built: Project, tmp_path: Path) -> None:
    where = "where=author_name+contains+Reyes&sort=report_date"
    with Here(built) as served:
        rows = served.get(f"{REPORTS}/rows.json?{where}").json()
        listed = [*csv.DictReader(io.StringIO(served.get(f"{REPORTS}/rows.csv?{where}").text))]
        answer = served.get(f"{REPORTS}/rows.parquet?{where}")
        assert (
            answer.headers["content-disposition"] == 'attachment; filename="daily_reports.parquet"'
        )
        (tmp_path / "rows.parquet").write_bytes(answer.content)
        table = pyarrow.parquet.read_table(tmp_path / "rows.parquet")
        assert str(table.schema.field("report_date").type) == "date32[day]"
        assert str(table.schema.field("created_at").type) == "timestamp[us, tz=UTC]"
        dates = [each["report_date"] for each in rows]
        assert dates == sorted(dates) == [each["report_date"] for each in listed]
        assert dates == [str(each) for each in table["report_date"].to_pylist()]
        expected = built.query(
            "select content, id from public.daily_reports where author_name like '%Reyes%'"
        )
        assert {each["content"] for each in rows} == {content for content, _ in expected}
        assert {each["id"] for each in listed} == {str(id_) for _, id_ in expected}
        assert rows[0]["blob_key"] or rows[0]["blob_key"] is None
        assert served.get(f"{REPORTS}/rows.xls").status_code == 404
        # Each table, including empty ones, as each kind of file.
        for name in ("content.slack_messages", "reporting.meeting", "public.generated_reports"):
            for kind in ("csv", "json", "parquet"):
                assert served.get(f"/tables/{name}/rows.{kind}").status_code == 200, (name, kind)
        sql = "select+name,+name,+null+as+n,+1.5+as+x+from+public.teams+order+by+1"
        assert len(served.get(f"/query/rows.json?sql={sql}").json()) == 4
        assert served.get(f"/query/rows.csv?sql={sql}").text.splitlines()[0] == "name,name,n,x"
        (tmp_path / "rows.parquet").write_bytes(
            served.get(f"/query/rows.parquet?sql={sql}").content
        )
        assert pyarrow.parquet.read_table(tmp_path / "rows.parquet").num_rows == 4


def test_a_query_without_script(built: Project) -> None:
    with Here(built) as served:
        form = fields_of(served.html("/query"), "/query")
        assert "reporting.team_week" in form["sql"]
        answer = served.send("/query", {**form, "sql": "select name\nfrom teams order by 1"})
        assert answer.url.endswith("/query?sql=select+name%0Afrom+teams+order+by+1")
        assert "4 rows" in answer.text
        assert fields_of(answer.text, "/query")["sql"] == "select name\nfrom teams order by 1"
        # A long query has an address as well.
        long = f"select '{'x' * 200_000}' as a"
        answer = served.send("/query", {**form, "sql": long})
        assert len(answer.url) < 2_000
        assert "1 row" in served.get(answer.url.removeprefix(served.place)).text
        assert served.get("/query?z=AAAA").status_code == 400
        for wrong in ("delete from teams", "select 1; select 2", "copy teams to '/tmp/x'"):
            answer = served.send("/query", {**form, "sql": wrong})
            assert answer.status_code == 400
            assert unescape(fields_of(answer.text, "/query")["sql"]) == wrong
        many = served.html("/query?sql=select+*+from+content.report_entries")
        assert "the first 100 rows" in many
        more = next(link for link in links(many, "/query") if "rows=1000" in link)
        assert "741 rows" in served.html(more)


@pytest.mark.long
def test_a_query_that_takes_long_is_cancelled(built: Project) -> None:
    with Here(built) as served:
        begin = time.monotonic()
        running = served.get(url("query", sql=LONG))
        assert running.headers["refresh"] == "1"
        assert "Running for" in running.text
        assert served.get("/tables").status_code == 200  # others do not wait for it
        cancel = fields_of(running.text, "/query/cancel")
        ended = served.send("/query/cancel", cancel)
        assert ended.status_code == 400
        assert re.search(r"cancel|INTERRUPT", ended.text)
        assert time.monotonic() - begin < 25
        assert "refresh" not in ended.headers
        # Only a few run at the same time.
        pages = [served.get(url("query", sql=f"{LONG} and a.x > {n}")) for n in range(5)]
        assert [page.status_code for page in pages] == [200] * 4 + [400]
        assert "queries are running" in pages[-1].text
        for page in pages[:4]:
            served.send("/query/cancel", fields_of(page.text, "/query/cancel"))


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_role_with_too_many_rights(built: Project, postgres: Postgres) -> None:
    assert built.dbt("run-operation", "grant_roles").code == 0
    postgres.execute("alter role reader with login password 'x'")
    postgres.execute("alter role transformer with login password 'x'")
    with Here(built) as served:
        for path in ("/tables", "/query"):
            notice = unescape(served.html(path))
            assert "The role postgres may do more than the studio needs" in notice
            assert "dbt run-operation grant_roles --target prod" in notice
            assert "alter role reader login" in notice
    for role, is_writing in (("reader", False), ("transformer", True)):
        built.url = postgres.url("work", role)
        with Here(built, is_writing=is_writing) as served:
            assert "may do more" not in served.html("/tables")
    with Here(built) as served:
        assert "it may change tables" in served.html("/tables")


def test_json_is_json(built: Project) -> None:
    with Here(built) as served:
        rows = json.loads(served.get("/tables/public.generated_reports/rows.json").text)
        assert {type(each["output"]) for each in rows} <= {dict, str}
        page = served.html(f"/tables/public.generated_reports?row={rows[0]['id']}")
        assert "date_range_start" in page


def test_pages_at_the_same_time(built: Project) -> None:
    """On DuckDB, all of them share the first one's connection."""
    paths = ["/", REPORTS, "/tables", "/query?sql=select+count(*)+from+teams"] * 6
    with Here(built) as served, ThreadPoolExecutor(8) as threads:
        assert {answer.status_code for answer in threads.map(served.get, paths)} == {200}
        moments = served.get("/query/rows.json?sql=select+current_setting('TimeZone')+as+zone")
        assert moments.json() == [{"zone": "UTC"}]
