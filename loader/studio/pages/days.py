"""A daily report: its text and its entries."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.questions import days as asked
from loader.questions.asked import Asked, Part
from loader.questions.calendar import teams
from loader.questions.names import monday
from loader.questions.origins import Origins
from loader.studio.rendering import page, studio_of


def day(request: Request) -> Response:
    """Show a daily report."""
    id_ = request.path_params["id"]
    with studio_of(request).reading() as session:
        found = asked.days(session, Asked(), Part(1), id_)
        if not found:
            raise HTTPException(404, f"There is no daily report {id_!r}.")
        report = found[0]
        before, after = asked.around(session, report.id)
        has_entries = studio_of(request).has_contents(session)
        person = asked.author(session, report.id) if has_entries else None
        entries = asked.entries(session, [report.id])[report.id] if has_entries else []
        organizations = {each.name: each.organization for each in teams(session)}
        origins = Origins(session, [report.blob_key], has_days=True)
    path, line = origins.line(report.blob_key, report.day, report.checksum)
    return page(
        request,
        "day.html",
        report=report,
        person=person,
        organization=organizations[report.team],
        week=monday(report.day),
        before=before,
        after=after,
        entries=entries,
        has_entries=has_entries,
        origin=path,
        line=line,
    )


ROUTES = [Route("/days/{id}", day)]
