"""What a table is, and the Arrow schema that a class gives it."""

import dataclasses
import inspect
import types
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pyarrow as pa

from loader.parsing.values import Sha256

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


@dataclass(slots=True, kw_only=True)
class Provenance:
    """The columns that each row of a load has in addition to its own."""

    row_id: Annotated[str, "UUID of run, kind, path and position."]
    team: Annotated[str, "The team's folder, as found."]
    source_path: Annotated[str, "The file, relative to the workspace, with `/`."]
    file_sha256: Annotated[Sha256 | None, "SHA-256 of the file's bytes; null if it was not read."]
    run_id: Annotated[str, "UUID of the run."]
    loaded_at: Annotated[datetime, "When the run loaded, by the database's clock."]


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A table of the schema `raw`.

    Args:
        name: Its name.
        row: The class of its rows; its docstring says what one row is.
        has_loads: Whether its rows are those of loads, which `_dlt_load_id` names.
        version_of: The columns of what a row is a version of. `prune` counts versions by them, the
            latest by `loaded_at` and `tie_break`; none if each row counts.
        tie_break: The column that decides between versions of one run.
    """

    name: str
    row: type
    has_loads: bool = True
    version_of: tuple[str, ...] = ()
    tie_break: str | None = None

    @property
    def description(self) -> str:
        """What one row is."""
        return inspect.cleandoc(self.row.__doc__ or "")

    @cached_property
    def own_columns(self) -> list[str]:
        """The names of the columns that its class has."""
        return [field.name for field in dataclasses.fields(self.row)]

    @cached_property
    def schema(self) -> pa.Schema:
        """Its columns, without `_dlt_load_id`; descriptions in their metadata."""
        return arrow_schema(*[Provenance] * self.has_loads, self.row)

    @property
    def fields(self) -> "list[pa.Field[Any]]":
        """All columns in the database."""
        return [*self.schema, LOAD_ID] if self.has_loads else [*self.schema]

    @property
    def columns(self) -> list[str]:
        """The names of all columns in the database."""
        return [field.name for field in self.fields]


@dataclass(frozen=True, kw_only=True)
class FinalTable:
    """A table of the schema `public`.

    Args:
        name: Its name.
        is_loaded: Whether it takes in loads, which bookkeeping.applied_loads records.
        days: SQL for a row's first and last day, if it has some.
        is_weekly: Whether each run adds a row for the same week.
        text: The column with the text, which may name a person.
        same_in_files: The columns by which another file may have the same row.
        link: The column of `report_data_links` that refers to it, if there is one.
        describes_blob: Whether `checksum_sha256` and `byte_size` are those of the blob.
    """

    name: str
    is_loaded: bool = True
    days: tuple[str, str] | None = None
    is_weekly: bool = False
    text: str | None = None
    same_in_files: tuple[str, ...] = ()
    link: str | None = None
    describes_blob: bool = False


def arrow_schema(*classes: type) -> pa.Schema:
    """Return a schema of the fields of dataclasses, with descriptions in the columns' metadata."""
    return pa.schema([_arrow_field(*each) for cls in classes for each in _annotations(cls)])


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
