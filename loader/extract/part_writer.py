"""Write rows of all raw tables into one Parquet file.

A row group holds rows of one table. A part does not depend on the run that loads it: `row_id` is
only the row's position in its file, and the run's columns are empty until loading/files.py fills
them.
"""

import json
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import IO, Any, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq

from loader.parsing.values import Sha256
from loader.tables import TABLES, Row
from loader.tables.definition import Columns, RawTable

_BATCH_ROWS = 2000
_BATCH_BYTES = 8 * 1024 * 1024
_TABLES = b"tables"
# Columns that all rows of a file share; dictionary encoding keeps them small.
REPEATED = frozenset(
    {
        *("raw_table", "team", "source_path", "file_sha256", "run_id", "kind", "author_name"),
        *("blob_key", "blob_url", "loaded_by", "_dlt_load_id"),
        *("checksum_sha256", "project", "section", "section_kind", "speaker"),
    }
)
RAW_TABLE = "raw_table"
SCHEMA = pa.schema(
    {
        RAW_TABLE: pa.string(),
        **{each.name: each.type for table in TABLES.values() for each in table.schema},
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The file that rows come from.

    Args:
        team: The team's folder.
        source_path: The file, relative to the workspace.
        file_sha256: SHA-256 of the file's bytes; None if it was not read.
    """

    team: str
    source_path: str
    file_sha256: Sha256 | None


@dataclass(slots=True)
class _Batch:
    """Rows of a table that are not written yet; the origin's columns have a value per row."""

    rows: list[Row] = field(default_factory=list)
    columns: dict[str, list[object]] = field(default_factory=dict)  # values of rows given by column
    bytes: int = 0
    row_id: list[str] = field(default_factory=list)
    team: list[str] = field(default_factory=list)
    source_path: list[str] = field(default_factory=list)
    file_sha256: list[str | None] = field(default_factory=list)

    def values(self, column: str) -> Sequence[object] | None:
        """Return the values of a column; None for a column that the load fills in."""
        if column in {"run_id", "loaded_at"}:
            return None
        if column in _Batch.__slots__:
            values: Sequence[object] = getattr(self, column)
            return values
        if self.columns:
            return self.columns[column]
        return list(map(attrgetter(column), self.rows))


class PartWriter:
    """Write rows into a part's file, one row group per batch of a table.

    Args:
        open_file: Opens the file on the first write or at the end.
        is_compressed: Whether to compress the file, which helps if it crosses a network.
    """

    def __init__(self, open_file: Callable[[], IO[bytes]], *, is_compressed: bool) -> None:
        self._open_file = open_file
        self._compression: Literal["zstd", "none"] = "zstd" if is_compressed else "none"
        self._batches = {name: _Batch() for name in TABLES}
        self._tables: list[str] = []
        self.rows = 0

    @cached_property
    def _writer(self) -> pq.ParquetWriter:
        return pq.ParquetWriter(
            self._open_file(),
            SCHEMA,
            compression=self._compression,
            use_dictionary=[name for name in SCHEMA.names if name in REPEATED],  # type: ignore[arg-type]
            write_statistics=False,
            write_page_checksum=True,
        )

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, *error: object) -> None:
        """Finish the file, or discard it after an error."""
        if "_writer" in vars(self):
            with suppress(*[Exception] * (error[0] is not None)):
                self._writer.close()

    def add(
        self,
        table: RawTable,
        origin: Origin,
        rows: Sequence[Row],
        *,
        first: int = 0,
        text_bytes: int = 0,
    ) -> None:
        """Add rows of a file; a full batch of their table is written.

        Args:
            table: The rows' table.
            origin: The rows' file.
            rows: Objects of the table's row class.
            first: The position of the first row among the file's rows of this table.
            text_bytes: Bytes of the rows' long texts.
        """
        self._batch(table, text_bytes).rows += rows
        self._add_origin(table, origin, len(rows), first, text_bytes)

    def add_columns(
        self,
        table: RawTable,
        origin: Origin,
        columns: Columns,
        *,
        first: int = 0,
        text_bytes: int = 0,
    ) -> None:
        """Add rows of a file like `add`, given as lists of column values."""
        batch = self._batch(table, text_bytes)
        for name, values in columns.items():
            batch.columns.setdefault(name, []).extend(values)
        count = len(next(iter(columns.values())))
        self._add_origin(table, origin, count, first, text_bytes)

    def _batch(self, table: RawTable, text_bytes: int) -> _Batch:
        """Return the batch for rows with `text_bytes` of text: long texts get their own batch."""
        if text_bytes >= _BATCH_BYTES and self._batches[table.name].row_id:
            self._flush(table)
        return self._batches[table.name]

    def _add_origin(
        self, table: RawTable, origin: Origin, count: int, first: int, text_bytes: int
    ) -> None:
        """Add the origin's columns for rows that were added to a batch."""
        batch = self._batches[table.name]
        batch.row_id += _positions(first, first + count)
        batch.team += [origin.team] * count
        batch.source_path += [origin.source_path] * count
        batch.file_sha256 += [origin.file_sha256] * count
        batch.bytes += text_bytes
        self.rows += count
        if len(batch.row_id) >= _BATCH_ROWS or batch.bytes >= _BATCH_BYTES:
            self._flush(table)

    def finish(self, metadata: dict[str, str] | None = None) -> None:
        """Write the remaining rows and the file's metadata."""
        for table in TABLES.values():
            if self._batches[table.name].row_id:
                self._flush(table)
        tables = {_TABLES.decode(): json.dumps(self._tables)}
        self._writer.add_key_value_metadata(tables | (metadata or {}))

    def _flush(self, table: RawTable) -> None:
        batch, self._batches[table.name] = self._batches[table.name], _Batch()
        count = len(batch.row_id)
        columns = {
            name: _array(values, SCHEMA.field(name).type)
            for name in table.schema.names
            if (values := batch.values(name)) is not None
        }
        columns[RAW_TABLE] = pa.repeat(table.name, count)
        arrays = [
            pa.nulls(count, each.type) if each.name not in columns else columns[each.name]
            for each in SCHEMA
        ]
        whole = pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
        self._writer.write_batch(whole, row_group_size=count)
        self._tables.append(table.name)


_FIRST_POSITIONS = [f"{position:012x}" for position in range(4096)]


def _positions(first: int, end: int) -> list[str]:
    """Return positions as 48 bits in hex digits; most come from a precomputed list."""
    if end <= len(_FIRST_POSITIONS):
        return _FIRST_POSITIONS[first:end]
    return [f"{position:012x}" for position in range(first, end)]


def _array(values: Sequence[object], kind: pa.DataType) -> "pa.Array[Any]":
    """Return an Arrow array of a column's values; a single text is not copied."""
    if len(values) == 1 and isinstance(values[0], bytes):
        offsets = pa.py_buffer(struct.pack("<ii", 0, len(values[0])))
        return pa.Array.from_buffers(kind, 1, [None, offsets, pa.py_buffer(values[0])])
    return pa.array(values, type=kind)


def tables_of(file: pq.ParquetFile) -> list[str]:
    """Return the table of each row group of a part's file."""
    tables: list[str] = json.loads((file.metadata.metadata or {})[_TABLES])
    return tables
