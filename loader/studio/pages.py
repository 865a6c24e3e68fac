"""What the cells of the page show, made of what the database gives."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import marimo as mo
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from markdown_it import MarkdownIt

from loader.database.sessions import Answer
from loader.errors import LoaderError, WarehouseError
from loader.settings import redacted
from loader.studio import overview as first_page
from loader.studio.catalogue import TableView
from loader.studio.job import Job
from loader.studio.server import Studio
from loader.studio.sql import OPERATORS, Filter, RowQuery
from loader.studio.tables import Page

ALL_TEAMS = "all teams"
FIRST_QUERY = "select *\nfrom reporting.team_week\norder by week_start desc, team"
_MOST_EXPORTED = 1_000_000  # rows
_NO_FILTER = "no filter"
_FILTERS = 2
# The texts are other people's: no HTML of theirs is shown, and no picture fetched.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


@dataclass(frozen=True, slots=True)
class Place:
    """A table, and conditions to begin with."""

    table: str
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A way to another place."""

    label: str
    place: Place


def start(studio: Studio) -> Place:
    """The place where the studio opens."""
    return Place(f"{studio.tables.connections.final_schema}.daily_reports")


def attempt(act: Callable[[], Any]) -> Any:  # noqa: ANN401 - what the act gives
    """What an act gives, or the error that it ends with."""
    try:
        return act()
    except LoaderError as error:
        return error


def callout(found: object) -> Any:  # noqa: ANN401
    """An error as a box, word for word; None for anything else."""
    if not isinstance(found, LoaderError):
        return None
    return mo.callout(mo.Html(f"<pre>{escape(redacted(str(found)))}</pre>"), kind="danger")


def saved(is_saved: bool) -> Any:  # noqa: ANN401, FBT001
    """That an edit is in the database, where one is."""
    said = "Saved, and logged in bookkeeping.edits."
    return mo.callout(said, kind="success") if is_saved else mo.md("")


def shown(act: Callable[[], Any]) -> Any:  # noqa: ANN401
    """What an act gives, or its error as a box."""
    found = attempt(act)
    return callout(found) or found


def heading(studio: Studio) -> str:
    """The page's title, with where it is."""
    way = "**editing**" if studio.is_writing else "read-only"
    return f"# orchestrator studio\n\n{studio.place} · {way}"


def teams(studio: Studio) -> list[str]:
    """The teams to choose from."""
    found = attempt(lambda: first_page.teams(studio.tables.connections))
    return [ALL_TEAMS, *(found if isinstance(found, list) else [])]


def overview(studio: Studio, team: str) -> str:
    """The first page's HTML."""
    return first_page.render(studio.tables.connections, None if team == ALL_TEAMS else team)


def tables(studio: Studio) -> tuple[dict[str, TableView], dict[str, int]]:
    """The tables and views that can be read, and how many rows each table has.

    Raises:
        WarehouseError: There are none, or the database does not answer.
    """
    there = studio.tables.all()
    if not there:
        target = studio.settings.target
        message = (
            f"there are no tables yet. First: python -m loader run --target {target}"
            f" --workspace DIR, then dbt build --target {target}"
        )
        raise WarehouseError(message)
    return there, studio.tables.counts(list(there.values()))


def label(name: str, counts: Mapping[str, int]) -> str:
    """A table's name, with how many rows it has where that is known."""
    return f"{name} ({counts[name]:,})" if name in counts else name


def columns(table: TableView) -> str:
    """The columns of a table, as markdown."""
    lines = [escape(table.description), "", "| column | type | key | holds |", "|---|---|---|---|"]
    for column in table.columns.values():
        key = "primary" if column.name in table.key else ""
        key = f"→ {column.references}" if column.references else key
        lines.append(f"| `{column.name}` | {column.type} | {key} | {escape(column.description)} |")
    return "\n".join(lines)


def conditions(table: TableView, filters: Sequence[Filter]) -> list[Any]:
    """The controls of the filters: column, operator and value of each, one after the other."""
    controls = []
    for number in range(_FILTERS):
        given = filters[number] if number < len(filters) else Filter(_NO_FILTER, OPERATORS[0])
        controls += [
            mo.ui.dropdown([_NO_FILTER, *table.columns], value=given.column),
            mo.ui.dropdown(list(OPERATORS), value=given.operator),
            mo.ui.text(value=given.value, placeholder="value"),
        ]
    return controls


def view(search: str, values: Sequence[Any], sort: str | None, *, is_descending: bool) -> RowQuery:
    """The view that the controls say."""
    triples = (values[first : first + 3] for first in range(0, len(values), 3))
    filters = tuple(
        Filter(column, operator, value)
        for column, operator, value in triples
        if column not in {None, _NO_FILTER} and (value or "empty" in operator)
    )
    return RowQuery(search.strip(), filters, sort, is_descending)


def records(found: object) -> list[dict[str, Any]]:
    """Rows for a table on the page; their numbers stand in `#`."""
    if not isinstance(found, (Answer, Page)):
        return []
    return [
        {"#": number, **{n: text(v) for n, v in zip(found.columns, row, strict=True)}}
        for number, row in enumerate(found.rows, start=1)
    ]


def positions(found: object, key: object) -> list[int]:
    """Where on a page the row of a key is."""
    keys = found.keys if isinstance(found, Page) else []
    return [keys.index(each) for each in keys if each == key]


def last_page(found: object, size: int) -> int:
    """The number of the last page, from 0."""
    return max(found.total - 1, 0) // size if isinstance(found, Page) else 0


def range_of(found: object, number: int, size: int) -> str:
    """Which rows a page has, in words."""
    if not isinstance(found, Page):
        return ""
    first = number * size
    if not found.rows:
        return f"no rows here, {found.total:,} in all"
    return f"rows {first + 1:,} to {first + len(found.rows):,} of {found.total:,}"


def summary(job: Job) -> str:
    """What a query gave, in words."""
    answer = job.answer
    if not isinstance(answer, Answer):
        return ""
    more = ", and there are more" if answer.is_cut else ""
    rows = "1 row" if len(answer.rows) == 1 else f"{len(answer.rows):,} rows"
    return f"{rows}{more}, {job.seconds:.2f} s"


def export(studio: Studio, table: TableView, view: RowQuery, kind: str) -> bytes:
    """The rows of a view as a file.

    Raises:
        WarehouseError: They are too many for a file from here.
    """
    answer = studio.tables.export(table, view, _MOST_EXPORTED)
    if answer.is_cut:
        message = f"more than {_MOST_EXPORTED:,} rows: use loader.reading, or a filter."
        raise WarehouseError(message)
    lists = zip(*answer.rows, strict=True) if answer.rows else [() for _ in answer.columns]
    arrays = [pa.array([_plain(value) for value in values]) for values in lists]
    arrow = pa.table(arrays, names=list(answer.columns))
    file = io.BytesIO()
    if kind == "csv":
        pyarrow.csv.write_csv(arrow, file)
    else:
        pyarrow.parquet.write_table(arrow, file)
    return file.getvalue()


def _plain(value: object) -> Any:  # noqa: ANN401
    """A value as a file has it: numbers as such, all else as text."""
    return value if value is None or isinstance(value, (int, float)) else text(value)


def links(
    studio: Studio, table: TableView, tables: Mapping[str, TableView], row: Mapping[str, Any]
) -> list[Link]:
    """The rows that a row refers to, and those that refer to it."""
    found = [
        Link(
            f"{column.name} → {column.references}",
            Place(column.references, (Filter("id", "is", text(row[column.name])),)),
        )
        for column in table.columns.values()
        if column.references and row[column.name] is not None
    ]
    if "id" in row:
        for each in studio.tables.children(table, row["id"], tables):
            place = Place(each.table, (Filter(each.column, "is", text(row["id"])),))
            found.append(Link(f"{each.count:,} in {each.table}", place))
    return found


def row(table: TableView, values: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """A row, whole; long texts as the markdown that they are."""
    parts = []
    for name, value in values.items():
        said = text(value)
        if isinstance(value, str) and "\n" in said:
            shown = f'<div class="markdown prose dark:prose-invert">{_MARKDOWN.render(said)}</div>'
        elif "\n" in said:
            shown = f"<pre>{escape(said)}</pre>"
        else:
            shown = f"<code>{escape(said)}</code>" if value is not None else "<i>null</i>"
        title = escape(table.columns[name].description)
        parts.append(f'<tr><th title="{title}">{escape(name)}</th><td>{shown}</td></tr>')
    style = (
        "<style>.row th { text-align: left; vertical-align: top; padding-right: 16px; }"
        " .row .markdown { max-width: 80ch; border-left: 3px solid #8884; padding-left: 14px; }"
        "</style>"
    )
    return mo.Html(f'{style}<table class="row">{"".join(parts)}</table>')


def text(value: object) -> str:
    """A value as people read and type it."""
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)
