"""Build Arrow schemas from the row classes."""

import dataclasses
import types
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from loader.tables import RAW_TABLES

_ARROW: dict[type, pa.DataType] = {
    str: pa.string(),
    bytes: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    date: pa.date32(),
    datetime: pa.timestamp("us", tz="UTC"),
}
LOAD_ID = pa.field(
    "_dlt_load_id",
    pa.string(),
    nullable=False,
    metadata={"description": "The load that brought the row."},
)


def arrow_schema(*classes: type) -> pa.Schema:
    """Return a schema of the fields of dataclasses, with descriptions in the columns' metadata."""
    return pa.schema([_arrow_field(*each) for cls in classes for each in _annotations(cls)])


@cache
def database_columns() -> "dict[str, list[pa.Field[Any]]]":
    """Return the columns of each raw table in the database."""
    return {
        name: [*table.schema, LOAD_ID] if table.has_loads else [*table.schema]
        for name, table in RAW_TABLES.items()
    }


def _annotations(cls: type) -> list[tuple[str, Any]]:
    hints = get_type_hints(cls, include_extras=True)
    return [(field.name, hints[field.name]) for field in dataclasses.fields(cls)]


def _arrow_field(name: str, annotation: Any) -> "pa.Field[Any]":  # noqa: ANN401 - a type
    hint, *notes = get_args(annotation) if get_origin(annotation) is Annotated else [annotation]
    is_union = get_origin(hint) in {Union, types.UnionType}
    options = (
        [each for each in get_args(hint) if each is not types.NoneType] if is_union else [hint]
    )
    base = getattr(options[0], "__supertype__", options[0])
    arrow = next(_ARROW[each] for each in base.__mro__ if each in _ARROW)
    return pa.field(name, arrow, nullable=is_union, metadata={"description": "".join(notes)})
