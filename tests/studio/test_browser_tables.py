"""Tables, queries and forms in a real browser."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.support.browsing import NARROW, Browse
from tests.support.project import Project
from tests.support.studio import Here

pytestmark = pytest.mark.either_engine


def test_a_row_opens_beside_its_list(built: Project, browse: Browse) -> None:
    with Here(built) as served:
        with browse(served) as page:
            page.goto(f"{served.place}/tables/public.daily_reports")
            list_ = page.url
            page.locator("table.grid tbody th a").nth(30).click()
            row = page.locator("article.row")
            expect(row).to_be_visible()
            assert "row=" in page.url
            # Its top is on the screen, next to the list, and the list has not moved.
            box, table = row.bounding_box(), page.locator("table.grid").bounding_box()
            assert box
            assert table
            assert box["x"] > table["x"]
            assert 0 <= box["y"] < 300
            expect(page.locator("tr.chosen")).to_be_in_viewport()
            page.locator("table.grid tbody th a").nth(31).click()
            second = page.url
            page.go_back()
            page.go_back()
            assert page.url == list_
            expect(row).to_have_count(0)
            page.go_forward()
            page.go_forward()
            assert page.url == second
            page.get_by_role("link", name="Close").click()
            page.get_by_role("link", name="author_name").click()
            assert "sort=author_name" in page.url
            page.get_by_text("Add a filter").click()
            page.get_by_label("Column").select_option("report_date")
            page.get_by_label("Condition").select_option("is at least")
            page.get_by_label("Value").fill("2025-10-30")
            page.get_by_role("button", name="Add").click()
            assert "where=report_date+from+2025-10-30" in page.url
            assert "sort=author_name" in page.url
            page.emulate_media(media="print")
            expect(page.locator(".side")).to_be_hidden()
            expect(page.get_by_role("navigation")).to_have_count(0)
            box = page.locator("table.grid").bounding_box()
            assert box
            assert box["x"] == 0
        with browse(served, NARROW) as page:
            page.goto(second)
            box = page.locator("article.row").bounding_box()
            table = page.locator("table.grid").bounding_box()
            assert box
            assert table
            assert box["y"] < table["y"]
            assert box["x"] + box["width"] <= 360


def test_a_query_with_the_keyboard(built: Project, browse: Browse) -> None:
    with Here(built) as served, browse(served) as page:
        page.goto(f"{served.place}/query")
        editor = page.locator("#sql")
        editor.fill("select name from ")
        page.get_by_text("teams", exact=True).first.click()
        page.get_by_role("button", name="public.teams", exact=True).click()
        expect(editor).to_have_value("select name from public.teams")
        editor.press("Control+Enter")
        expect(page.get_by_role("status")).to_have_text(re.compile("4 rows"))
        assert page.url.endswith("sql=select+name+from+public.teams")
        editor.fill("select name,\n  nothing from public.teams")
        editor.press("Control+Enter")
        expect(page.get_by_role("alert").locator("mark")).to_have_text("nothing")
        chosen = "(field) => field.value.slice(field.selectionStart, field.selectionEnd)"
        assert editor.evaluate(chosen) == "nothing"
        page.go_back()
        expect(editor).to_have_value("select name from public.teams")
        expect(page.locator(".history li")).to_have_count(1)
        editor.fill("")
        page.locator(".history a").click()
        expect(editor).to_have_value("select name from public.teams")
        page.get_by_role("button", name="Forget them").click()
        expect(page.locator(".history")).to_be_hidden()


@pytest.mark.parametrize("has_script", [True, False])
def test_a_form(built: Project, browse: Browse, *, has_script: bool) -> None:
    built.execute("update public.teams set description = null")
    state = "select description, updated_at > created_at from public.teams where name = 'rocks'"
    with Here(built, is_writing=True) as served, browse(served, has_script=has_script) as page:
        page.goto(f"{served.place}/tables/public.teams")
        page.get_by_role("link", name="rocks", exact=True).first.click()
        page.get_by_role("link", name="Edit").click()
        assert Axe().run(page).violations_count == 0 if has_script else True
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("nothing was changed")
        page.get_by_label("description", exact=True).fill("typed into a null")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").first).to_contain_text("Saved")
        assert built.query(state) == [("typed into a null", True)]
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("name", exact=True).fill("timeclock")
        page.get_by_label("description", exact=True).fill("a <b>new</b> text")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("description", exact=True)).to_have_value("a <b>new</b> text")
        assert built.query(state) == [("typed into a null", True)]


def test_a_form_keeps_a_hostile_text_unchanged(built: Project, browse: Browse) -> None:
    """Nothing runs, and saving an untouched form changes nothing."""
    text = "\n</textarea><script>alert(1)</script> \x07\u202e\u200b \"'&amp;\r\n\tx\r\n"
    built.execute(
        "update public.daily_reports set content = '" + text.replace("'", "''") + "'"
        " where author_name = 'Eusebio Mamaril'"
    )
    ((key,),) = built.query(
        "select id from public.daily_reports where author_name = 'Eusebio Mamaril' limit 1"
    )[:1]
    with Here(built, is_writing=True) as served, browse(served) as page:
        page.goto(f"{served.place}/tables/public.daily_reports/edit?row={key}")
        assert page.locator("main script").count() == 0
        expect(page.get_by_label("content", exact=True)).to_have_value(text.replace("\r\n", "\n"))
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_contain_text("nothing was changed")
        page.get_by_label("author_name", exact=True).fill("Another Name")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("status").first).to_contain_text("author_name")
        stored = f"select author_name, content from public.daily_reports where id = '{key}'"
        assert built.query(stored) == [("Another Name", text)]
