"""The pages, one module each: it queries the database and passes plain data to a template."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.studio.pages import days, issues, loads, meetings, overview, people, reports, teams


def _later(module: str, name: str) -> Callable[[Request], Response]:
    """Return a page that imports its module on the first request, because that takes time."""

    def answer(request: Request) -> Response:
        found = getattr(import_module(f"{__name__}.{module}"), name)
        return cast("Response", found(request))

    return answer


_BOTH = ["GET", "POST"]


ROUTES = [
    *overview.ROUTES,
    *teams.ROUTES,
    *people.ROUTES,
    *meetings.ROUTES,
    *days.ROUTES,
    *issues.ROUTES,
    *reports.ROUTES,
    *loads.ROUTES,
    Route("/search", _later("search", "search")),
    Route("/tables", _later("tables", "tables")),
    Route("/tables/{name}", _later("tables", "rows")),
    Route("/tables/{name}/rows.{kind}", _later("tables", "export")),
    Route("/tables/{name}/edit", _later("edits", "edit"), methods=_BOTH),
    Route("/seeds/{name}", _later("seeds", "seed"), methods=_BOTH),
    Route("/query", _later("query", "query"), methods=_BOTH),
    Route("/query/cancel", _later("query", "cancel"), methods=["POST"]),
    Route("/query/rows.{kind}", _later("query", "export")),
]
