"""Values for display in lists and forms: names instead of ids, days in a readable form."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from loader.studio.catalogue import ColumnView
from loader.studio.formats import day, moment, url
from loader.studio.names import Name

Names = Mapping[tuple[str, str], Name]
_ONE_LINE = 90  # characters
_SHORT = 160  # characters; a longer text is a block


@dataclass(frozen=True, slots=True)
class Cell:
    """A value for display.

    Args:
        text: The text to show.
        address: The link's address; empty for no link.
        kind: null, number, text, block (a long text) or code (JSON).
    """

    text: str
    address: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Field:
    """A column of a row.

    Args:
        row_address: The address of the referenced row in its table, besides its page.
    """

    column: ColumnView
    cell: Cell
    row_address: str = ""


def listed(columns: Sequence[ColumnView], row: Sequence[object], names: Names) -> list[Cell]:
    """Return the cells of a row in a list, each on one line."""
    cells = []
    for column, value in zip(columns, row, strict=True):
        cells.append(on_a_line(_cell(column, value, names)))
    return cells


def on_a_line(cell: Cell) -> Cell:
    """Return a cell on one line, cut if it is long."""
    text = " ".join(cell.text.split())
    text = f"{text[:_ONE_LINE]}…" if len(text) > _ONE_LINE else text
    return Cell(text, cell.address, "text" if cell.kind in {"block", "code"} else cell.kind)


def fields(columns: Sequence[ColumnView], row: Mapping[str, Any], names: Names) -> list[Field]:
    """Return the fields of a row, with their complete texts."""
    found = []
    for column in columns:
        value = row[column.name]
        cell = _cell(column, value, names)
        has_page = column.references and not cell.address.startswith("/tables/")
        own = url("tables", column.references, row=value) if has_page and value else ""
        found.append(Field(column, cell, own))
    return found


def _cell(column: ColumnView, value: object, names: Names) -> Cell:
    if value is None:
        return Cell("null", "", "null")
    if column.references:
        name = names.get((column.references, str(value)))
        row = url("tables", column.references, row=value)
        return Cell(name.text, name.address) if name else Cell(str(value), row)
    if column.name == "run_id":
        return Cell(str(value), url("loads", value))
    return value_cell(value)


def value_cell(value: object) -> Cell:  # noqa: PLR0911 - one per type
    """Return a value of a query, whose column is unknown."""
    match value:
        case None:
            return Cell("null", "", "null")
        case bool():
            return Cell("yes" if value else "no")
        case int() | float() | Decimal():
            return Cell(f"{value:,}" if isinstance(value, int) else str(value), "", "number")
        case datetime():
            return Cell(moment(value) if value.tzinfo else moment(value).removesuffix(" UTC"))
        case date():
            return Cell(day(value))
        case dict() | list():
            text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
            return Cell(text, "", "code")
        case _:
            text = str(value)
            is_block = "\n" in text or len(text) > _SHORT
            return Cell(text, "", "block" if is_block else "text")
