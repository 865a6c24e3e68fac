"""Render templates. Texts of others are escaped, and their control characters visible."""

import hashlib
import hmac
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import anyio.from_thread
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from loader import __version__
from loader.studio import formats, links
from loader.studio.context import Studio

_FOLDER = Path(__file__).parent
_FORM_TOKEN = "form_token"  # noqa: S105 - a field's name
_LARGEST_FORM = 5_000_000  # bytes


def studio_of(request: Request) -> Studio:
    """Return the studio that handles a request."""
    studio: Studio = request.app.state.studio
    return studio


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    **values: Any,  # noqa: ANN401 - values for the template
) -> HTMLResponse:
    """Return a page.

    Args:
        request: The request to answer.
        template: The name of a file in `templates`.
        status: The HTTP status.
        values: Values for the template.
    """
    studio = studio_of(request)
    given = {
        "studio": studio,
        "target": str(studio.settings.target),
        "path": request.url.path,
        "sought": request.query_params.get("q", "") if request.url.path == "/search" else "",
        _FORM_TOKEN: form_token(studio),
    }
    html = templates().get_template(template).render({**given, **values})
    return HTMLResponse(html, status_code=status)


def refusal(status: int, reason: str) -> bytes:
    """Return the page for a rejected request; it reveals nothing about the database."""
    values = {"status": status, "reason": reason}
    return templates().get_template("refused.html").render(values).encode()


def form_token(studio: Studio) -> str:
    """Return the token that our forms send: pages of other ports cannot know it."""
    return hmac.new(studio.token.encode(), b"form", hashlib.sha256).hexdigest()


def form_of(request: Request) -> dict[str, str]:
    """Return the fields of one of our forms, for handlers, which run in threads.

    Raises:
        HTTPException: The form lacks the token, or is too large.
    """
    body: bytes = anyio.from_thread.run(request.body)
    if len(body) > _LARGEST_FORM:
        raise HTTPException(413, "The form is too large.")
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    form = {name: values[-1] for name, values in fields.items()}
    given = form.pop(_FORM_TOKEN, "")
    if not hmac.compare_digest(given.encode(), form_token(studio_of(request)).encode()):
        raise HTTPException(403, "The form is not of this studio, or the studio was restarted.")
    return form


@cache
def templates() -> Environment:
    """Return the template environment, with its filters and functions."""
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_final,
    )
    environment.filters.update(formats.FILTERS)
    environment.globals.update(
        version=__version__,
        asset=_asset,
        url=formats.url,
        pages=links.PAGES,
        turn_url=links.turn,
        mention_url=links.mention,
        source_url=links.source,
    )
    return environment


def _final(value: object) -> object:
    """Return a value as every template shows it."""
    if value is None:
        return ""
    if isinstance(value, str) and not isinstance(value, Markup):
        return formats.visible(value)
    return value


@cache
def _asset(name: str) -> str:
    """Return the address of a file in `static`, which changes with its content."""
    digest = hashlib.sha256((_FOLDER / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"
