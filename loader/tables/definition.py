"""The classes that define raw, final and content tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from loader.parsing.values import Sha256
from loader.workspace.kinds import Kind

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(slots=True, kw_only=True)
class Provenance:
    """The columns that each row of a load has in addition to its own."""

    row_id: Annotated[str, "UUID of run, kind, path and position."]
    team: Annotated[str, "The team's folder, as found."]
    source_path: Annotated[str, "The file, relative to the workspace, with `/`."]
    file_sha256: Annotated[Sha256 | None, "SHA-256 of the file's bytes; null if it was not read."]
    run_id: Annotated[str, "UUID of the run."]
    loaded_at: Annotated[datetime, "When the run loaded, by the database's clock."]


# The values of each column of a table, because a list is cheaper than an object per row.
Columns = Mapping[str, Sequence[object]]


@dataclass(frozen=True, kw_only=True)
class RawTable:
    """A table of the schema `raw`.

    Args:
        name: The table's name, without its schema.
        row: The class of its rows; its docstring states the grain.
        has_loads: Whether its rows belong to loads and have a `_dlt_load_id`.
        version_of: The key columns of the versioned object. `prune` counts versions by this key and
            orders them by `loaded_at` and `tie_break`; empty if rows have no versions.
        tie_break: The column that orders versions of the same run.
        is_of_texts: Whether a row refers to a text by `checksum_sha256`.
    """

    name: str
    row: type
    has_loads: bool = True
    version_of: tuple[str, ...] = ()
    tie_break: str | None = None
    is_of_texts: bool = False

    @cached_property
    def schema(self) -> "pa.Schema":
        """Return the columns without `_dlt_load_id`, with descriptions in their metadata."""
        from loader.tables.arrow import arrow_schema  # noqa: PLC0415 - importing Arrow is slow

        return arrow_schema(*[Provenance] * self.has_loads, self.row)


@dataclass(frozen=True, kw_only=True)
class FinalTable:
    """A table of the schema `public`.

    Args:
        name: The table's name, without its schema.
        is_loaded: Whether loads are applied to it, as recorded in bookkeeping.applied_loads.
        days: SQL expressions for a row's first and last day, if it has days.
        is_weekly: Whether each run adds a row for the same week.
        text: The column with the text, which may name a person.
        text_checksum: The column with the SHA-256 of the text, if any.
        text_size: The column with the text's size in bytes, if any.
        same_in_files: The key columns by which another file may have the same row.
        link: The column of `report_data_links` that references it, if any.
        blob_checksum: The column with the SHA-256 of the blob, if any.
        blob_size: The column with the blob's size in bytes, if any.
    """

    name: str
    is_loaded: bool = True
    days: tuple[str, str] | None = None
    is_weekly: bool = False
    text: str | None = None
    text_checksum: str | None = None
    text_size: str | None = None
    same_in_files: tuple[str, ...] = ()
    link: str | None = None
    blob_checksum: str | None = None
    blob_size: str | None = None


@dataclass(frozen=True, kw_only=True)
class ContentTable:
    """A table of the schema `content`: the parsed contents of the final tables' texts.

    Args:
        name: The table's name, without its schema.
        parents: The column that references the text's final table, by the name of that table.
        person: The column with a person's name as written, if any. The macro `content_tables`
            joins people by it.
    """

    name: str
    parents: Mapping[Kind, str] = field(default_factory=dict)
    person: str | None = None
