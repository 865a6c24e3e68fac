"""The pages, one module each: it asks the database, and gives plain data to a template."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.studio.pages import days, issues, loads, meetings, overview, people, reports, teams


def _search(request: Request) -> Response:
    from loader.studio.pages.search import search  # noqa: PLC0415 - takes long to import

    return search(request)


ROUTES = [
    *overview.ROUTES,
    *teams.ROUTES,
    *people.ROUTES,
    *meetings.ROUTES,
    *days.ROUTES,
    *issues.ROUTES,
    *reports.ROUTES,
    *loads.ROUTES,
    Route("/search", _search),
]
