"""The studio's web application: pages, static files, and error pages."""

import logging
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from loader.errors import LoaderError, SearchError
from loader.questions.names import UnknownNameError
from loader.settings import is_debug, redacted
from loader.studio import rendering
from loader.studio.context import Studio
from loader.studio.guard import Guard
from loader.studio.pages import ROUTES
from loader.studio.situations import NotReadyError

_log = logging.getLogger("loader")
_STATIC = Path(__file__).with_name("static")
_BAD_REQUEST, _NOT_FOUND, _FAILED, _UNAVAILABLE = 400, 404, 500, 503


def create_app(studio: Studio) -> Starlette:
    """Return the studio's application."""
    guard = Middleware(
        Guard,
        port=studio.port,
        token=studio.token,
        refuse=rendering.refusal,
    )
    app = Starlette(
        routes=[*ROUTES, Mount("/static", _CachedFiles(directory=_STATIC))],
        middleware=[guard],
        exception_handlers={
            LoaderError: _explain,
            UnknownNameError: _not_found,
            HTTPException: _refuse,
            Exception: _apologize,
        },
    )
    app.state.studio = studio
    return app


class _CachedFiles(StaticFiles):
    """Static files whose address changes with their content."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["cache-control"] = "private, max-age=31536000, immutable"
        return response


def _explain(request: Request, error: Exception) -> Response:
    """Return the page of an expected error, with its message."""
    status = _UNAVAILABLE if isinstance(error, NotReadyError) else _BAD_REQUEST
    title = "This cannot be searched for" if isinstance(error, SearchError) else "This did not work"
    return rendering.page(
        request,
        "problem.html",
        status=status,
        title=getattr(error, "title", title),
        text=redacted(str(error)),
        commands=getattr(error, "commands", ()),
    )


def _not_found(request: Request, error: Exception) -> Response:
    return rendering.page(
        request,
        "problem.html",
        status=_NOT_FOUND,
        title="Nobody has this name",
        text=str(error),
        commands=(),
        links=(("/people", "All people"),),
    )


def _refuse(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else _NOT_FOUND
    title = "There is no such page" if status == _NOT_FOUND else "This is not possible"
    detail = error.detail if isinstance(error, HTTPException) else ""
    if detail == "Not Found":
        detail = "The address leads nowhere. The overview leads to all there is."
    return rendering.page(
        request, "problem.html", status=status, title=title, text=detail, commands=()
    )


def _apologize(request: Request, error: Exception) -> Response:
    """Return the page of an unexpected error, and log the error."""
    text = f"{type(error).__name__}: {error}"
    _log.error("%s: %s", request.url.path, text, exc_info=error if is_debug() else None)
    text += "\nFor the traceback, start the studio with DEBUG=true and load this page again."
    return rendering.page(
        request,
        "problem.html",
        status=_FAILED,
        title="Something unforeseen happened",
        text=redacted(text),
        commands=(),
    )
