"""The studio: what it shows, what it refuses, and the page itself in a real browser."""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Self

import pyarrow.parquet
import pytest
import requests
from playwright.sync_api import Page, expect, sync_playwright

from loader.database.sessions import Sessions
from loader.errors import LoaderError, WarehouseError
from loader.settings import load_settings
from loader.studio.overview import render
from loader.studio.sql import Filter, RowQuery
from loader.studio.tables import Tables
from tests.support.linux import linux_only
from tests.support.postgres import Postgres
from tests.support.project import Project

pytestmark = pytest.mark.either_engine

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
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


class Served:
    """A studio in a process of its own."""

    def __init__(self, project: Project, *args: str) -> None:
        self.process = project.start("loader", "studio", "--no-browser", "--port", "0", *args)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.asked: list[str] = []
        self.token = self.url.partition("access_token=")[2]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.communicate(timeout=120)


def test_only_this_machine_with_the_token(built: Project) -> None:
    with Served(built) as served:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?access_token=[\w-]{32}", served.url)
        place = served.url.partition("?")[0]
        foreign = requests.get(served.url, headers={"host": "evil.example"}, timeout=60)
        assert (foreign.status_code, "marimo" in foreign.text) == (400, False)
        without = requests.get(place, timeout=60)
        assert without.url.startswith(f"{place}auth/login")
        wrong = requests.get(f"{place}?access_token=wrong", timeout=60)
        assert wrong.url.startswith(f"{place}auth/login")
        assert "<marimo-" in requests.get(served.url, timeout=60).text
        port = place.rpartition(":")[2].strip("/")
        ended = built.loader("studio", "--no-browser", "--port", port)
        assert (ended.code, f"port {port} cannot be had" in ended.err) == (1, True)


@linux_only("/proc shows what other users see of a process")
@pytest.mark.parametrize("engine", ["duckdb"])
def test_other_users_do_not_see_the_token(built: Project) -> None:
    with Served(built) as served:
        process = Path(f"/proc/{served.process.pid}")
        assert served.token not in (process / "cmdline").read_text()
        assert served.token not in (process / "environ").read_text()


@pytest.mark.parametrize("engine", ["duckdb"])
def test_without_the_extra(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "marimo", None)
    ended = built.loader("studio", "--no-browser")
    assert ended.code == 1
    assert "pip install 'orchestrator-elt[studio]'" in ended.err


@pytest.fixture(scope="module")
def browse() -> Iterator[Callable[[Served], Page]]:
    if not CHROMIUM:
        pytest.skip("no Chromium is installed: it opens the studio's page")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)

        def opened(served: Served) -> Page:
            page = browser.new_page(viewport={"width": 1400, "height": 1000})
            page.set_default_timeout(30_000)
            page.on("request", lambda request: served.asked.append(request.url))
            page.goto(served.url)
            return page

        expect.set_options(timeout=30_000)
        yield opened
        browser.close()


def see_who_is_missing(page: Page) -> None:
    expect(page.get_by_text("Jan Lerick Ibarra")).to_be_visible(timeout=60_000)
    assert page.locator("td.day.there").count() == 77
    assert page.locator("td.day.missing").count() == 322
    page.locator("marimo-dropdown select").select_option(label="rocks")
    expect(page.locator("td.day.there")).to_have_count(24)


def browse_and_edit(page: Page) -> None:
    page.get_by_text("Tables", exact=True).click()
    expect(page.get_by_text("rows 1 to 25 of 77")).to_be_visible()
    page.get_by_role("button", name="last").click()
    expect(page.get_by_text("rows 76 to 77 of 77")).to_be_visible()
    search = page.locator("marimo-text input").first
    search.fill("Eusebio")
    search.press("Enter")
    expect(page.get_by_text(re.compile(r"rows 1 to \d+ of \d+$"))).to_be_visible()
    # A row, whole.
    page.locator("table [role=checkbox]").first.click()
    expect(page.locator("table.row .markdown").first).to_contain_text("Eusebio")
    # An edit that a foreign key forbids, and one that is fine.
    column = page.locator("marimo-dropdown select").last
    value = page.locator("marimo-text-area textarea")
    expect(value).to_be_visible()
    column.select_option(label="team_id")
    expect(value).to_have_value(re.compile("^[0-9a-f-]{36}$"))
    value.fill(NOBODY)
    value.blur()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("foreign key").first).to_be_visible()
    column.select_option(label="author_name")
    expect(value).to_have_value("Eusebio Mamaril")
    value.fill("Another Name")
    value.blur()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved, and logged in bookkeeping.edits.")).to_be_visible()
    # The row that it refers to.
    page.get_by_role("button", name="team_id → public.teams").click()
    expect(page.get_by_text("rows 1 to 1 of 1")).to_be_visible()
    # Its children, as a file.
    page.locator("table [role=checkbox]").first.click()
    page.get_by_role("button", name="24 in public.daily_reports").click()
    expect(page.get_by_text("rows 1 to 24 of 24")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_text("PARQUET").click()
    assert pyarrow.parquet.read_table(download.value.path()).num_rows == 24


def ask(page: Page) -> None:
    """A query, one that is cancelled, and an error word for word."""
    page.get_by_text("Query", exact=True).click()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text(re.compile(r"^20 rows, [\d.]+ s$"))).to_be_visible()
    page.locator(".cm-content").fill(LONG)
    page.locator(".cm-content").blur()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("Running for")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text(re.compile("cancel|Interrupt"))).to_be_visible()
    page.locator(".cm-content").fill("delete from public.teams")
    page.locator(".cm-content").blur()
    page.get_by_role("button", name="Run").click()
    expect(page.get_by_text("only what gives rows runs here")).to_be_visible()
    expect(page.locator(".cm-content")).to_have_text("delete from public.teams")
    history = page.locator("marimo-dropdown select")
    expect(history.locator("option")).to_have_count(4)  # three queries, and none
    history.select_option(index=3)
    expect(page.locator(".cm-content")).to_contain_text("reporting.team_week")


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A server that no page of ours may ask: its address, and what it is asked for."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


def test_the_page_in_a_browser(
    built: Project, browse: Callable[[Served], Page], stranger: tuple[str, list[str]]
) -> None:
    picture = f"http://{stranger[0]}/picture.png"  # which a table would show
    built.execute(f"update public.teams set description = '{picture}'")
    with Served(built, "--write") as served:
        page = browse(served)
        see_who_is_missing(page)
        browse_and_edit(page)
        ask(page)
        hosts = {url.split("/")[2] for url in served.asked if "://" in url}
        assert hosts <= {served.url.split("/")[2], stranger[0]}
        assert stranger[1] == []
        page.close()
    assert built.query("select count(*) from public.teams") == [(4,)]
    assert built.query("select count(*) from bookkeeping.edits") == [(1,)]


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"])
def test_without_write_there_is_nothing_to_save(
    built: Project, browse: Callable[[Served], Page]
) -> None:
    with Served(built) as served:
        page = browse(served)
        expect(page.get_by_text("read-only")).to_be_visible(timeout=60_000)
        page.get_by_text("Tables", exact=True).click()
        expect(page.get_by_text("rows 1 to 25 of 77")).to_be_visible()
        page.locator("table [role=checkbox]").first.click()
        expect(page.locator("table.row")).to_be_visible()
        assert page.get_by_role("button", name="Save").count() == 0
        page.close()


@pytest.mark.parametrize("engine", ["postgres"])
def test_a_role_sees_what_it_may_read(built: Project, postgres: Postgres) -> None:
    assert built.dbt("run-operation", "grant_roles").code == 0
    postgres.execute("alter role reader with login password 'x'")
    built.url = postgres.url("work", "reader")
    tables = tables_of(built)
    there = tables.all()
    assert {name.partition(".")[0] for name in there} == {"public", "content", "reporting"}
    assert tables.counts(list(there.values()))["public.teams"] == 4
    page = render(tables.connections, "rocks")
    assert (page.count("day there"), "may not read the raw tables" in page) == (24, True)


def test_the_overview_of_nothing(project: Project) -> None:
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# talk")
    project.load()
    connections = tables_of(project).connections
    with pytest.raises(WarehouseError, match="does not exist"):
        render(connections, None)
    project.build()
    assert "No daily report yet." in render(connections, None)
    # A team that fell silent shows as missing; a mistyped year moves the page nowhere.
    for day in ("2025-10-27", "2052-10-27"):
        text = f"**Employee**: Ana\n\n## {day}\n\n- x\n"
        project.write(f"daily-reports/md-output/rocks/{day}.md", text)
    project.load_and_build()
    page = render(connections, "rocks")
    assert "Ana, Mon 2025-10-27: there" in page
    assert (page.count("day there"), page.count("day missing")) == (1, 20)
    assert "Ana, Mon 2025-11-24: missing" in page
    assert "2052" not in page
