"""Read the rows to show from an address, and build the addresses of other views of a table."""

import json
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from loader.errors import WarehouseError
from loader.studio.formats import url
from loader.studio.sql import WITHOUT_VALUE, Cursor, Filter, RowQuery


@dataclass(frozen=True, slots=True)
class View:
    """A view of a table, as described by its address.

    Args:
        table: The table's name.
        query: The selection of rows and their order.
        cursor: The start of the page.
        row: The key of the open row.
        is_whole: Whether all columns are shown.
    """

    table: str
    query: RowQuery = field(default_factory=RowQuery)
    cursor: Cursor | None = None
    row: tuple[str, ...] = ()
    is_whole: bool = False

    @property
    def address(self) -> str:
        """The view's address."""
        return _address(url("tables", self.table), self._items)

    @property
    def form(self) -> str:
        """The address of the form for the open row."""
        return _address(url("tables", self.table, "edit"), [("row", each) for each in self.row])

    def export(self, kind: str) -> str:
        """Return the address of a file with all its rows."""
        items = [each for each in self._items if each[0] in {"q", "where", "sort"}]
        return _address(url("tables", self.table, f"rows.{kind}"), items)

    @property
    def _items(self) -> list[tuple[str, str]]:
        items = [("q", self.query.search)] if self.query.search else []
        items += [("where", written(each)) for each in self.query.filters]
        if self.query.sort:
            items.append(("sort", f"{'-' * self.query.is_descending}{self.query.sort}"))
        if self.is_whole:
            items.append(("columns", "all"))
        if self.cursor:
            name = "before" if self.cursor.is_backwards else "after"
            value = json.dumps(self.cursor.values, ensure_ascii=False, separators=(",", ":"))
            items.append((name, value))
        return [*items, *(("row", each) for each in self.row)]

    def opened(self, key: tuple[str, ...]) -> str:
        """Return the address with a row open next to the list."""
        return replace(self, row=key).address

    @property
    def closed(self) -> str:
        """The address without an open row."""
        return replace(self, row=()).address

    def at(self, cursor: Cursor | None) -> str:
        """Return the address of another page."""
        return replace(self, cursor=cursor, row=()).address

    @property
    def toggled(self) -> str:
        """The address with all columns, or with the default ones."""
        return replace(self, is_whole=not self.is_whole).address

    def hidden(self, *left_out: str) -> list[tuple[str, str]]:
        """Return the fields that a form must send to keep the rest of the view."""
        skipped = {*left_out, "after", "before", "row"}
        return [each for each in self._items if each[0] not in skipped]

    def without(self, gone: Filter) -> str:
        """Return the address without a filter."""
        rest = tuple(each for each in self.query.filters if each != gone)
        return replace(self, query=replace(self.query, filters=rest), cursor=None, row=()).address

    @property
    def unsearched(self) -> str:
        """The address without search words."""
        return replace(self, query=replace(self.query, search=""), cursor=None, row=()).address

    def sorted_by(self, column: str) -> str:
        """Return the address with the rows sorted by a column; a second time, in reverse."""
        is_down = self.query.sort == column and not self.query.is_descending
        query = replace(self.query, sort=column, is_descending=is_down)
        return replace(self, query=query, cursor=None, row=()).address


def view_of(table: str, params: QueryParams) -> View:
    """Return the view that an address describes.

    Raises:
        WarehouseError: A filter or the cursor is invalid.
    """
    sort = params.get("sort", "")
    query = RowQuery(
        params.get("q", "").strip(),
        tuple(_filter(each) for each in params.getlist("where") if each),
        sort.removeprefix("-") or None,
        sort.startswith("-"),
    )
    place = params.get("before") or params.get("after")
    cursor = Cursor(_values(place), bool(params.get("before"))) if place else None
    is_whole = params.get("columns") == "all"
    return View(table, query, cursor, tuple(params.getlist("row")), is_whole)


def written(each: Filter) -> str:
    """Return a filter as in an address."""
    return " ".join([each.column, each.operator, *([each.value] if each.value else [])])


def chosen_filter(params: QueryParams) -> Filter | None:
    """Return the filter that a form added, if any."""
    column, operator = params.get("column", ""), params.get("operator", "contains")
    value = params.get("value", "")
    if not column or (not value and operator not in WITHOUT_VALUE):
        return None
    return Filter(column, operator, "" if operator in WITHOUT_VALUE else value)


def _filter(text: str) -> Filter:
    column, _, rest = text.partition(" ")
    operator, _, value = rest.partition(" ")
    if not operator:
        message = (
            f"{text!r} is not a filter. Write column, operator and value, such as 'name is Ana'."
        )
        raise WarehouseError(message)
    return Filter(column, operator, value)


def _values(text: str) -> tuple[str | None, ...]:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, list) or any(
        each is not None and not isinstance(each, str) for each in values
    ):
        raise WarehouseError("The address of this page is damaged: its beginning cannot be read.")
    return tuple(values)


def _address(path: str, items: list[tuple[str, str]]) -> str:
    return f"{path}?{urlencode(items)}" if items else path
