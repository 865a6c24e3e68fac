"""Tables: a list of them, the rows of one, and a row next to its list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from loader.database.sessions import Session
from loader.studio import cells, exports, names, rights, seed_files, sql
from loader.studio.catalogue import ColumnView, TableView
from loader.studio.context import Studio
from loader.studio.paging import Page
from loader.studio.rendering import page, studio_of
from loader.studio.sizes import Count
from loader.studio.tables import Children
from loader.studio.views import View, chosen_filter, view_of
from loader.tables import FINAL_TABLES
from loader.tables.contents import CONTENT_TABLES

_PAGE = 50  # rows
_COUNTED = 10_000  # rows; counting more takes long and adds little
_EXPORT_SECONDS = 300.0
_SEE_OTHER, _NOT_FOUND = 303, 404


@dataclass(frozen=True, slots=True)
class Opened:
    """A row next to its list."""

    key: tuple[str, ...]
    title: str
    page: str
    fields: list[cells.Field]
    children: list[Children]
    id: object


def tables(request: Request) -> Response:
    """Show the tables with their numbers of rows."""
    studio = studio_of(request)
    with studio.reading() as session:
        there = studio.tables.all(session)
        counts = studio.tables.counts(session, [*there.values()])
        more = rights.read(session, studio.settings, is_writing=studio.is_writing)
    return page(request, "tables.html", groups=grouped(there), counts=counts, rights=more)


def rows(request: Request) -> Response:
    """Show rows of a table, and one of them next to the list."""
    studio, params = studio_of(request), request.query_params
    view = view_of(request.path_params["name"], params)
    if chosen := chosen_filter(params):
        query = sql.RowQuery(
            view.query.search,
            tuple(dict.fromkeys([*view.query.filters, chosen])),
            view.query.sort,
            view.query.is_descending,
        )
        address = View(view.table, query, is_whole=view.is_whole).address
        return RedirectResponse(address, _SEE_OTHER)
    with studio.reading() as session:
        there = studio.tables.all(session)
        table = table_of(there, view.table)
        shown = table.readable if view.is_whole else table.listed
        found = studio.tables.page(
            session, table, view.query, shown, size=_PAGE, cursor=view.cursor
        )
        counts = studio.tables.counts(session, [*there.values()])
        opened = _opened(studio, session, there, table, view.row)
        named = _names(studio, session, there, shown, found.rows)
        is_all = not view.query.search and not view.query.filters
        known = counts.get(table.name) if is_all else None
        count = _count(studio, session, table, view, found, known)
    saved = [name for name in params.get("saved", "").split(",") if name in table.columns]
    lines = [cells.listed(shown, row, named) for row in found.rows]
    seed = studio.is_writing and seed_files.path_of(table.short_name, studio.seeds)
    return page(
        request,
        "rows.html",
        status=_NOT_FOUND if view.row and not opened else 200,
        groups=grouped(there),
        counts=counts,
        count=count,
        opened=opened,
        table=table,
        view=view,
        columns=shown,
        lines=list(zip(found.keys, lines, strict=True)),
        found=found,
        is_large=table.name in counts and not counts[table.name].is_exact,
        operators=sql.OPERATORS,
        kinds=exports.MEDIA,
        may_edit=studio.is_writing and table.is_editable,
        saved=saved,
        stale=_stale(studio, table, saved),
        seed=seed.name if seed else "",
    )


def export(request: Request) -> Response:
    """Send the rows of a view of a table as a file."""
    studio, kind = studio_of(request), request.path_params["kind"]
    view = view_of(request.path_params["name"], request.query_params)
    if kind not in exports.MEDIA:
        raise HTTPException(_NOT_FOUND, f"There is no file of the kind {kind!r}.")
    with studio.reading(_EXPORT_SECONDS) as session:
        table = table_of(studio.tables.all(session), view.table)
        types = [column.type for column in table.columns.values()]
        batches = studio.tables.batches(session, table, view.query)
        body = exports.export([*table.columns], batches, kind, types)
    return download(body, f"{table.short_name}.{kind}", kind)


def download(body: Iterable[bytes], name: str, kind: str) -> Response:
    """Return a response that a browser saves as a file."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(body, media_type=exports.MEDIA[kind], headers=headers)


def table_of(tables: Mapping[str, TableView], name: str) -> TableView:
    """Return the table of a name.

    Raises:
        HTTPException: The table does not exist, or the role may not read it.
    """
    if name not in tables:
        raise HTTPException(_NOT_FOUND, f"There is no table {name!r} that can be read here.")
    return tables[name]


def grouped(tables: Mapping[str, TableView]) -> list[tuple[str, list[TableView]]]:
    """Return the tables by group."""
    return [
        (name, list(some)) for name, some in groupby(tables.values(), lambda table: table.group)
    ]


def _names(
    studio: Studio,
    session: Session,
    there: Mapping[str, TableView],
    columns: Sequence[ColumnView],
    rows: Sequence[Sequence[Any]],
) -> cells.Names:
    """Return the names of all rows that the given rows refer to."""
    wanted: dict[str, set[object]] = {}
    for number, column in enumerate(columns):
        if column.references:
            ids = {row[number] for row in rows if row[number] is not None}
            wanted.setdefault(column.references, set()).update(ids)
    return names.names(session, there, wanted, studio.sessions.final_schema)


def _opened(
    studio: Studio,
    session: Session,
    there: Mapping[str, TableView],
    table: TableView,
    key: tuple[str, ...],
) -> Opened | None:
    row = studio.tables.row(session, table, key)
    if row is None:
        return None
    columns = table.readable
    named = _names(studio, session, there, columns, [[row[each.name] for each in columns]])
    children = []
    if "id" in row and not table.is_view:
        children = studio.tables.children(session, table, row["id"], there)
    return Opened(
        key,
        names.title(table, row),
        names.page_of(table, row),
        cells.fields(columns, row, named),
        children,
        row.get("id"),
    )


def _count(  # noqa: PLR0913, PLR0917
    studio: Studio,
    session: Session,
    table: TableView,
    view: View,
    found: Page,
    known: Count | None,
) -> Count:
    """Return the number of rows of a view, estimated if it is large."""
    if not view.cursor and not found.following:
        return Count(len(found.rows))
    if found.searched:
        return Count(len(found.rows), is_exact=False)
    count = known or studio.tables.count(session, table, view.query, _COUNTED)
    return count or Count(len(found.rows), is_exact=False)


def _stale(studio: Studio, table: TableView, saved: Sequence[str]) -> list[str]:
    """Return the commands that update the content tables, if an edit made them stale."""
    kinds = {str(kind) for each in CONTENT_TABLES.values() for kind in each.parents}
    final = FINAL_TABLES.get(table.known_name)
    if not final or final.text not in saved or table.known_name not in kinds:
        return []
    target = studio.settings.target
    load = f"python -m loader run --target {target} --workspace DIR"
    return [load, f"dbt build --target {target}"]
