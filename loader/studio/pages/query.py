"""Queries: one read-only statement in a thread, with limits; each has an address."""

import base64
import binascii
import zlib
from collections.abc import Iterable
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from loader.database.answers import Answer
from loader.settings import redacted
from loader.studio import cells, exports, rights
from loader.studio.context import Studio
from loader.studio.formats import url
from loader.studio.job import Job
from loader.studio.pages.tables import download, grouped
from loader.studio.positions import spot_of, without_place
from loader.studio.rendering import form_of, page, studio_of

FIRST_QUERY = "select *\nfrom reporting.team_week\norder by week_start desc, team"
_SHOWN, _MORE, _EXPORTED = 100, 1_000, 100_000  # rows
_SECONDS = 30.0
_PATIENCE = 0.7  # seconds before a page says that the query is running
_LONGEST = 3_000  # characters of a query in an address as it is
_LARGEST = 1_000_000  # characters of a query
_SEE_OTHER, _BAD_REQUEST, _NOT_FOUND = 303, 400, 404


def query(request: Request) -> Response:
    """Show the editor, and the result of the query in the address."""
    studio = studio_of(request)
    if request.method == "POST":
        return RedirectResponse(address(_tidy(form_of(request).get("sql", ""))), _SEE_OTHER)
    text, is_more = text_of(request), request.query_params.get("rows") == str(_MORE)
    with studio.reading() as session:
        groups = grouped(studio.tables.all(session))
        more = rights.read(session, studio.settings, is_writing=studio.is_writing)
    if not text:
        return page(request, "query.html", text=FIRST_QUERY, job=None, groups=groups, rights=more)
    most = _MORE if is_more else _SHOWN
    job = studio.jobs.get(request.query_params.get("job", ""))
    if not job or job.text != text:
        job = studio.jobs.start(studio.sessions, text, most, _SECONDS)
        if not job.wait(_PATIENCE):
            own = address(text, job=job.id, rows=_MORE if is_more else None)
            return RedirectResponse(own, _SEE_OTHER)
    job.wait(_PATIENCE)
    return _shown(request, job, groups=groups, rights=more)


def cancel(request: Request) -> Response:
    """Cancel a query, and show the outcome."""
    form = form_of(request)
    job = studio_of(request).jobs.get(form.get("job", ""))
    if not job:
        raise HTTPException(_NOT_FOUND, "This query is no longer kept.")
    job.cancel()
    job.wait(5)
    return RedirectResponse(address(job.text, job=job.id), _SEE_OTHER)


def export(request: Request) -> Response:
    """Send the result of a query as a file."""
    studio, kind = studio_of(request), request.path_params["kind"]
    text = text_of(request)
    if kind not in exports.MEDIA or not text:
        raise HTTPException(_NOT_FOUND, "There is no such file.")
    answer = _asked(studio, text)
    if answer.is_cut:
        message = f"The query gives more than {_EXPORTED:,} rows: add a condition or a limit."
        raise HTTPException(_BAD_REQUEST, message)
    body: Iterable[bytes] = exports.export(answer.columns, [answer.rows], kind)
    return download(body, f"query.{kind}", kind)


def address(text: str, **more: object) -> str:
    """Return the address for a query; a long query is compressed."""
    if len(text) <= _LONGEST:
        return url("query", sql=text, **more)
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    return url("query", z=packed, **more)


def text_of(request: Request) -> str:
    """Return the query in an address; or an empty text.

    Raises:
        HTTPException: The query in the address is damaged.
    """
    packed = request.query_params.get("z")
    if packed is None:
        return _tidy(request.query_params.get("sql", ""))
    try:
        data = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        unpacker = zlib.decompressobj()
        text = unpacker.decompress(data, _LARGEST).decode()
    except (ValueError, binascii.Error, zlib.error) as error:
        message = "The query in this address is damaged: a part of it is missing."
        raise HTTPException(_BAD_REQUEST, message) from error
    if not unpacker.eof:
        raise HTTPException(_BAD_REQUEST, "The query in this address is damaged, or too long.")
    return _tidy(text)


def _tidy(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _asked(studio: Studio, text: str) -> Answer:
    with studio.sessions.reading(_SECONDS) as session:
        return session.ask(text, _EXPORTED)


def _shown(request: Request, job: Job, **values: Any) -> Response:  # noqa: ANN401
    answer, lines = job.answer, []
    if answer:
        for row in answer.rows:
            found = [cells.value_cell(value) for value in row]
            lines.append([cells.on_a_line(cell) for cell in found])
    response = page(
        request,
        "query.html",
        status=_BAD_REQUEST if job.error else 200,
        text=job.text,
        job=job,
        answer=answer,
        lines=lines,
        error=without_place(redacted(str(job.error))) if job.error else "",
        spot=spot_of(job.text, job.error) if job.error else None,
        link=address(job.text),
        more=address(job.text, rows=_MORE) if answer and answer.is_cut and job.most < _MORE else "",
        files={
            kind: address(job.text).replace("/query?", f"/query/rows.{kind}?", 1)
            for kind in exports.MEDIA
        },
        limit=_SECONDS,
        exported=_EXPORTED,
        **values,
    )
    if not job.is_done:
        response.headers["refresh"] = "1"
    return response
