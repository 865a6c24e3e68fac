"""Generated reports and their sources."""

import json
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.questions import generated
from loader.questions.asked import Asked, Part
from loader.studio.pages.asking import number_of
from loader.studio.rendering import page, studio_of

_A_PAGE = 50
_SOURCES = 5000
_OWN = {"filename", "date_range_start", "date_range_end", "days", "meetings"}  # shown elsewhere


def reports(request: Request) -> Response:
    """Show all generated reports."""
    skipped = number_of(request, "from")
    with studio_of(request).reading() as session:
        found = generated.reports(session, Asked(), Part(_A_PAGE, skipped))
    return page(
        request,
        "reports.html",
        reports=found[:_A_PAGE],
        skipped=skipped,
        more=skipped + _A_PAGE if len(found) > _A_PAGE else None,
    )


def report(request: Request) -> Response:
    """Show a generated report with its sources."""
    id_ = request.path_params["id"]
    with studio_of(request).reading() as session:
        found = generated.reports(session, Asked(), Part(1), id_=id_)
        if not found:
            raise HTTPException(404, f"There is no generated report {id_!r}.")
        sources = generated.report_sources(session, found[0].id, Asked(), Part(_SOURCES))
    by_kind = [
        (kind, sorted(some, key=lambda each: (each.day, each.title)))
        for kind, some in groupby(sources, key=lambda each: each.kind)
    ]
    return page(
        request,
        "report.html",
        report=found[0],
        sources=by_kind,
        count=len(sources),
        facts=[*_facts(found[0].output), *_facts(found[0].model_info)],
    )


def _facts(document: str | None) -> list[tuple[str, str]]:
    """Return a JSON document as names and texts, without fields that the page shows elsewhere."""
    values: Any = json.loads(document) if document else None
    if not isinstance(values, dict):
        return [("output", json.dumps(values, ensure_ascii=False))] if values else []
    return [(name, _said(value)) for name, value in values.items() if value and name not in _OWN]


def _said(value: object) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {each}" for name, each in value.items())
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


ROUTES = [Route("/reports", reports), Route("/reports/{id}", report)]
