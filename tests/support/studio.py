"""The studio as a user has it: a process of its own, asked over HTTP."""

import re
from html import unescape
from typing import Self
from urllib.parse import urljoin, urlsplit

import requests

from tests.support.project import Project

LINK = re.compile(r'<a [^>]*?href="([^"#]*)')
ASSET = re.compile(r'<(?:link|script|img)[^>]*?(?:href|src)="([^"]*)"')


class Served:
    """A studio that runs."""

    def __init__(self, project: Project, *args: str) -> None:
        self.process = project.start("loader", "studio", "--no-browser", "--port", "0", *args)
        assert self.process.stdout
        self.url = self.process.stdout.readline().strip()
        self.place, _, self.token = self.url.partition("/?token=")
        self.browser = requests.Session()
        self.browser.headers["accept-encoding"] = "identity"

    def __enter__(self) -> Self:
        self.browser.get(self.url, timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self.browser.close()
        self.process.terminate()
        self.process.communicate(timeout=120)

    def get(self, path: str) -> requests.Response:
        """A page, for a browser that has the token."""
        return self.browser.get(self.place + path, timeout=60)

    def html(self, path: str) -> str:
        """A page that must be there."""
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.text)
        return answer.text


def links(html: str, path: str) -> list[str]:
    """The pages of the studio that a page leads to."""
    found = [urljoin(path, unescape(href)) for href in LINK.findall(html)]
    return [href for href in dict.fromkeys(found) if not urlsplit(href).netloc]


def assets(html: str) -> list[str]:
    """What a browser fetches for a page."""
    return [unescape(href) for href in ASSET.findall(html)]


def pages_of(project: Project) -> dict[str, str]:
    """A page of each kind, by name."""

    def one(query: str) -> str:
        return str(project.query(query)[0][0])

    day = one("select id from public.daily_reports order by author_name, report_date limit 1")
    meeting = one("select id from public.meeting_transcripts order by filename, id limit 1")
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
    }
