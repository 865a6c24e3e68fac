"""The form for a row, with `--write`. After any error, it shows again what was typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from loader.database.sessions import Session
from loader.errors import LoaderError
from loader.settings import redacted
from loader.studio import edits, forms, names, situations
from loader.studio.catalogue import TableView
from loader.studio.context import Studio
from loader.studio.pages.tables import table_of
from loader.studio.paging import as_text
from loader.studio.rendering import form_of, page, studio_of
from loader.studio.views import View

_SEE_OTHER, _BAD_REQUEST, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 303, 400, 403, 404, 409


@dataclass(frozen=True, slots=True)
class _Place:
    """A row to edit.

    Args:
        table: Its table.
        key: The row's key.
        row: The row's values; None if it was deleted.
        options: Rows that the columns may refer to.
    """

    table: TableView
    key: tuple[str, ...]
    row: dict[str, Any] | None
    options: Mapping[str, Sequence[tuple[str, str]]]


def edit(request: Request) -> Response:
    """Show the form for a row, or save the submitted form."""
    studio = studio_of(request)
    check_writing(studio)
    if request.method == "POST":
        return _save(request, studio)
    place = _place(request, studio)
    if place.row is None:
        raise HTTPException(_NOT_FOUND, "There is no such row, or it is gone.")
    return _form(request, place, forms.shown(place.table, place.row, place.options))


def check_writing(studio: Studio) -> None:
    """Reject changes unless the studio was started with `--write`.

    Raises:
        HTTPException: The studio is read-only.
    """
    if not studio.is_writing:
        command = f"python -m loader studio --write --target {studio.settings.target}"
        raise HTTPException(
            _FORBIDDEN, f"This studio only reads. To edit, start it with: {command}"
        )


def _save(request: Request, studio: Studio) -> Response:  # noqa: PLR0911 - one return per outcome
    form = form_of(request)
    try:
        place = _place(request, studio)
    except LoaderError as error:
        return _lost(request, form, str(error), _CONFLICT)
    if place.row is None:
        return _lost(request, form, "The row is gone.", _NOT_FOUND)
    sent = forms.sent(place.table, place.row, form, place.options)
    if sent.is_refused:
        said = "Nothing was saved: some columns need another look."
        return _form(request, place, sent.inputs, said, _CONFLICT)
    if not sent.changes:
        said = "Nothing was saved, as nothing was changed."
        return _form(request, place, sent.inputs, said, _BAD_REQUEST)

    def check(session: Session) -> None:
        situations.check(session, studio.settings)

    table = place.table
    try:
        now = edits.edit(studio.tables, table, place.key, place.row, sent.changes, check=check)
    except edits.ChangedError as error:
        return _form(request, _place(request, studio), sent.inputs, str(error), _CONFLICT)
    except LoaderError as error:
        return _form(request, place, sent.inputs, str(error), _BAD_REQUEST)
    key = tuple(as_text(now[name]) or "" for name in table.key)
    address = View(table.name, row=key).address
    return RedirectResponse(f"{address}&saved={','.join(sent.changes)}", _SEE_OTHER)


def _place(request: Request, studio: Studio) -> _Place:
    key = tuple(request.query_params.getlist("row"))
    with studio.reading() as session:
        there = studio.tables.all(session)
        table = table_of(there, request.path_params["name"])
        if not table.is_editable:
            message = f"Cannot edit {table.name!r}: the loader and dbt write it."
            raise HTTPException(_FORBIDDEN, message)
        row = studio.tables.row(session, table, key)
        options = names.choices(session, there, table, studio.sessions.final_schema)
    return _Place(table, key, row, options)


def _form(
    request: Request,
    place: _Place,
    inputs: Sequence[forms.Input],
    problem: str = "",
    status: int = 200,
) -> Response:
    row = place.row or {}
    kept = [name for name in place.table.columns if name not in {e.column.name for e in inputs}]
    return page(
        request,
        "edit.html",
        status=status,
        table=place.table,
        title=names.title(place.table, row) if row else place.table.short_name,
        view=View(place.table.name, row=place.key),
        inputs=inputs,
        kept=kept,
        problem=redacted(problem),
    )


def _lost(request: Request, form: Mapping[str, str], problem: str, status: int) -> Response:
    """Return the form with the typed texts if the row cannot be read."""
    name = request.path_params["name"]
    return page(
        request,
        "edit.html",
        status=status,
        table=None,
        title=name,
        view=View(name, row=tuple(request.query_params.getlist("row"))),
        inputs=forms.as_sent(form),
        kept=[],
        problem=redacted(problem),
    )
