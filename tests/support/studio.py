"""The studio as a user sees it: a separate process, used over HTTP."""

import re
import socket
import threading
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests
import uvicorn

from loader.project import CORE
from loader.settings import load_settings
from loader.studio.app import create_app
from loader.studio.context import Studio
from tests.support.project import Project

LINK = re.compile(r'<a [^>]*?href="([^"#]*)')
ASSET = re.compile(r'<(?:link|script|img)[^>]*?(?:href|src)="([^"]*)"')

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)> \x1b[2J\u202e\u200b"
    " ![p](http://evil.example/p.png) <a href='javascript:alert(3)'>x</a> [y](javascript:alert(4))"
    " {{ 7 * 7 }} \" ' & ROCKS-214"
)


class Asked:
    """A studio, used by a browser with its token."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.place, _, self.token = url.partition("/?token=")
        self.browser = requests.Session()
        self.browser.headers["accept-encoding"] = "identity"

    def __enter__(self) -> Self:
        self.browser.get(self.url, timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()

    def send(self, path: str, form: dict[str, str], **headers: str) -> requests.Response:
        """Return the response to a form, after its redirects."""
        data = {name: value.replace("\n", "\r\n") for name, value in form.items()}
        return self.browser.post(self.place + path, data, headers=headers, timeout=60)

    def get(self, path: str) -> requests.Response:
        """Return a page for a browser with the token."""
        return self.browser.get(self.place + path, timeout=60)

    def html(self, path: str) -> str:
        """Return a page that must exist."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.text


class Served(Asked):
    """Yield a studio in a separate process, as a user starts it."""

    def __init__(self, project: Project, *args: str) -> None:
        self.process = project.start("loader", "studio", "--no-browser", "--port", "0", *args)
        assert self.process.stdout
        super().__init__(self.process.stdout.readline().strip())

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)
        self.process.terminate()
        self.process.communicate(timeout=120)


class Here(Asked):
    """Yield a studio in this process, which starts at once and may have other seeds."""

    def __init__(
        self, project: Project, *, is_writing: bool = False, seeds: Path = CORE / "seeds"
    ) -> None:
        self._bound = socket.create_server(("127.0.0.1", 0))
        port = self._bound.getsockname()[1]
        settings = load_settings(project.target, project.environ)
        self.studio = Studio(settings, is_writing, port, "t" * 32, seeds)
        app = create_app(self.studio)
        self._server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        self._thread = threading.Thread(target=self._server.run, args=([self._bound],))
        self._thread.start()
        super().__init__(f"http://127.0.0.1:{port}/?token={'t' * 32}")

    def __exit__(self, *args: object) -> None:
        super().__exit__(*args)
        self._server.should_exit = True
        self._thread.join()


class _Form(HTMLParser):
    """Return the fields of an address's form, as a browser sends them untouched."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action, self._is_in, self._area, self._select = action, False, "", ""
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._is_in = given.get("action") == self._action and given.get("method") == "post"
        elif self._is_in and tag == "textarea":
            self._area, self.fields[name] = name, ""
        elif self._is_in and tag == "select":
            self._select = name
        elif self._is_in and tag == "option":
            if "selected" in given or self._select not in self.fields:
                self.fields[self._select] = value
        elif (
            self._is_in
            and tag == "input"
            and (given.get("type") != "checkbox" or "checked" in given)
        ):
            self.fields[name] = value if given.get("type") != "checkbox" else "on"

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._is_in = False
        elif tag == "textarea" and self._area:
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data.replace("\r\n", "\n")


def fields_of(html: str, action: str) -> dict[str, str]:
    """Return the fields of a form, as a browser sends them untouched."""
    form = _Form(action)
    form.feed(html)
    assert form.fields, f"no form for {action}"
    return form.fields


def links(html: str, path: str) -> list[str]:
    """Return the pages of the studio that a page links to."""
    found = [urljoin(path, unescape(href)) for href in LINK.findall(html)]
    return [href for href in dict.fromkeys(found) if not urlsplit(href).netloc]


def assets(html: str) -> list[str]:
    """Return the files that a browser fetches for a page."""
    return [unescape(href) for href in ASSET.findall(html)]


def pages_of(project: Project) -> dict[str, str]:
    """Return a page of each kind, by name."""

    def one(query: str) -> str:
        return str(project.query(query)[0][0])

    day = one("select id from public.daily_reports order by author_name, report_date limit 1")
    meeting = one(
        "select meetings.id from public.meeting_transcripts as meetings"
        " inner join public.teams on meetings.team_id = teams.id"
        " where teams.name = 'rocks' and filename like 'Weekly sync%'"
    )
    report = one("select id from public.generated_reports order by id limit 1")
    person = one("select id from content.people order by full_name limit 1")
    run = one("select run_id from raw.runs")
    return {
        "overview": "/?week=2025-10-27",
        "team": "/teams/Full%20Scale/rocks?week=2025-10-27",
        "people": "/people",
        "person": f"/people/{person}?week=2025-10-27",
        "meeting": f"/meetings/{meeting}",
        "text": f"/meetings/{meeting}/text",
        "day": f"/days/{day}",
        "issue": "/issues/ROCKS-214",
        "reports": "/reports",
        "report": f"/reports/{report}",
        "search": "/search?q=login+redirect",
        "no words": "/search",
        "nothing found": "/search?q=xyzzy",
        "not searchable": "/search?q=%22",
        "loads": "/loads",
        "load": f"/loads/{run}",
        "no such page": "/nothing",
        "nobody": "/people/Nobody",
        "tables": "/tables",
        "rows": "/tables/public.daily_reports",
        "row": f"/tables/public.daily_reports?row={day}",
        "some rows": "/tables/content.report_entries?q=login&where=section_kind+is+done",
        "all columns": "/tables/raw.rejections?columns=all",
        "no row": "/tables/public.teams?row=none",
        "no table": "/tables/public.nothing",
        "query": "/query",
        "answer": "/query?sql=select+*+from+public.teams",
        "wrong query": "/query?sql=select+*%0Afrom+nowhere",
    }


def make_hostile(project: Project, stranger: str = "evil.example") -> None:
    """Put hostile texts into all fields that others write."""
    text = HOSTILE.replace("'", "''").replace("evil.example", stranger)
    named = text.replace("\n", " ")
    for statement in (
        f"update public.daily_reports set content = '# {text}\n\n{text}\n\n- {text}'",
        f"update public.teams set name = '{named}' where name = 'rocks'",
        f"update public.teams set description = '{text}'",
        f"update public.organizations set name = '{named}' where name = 'Full Scale'",
        f"update content.people set full_name = '{named}' where full_name like 'Alan%'",
        f"update content.people_aliases set alias = '{named}' where alias like 'Alan Sheridan'",
        (
            f"update content.report_entries set text = '{text}', section = '{text}',"
            f" project = '{text}'"
        ),
        "update content.report_entries set section_kind = 'blocker' where position = 1",
        (
            f"update content.transcript_turns set text = '{text} login redirect',"
            f" search_text = 'login redirect', speaker = '{text}', person_id = null"
        ),
        f"update content.meeting_participants set name = '{text}', person_id = null",
        (
            f"update content.jira_issues set summary = '{text}', status = '{text}',"
            f" assignee = '{text}', url = 'javascript:alert(5)', person_id = null"
        ),
        f"update content.mentions set ref = '{text}' where ref_kind = 'url'",
        f"update raw.rejections set source_path = '{text}', detail = '{text}'",
        f"update raw.files set source_path = '{text}' where outcome = 'rejected'",
        f"update public.meeting_transcripts set transcript_text = '{text}'",
    ):
        project.execute(statement)
