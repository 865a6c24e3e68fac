"""The studio's pages in a real browser."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Dialog, Page, expect

from tests.support.browsing import NARROW, WIDE, Browse
from tests.support.project import Project
from tests.support.studio import Here, Served, make_hostile, pages_of

pytestmark = pytest.mark.either_engine


OVERFLOW = "document.documentElement.scrollWidth - innerWidth"


def barriers(page: Page, *rules: str) -> list[tuple[str, str]]:
    """Return the rules of axe that a page violates, each with its elements.

    Without rules, all are checked but the contrast of colors, which takes most of the time.
    """
    chosen = {"runOnly": [*rules]} if rules else {"rules": {"color-contrast": {"enabled": False}}}
    options = {"resultTypes": ["violations"], "preload": False, "iframes": False, **chosen}
    # The rows of a list look alike.
    alike = ["tbody tr:nth-child(n+9)", "li:nth-child(n+9)"] if "color-contrast" in rules else []
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("([exclude, options]) => axe.run({ exclude }, options)", [alike, options])
    return [
        (each["id"], "\n".join(node["html"] for node in each["nodes"]))
        for each in found["violations"]
    ]


def overhear(page: Page) -> tuple[list[str], list[str]]:
    """Record a page's requests from now on, and its console messages."""
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    return asked, said


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """Yield a server that none of our pages may call: its address and the requests."""
    heard: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


def test_from_the_overview_to_a_text_and_back(built: Project, browse: Browse) -> None:
    with Served(built) as served, browse(served) as page:
        assert "token" not in page.url
        assert page.locator(".days i.y").count() == 77
        assert page.locator(".days i.n").count() == 322
        # The rules for lists of rows are not for this table.
        line = "(each) => getComputedStyle(each).textDecorationLine"
        assert page.locator(".days thead a").first.evaluate(line) == "none"
        page.get_by_role("link", name="Eusebio Mamaril, 27 Oct").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Eusebio Mamaril")
        week = page.url
        page.get_by_text("What Eusebio said").first.click()
        page.locator(".said a").first.click()
        expect(page.locator("li:target")).to_be_visible()
        page.go_back()
        assert page.url == week
        page.get_by_role("link", name="Later →").click()
        expect(page.get_by_text("No report, and one was expected")).to_have_count(5)
        page.go_back()
        page.go_back()
        expect(page.get_by_role("heading", level=1)).to_have_text("Who reported when")
        page.go_forward()
        assert page.url == week
        # The search field is always there, and the address has its words and filters.
        page.keyboard.press("/")
        page.keyboard.type('"login redirect"')
        page.keyboard.press("Enter")
        expect(page.locator("mark").first).to_be_visible()
        page.get_by_role("complementary").get_by_role("link", name="rocks").click()
        page.get_by_role("link", name="Remove the filter rocks").click()
        assert page.url.endswith("/search?q=%22login+redirect%22")
        page.go_back()
        assert "team=rocks" in page.url
        page.locator(".hits a", has_text="meeting").first.click()
        expect(page.locator("li:target mark, li:target")).to_have_count(1)


@pytest.mark.long
def test_with_the_keyboard_and_without_script(built: Project, browse: Browse) -> None:
    with Served(built) as served:
        with browse(served) as page:
            page.keyboard.press("Tab")
            expect(page.locator(".skip")).to_be_focused()
            page.keyboard.press("Enter")
            page.keyboard.press("Tab")
            expect(page.locator("main :focus")).to_have_count(1)
            page.get_by_text("All weeks").press("Enter")
            page.keyboard.press("Tab")
            expect(page.locator(".all-weeks a").first).to_be_focused()
            page.keyboard.press("Escape")
            expect(page.locator(".all-weeks a").first).to_be_hidden()
        with browse(served, has_script=False) as page:
            page.get_by_role("searchbox").fill("login redirect")
            page.get_by_role("searchbox").press("Enter")
            expect(page.locator("mark").first).to_be_visible()
            page.get_by_role("link", name="Overview").click()
            expect(page.locator(".rows li")).to_have_count(16)


def test_each_page_is_for_everybody(built: Project, browse: Browse) -> None:
    """axe finds no barrier, nothing is cut off, and few files are fetched."""
    with Here(built) as served, browse(served) as page:
        asked, said = overhear(page)
        for name, path in pages_of(built).items():
            asked.clear()
            page.set_viewport_size(WIDE)
            page.emulate_media(color_scheme="light")
            page.goto(served.place + path)
            assert [] == [*barriers(page), *barriers(page, "color-contrast")], name
            assert page.evaluate(OVERFLOW) <= 0, name
            page.emulate_media(color_scheme="dark")
            assert [] == barriers(page, "color-contrast"), name
            page.set_viewport_size(NARROW)
            assert [] == barriers(page, "scrollable-region-focusable", "meta-viewport"), name
            assert page.evaluate(OVERFLOW) <= 0, name
            fetched = [url for url in asked if not url.startswith("data:")]
            assert len(fetched) <= 3, fetched
            assert all(url.startswith(served.place) for url in fetched)
        assert [] == [text for text in said if "status of 40" not in text]
        # Both checks can fail.
        page.evaluate("document.querySelector('main').style.width = '3000px'")
        page.evaluate("document.querySelector('main').append(new Image())")
        page.evaluate("document.querySelector('h1').style.color = '#222'")
        found = [*barriers(page), *barriers(page, "color-contrast")]
        assert ["image-alt", "color-contrast"] == [rule for rule, _ in found]
        assert page.evaluate(OVERFLOW) > 0


def test_texts_of_others_run_nothing(
    built: Project, browse: Browse, stranger: tuple[str, list[str]]
) -> None:
    paths = pages_of(built)
    make_hostile(built, stranger[0])
    with Served(built) as served, browse(served) as page:
        asked, said = overhear(page)
        opened: list[str] = []

        def dismiss(dialog: Dialog) -> None:
            opened.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", dismiss)
        team = page.locator(".days .team a").last.get_attribute("href") or ""
        for path in [*paths.values(), team]:
            page.goto(served.place + path)
            assert page.locator("main script, main img, main iframe").count() == 0
            assert page.locator('a[href^="javascript"]').count() == 0
        hosts = {url.split("/")[2] for url in asked if not url.startswith("data:")}
        assert hosts == {served.place.rpartition("/")[2]}
        assert ([], []) == (opened, stranger[1])
        assert [] == [text for text in said if "status of 40" not in text]


def test_pages_of_other_ports_get_nothing(built: Project, browse: Browse) -> None:
    """All ports of this machine get its cookies: the studio rejects pages of other ports."""
    heard: list[str] = []

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(self.path)
            body = b"<!doctype html><title>other</title>"
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Page) as server,
        Served(built) as served,
        browse(served) as page,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
        for options in ("{}", "{mode: 'no-cors', credentials: 'include'}", "{method: 'POST'}"):
            script = f"fetch('{served.place}/', {options}).then(a => a.type, () => 'refused')"
            assert page.evaluate(script) in {"refused", "opaque"}
        page.evaluate(f"document.body.innerHTML = '<iframe src=\"{served.place}/\"></iframe>'")
        page.wait_for_timeout(1000)
        assert page.frames[-1].get_by_role("navigation").count() == 0
        # A link may lead here.
        page.evaluate(f"location = '{served.place}/people'")
        expect(page.get_by_role("heading", level=1)).to_have_text("People")
        server.shutdown()
