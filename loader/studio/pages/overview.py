"""The first page: who reported when, who is silent, what was loaded."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.studio.rendering import page, studio_of


def overview(request: Request) -> Response:
    """Show the first page."""
    with studio_of(request).reading() as session:
        teams = [name for (name,) in session.fetch("select name from teams order by name").rows]
    return page(request, "overview.html", teams=teams)


ROUTES = [Route("/", overview)]
