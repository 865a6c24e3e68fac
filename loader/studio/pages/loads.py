"""Loads with their files and rejections."""

from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.database.refusals import role_of
from loader.database.sessions import Session
from loader.questions import loads as asked
from loader.questions.asked import Part
from loader.studio.context import Studio
from loader.studio.pages.asking import number_of
from loader.studio.rendering import page, studio_of
from loader.studio.situations import NotReadyError

_A_PAGE = 50


def loads(request: Request) -> Response:
    """Show all loads, and the open rejections."""
    studio, skipped = studio_of(request), number_of(request, "from")
    with studio.reading() as session:
        _check_right(session, studio)
        found = asked.loads(session, Part(_A_PAGE, skipped))
        rejections = asked.open_rejections(session) if not skipped else []
    return page(
        request,
        "loads.html",
        loads=found[:_A_PAGE],
        more=skipped + _A_PAGE if len(found) > _A_PAGE else None,
        skipped=skipped,
        reasons=by_reason(rejections),
    )


def load(request: Request) -> Response:
    """Show a load."""
    studio, run_id = studio_of(request), request.path_params["run_id"]
    with studio.reading() as session:
        _check_right(session, studio)
        found = asked.loads(session, Part(1), run_id)
        if not found:
            raise HTTPException(404, f"There is no finished load {run_id!r}.")
        files = asked.files_of(session, run_id)
        rejections = asked.rejections_of(session, run_id)
    return page(request, "load.html", load=found[0], files=files, reasons=by_reason(rejections))


def by_reason(
    rejections: list[asked.Rejection],
) -> list[tuple[asked.Rejection, list[asked.Rejection]]]:
    """Return rejections by severity and reason, each with an example."""
    groups = groupby(rejections, key=lambda each: (each.severity, each.reason))
    return [(some[0], some) for _, each in groups for some in [list(each)]]


def _check_right(session: Session, studio: Studio) -> None:
    if not studio.can_read_raw(session):
        text = f"Loads are in the schema raw, and {role_of(studio.settings)} may not read it."
        command = f"dbt run-operation grant_roles --target {studio.settings.target}"
        raise NotReadyError("Loads are not shown", text, (command,))


ROUTES = [Route("/loads", loads), Route("/loads/{run_id:path}", load)]
