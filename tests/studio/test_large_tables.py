"""Pages of tables that are too large to read whole, in PostgreSQL."""

import time

import pytest

from loader.studio import paging, sizes
from loader.studio.sql import Filter, RowQuery
from tests.support.project import Project
from tests.support.studio import Here
from tests.support.table_pages import opened, walk

pytestmark = pytest.mark.parametrize("engine", ["postgres"])


@pytest.fixture(autouse=True)
def _all_are_large(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    built.execute("analyze")
    monkeypatch.setattr(
        sizes,
        "_SIZES",
        "select table_schema || '.' || table_name, 99 from information_schema.tables"
        " where table_schema = any(%s)",
    )


def test_a_large_table_is_sorted_by_an_index(
    built: Project,
) -> None:
    with opened(built) as (tables, session, there):
        for name, order in (
            ("public.daily_reports", ["team_id", "report_date", "id"]),
            ("content.transcript_turns", ["day", "meeting_transcript_id", "position", "id"]),
            ("raw.files", ["row_id"]),
        ):
            table = there[name]
            assert not tables.counts(session, [table])[name].is_exact
            page = tables.page(session, table, RowQuery(), table.listed, size=5)
            assert [term.column.name for term in page.order] == order
            forth, back = walk(tables, session, table, RowQuery(), 50)
            assert (len(set(forth)), back) == (len(forth), forth)
        assert page.sortable == {"_dlt_load_id"}


def test_what_no_index_finds_is_searched_stretch_by_stretch(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = Filter("section_kind", "is", "todo")
    queries = [
        ("content.report_entries", RowQuery(search="e", filters=(kind,))),
        ("content.report_entries", RowQuery(filters=(kind,), sort="day")),
        ("content.jira_issues", RowQuery(search="a", sort="person_id")),
        ("public.daily_reports", RowQuery(search="xyzzy")),
    ]
    with opened(built) as (tables, session, there):
        whole = [walk(tables, session, there[name], query, 1000)[0] for name, query in queries]
        assert [len(keys) > 15 for keys in whole] == [True, True, True, False]
        monkeypatch.setattr(type(session), "fetch_within", lambda *_: None)
        monkeypatch.setattr(paging, "STRETCH", 40)
        for (name, query), keys in zip(queries, whole, strict=True):
            table = there[name]
            assert walk(tables, session, table, query, 15) == (keys, keys), (name, query)
            page = tables.page(session, table, query, table.listed, size=15)
            assert (page.searched, page.following is None) == (40, False)
            assert tables.count(session, table, query, 10) is None


def test_a_statement_has_a_time_limit_of_its_own(built: Project) -> None:
    limit = "select current_setting('statement_timeout')"
    with opened(built) as (_, session, _):
        before = session.fetch(limit).rows
        began = time.monotonic()
        assert session.fetch_within("select pg_sleep(60)", [], 0.05) is None
        assert time.monotonic() - began < 30
        answer = session.fetch_within("select cast(%s as integer)", [1], 30)
        assert answer
        assert answer.rows == [(1,)]
        assert session.fetch(limit).rows == before


def test_the_page_says_what_was_searched_and_sorted(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Here(built) as served:
        html = served.html("/tables/content.report_entries?sort=section")
        assert "No index begins with section. The table is large: its rows come in" in html
        monkeypatch.setattr(paging.Reading, "_all", lambda *_: None)
        monkeypatch.setattr(paging, "STRETCH", 40)
        html = served.html("/tables/content.report_entries?q=xyzzy")
        assert "0 rows in this part of the table" in html
        assert "each page searches the next 40 rows" in html
        assert 'rel="next"' in html
        assert "/search?q=xyzzy" in html
