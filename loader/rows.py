"""The raw tables: one Arrow schema each, and the batches that fill them.

Append-only: every version of everything ever loaded, with where it came from. dlt adds
`_dlt_load_id`; `in (select load_id from raw._dlt_loads where status = 0)` are the finished loads.
"""

import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

DATASET = "raw"
_BATCH_ROWS = 2000
_BATCH_BYTES = 8 * 1024 * 1024
# What the rows of a file or a run share.
_REPEATED = (
    *("team", "source_path", "file_sha256", "run_id", "kind", "author_name"),
    *("blob_key", "blob_url", "loaded_by", "_dlt_load_id"),
)

_TEXT, _BIGINT, _DATE = pa.string(), pa.int64(), pa.date32()
_INSTANT = pa.timestamp("us", tz="UTC")


def _column(
    name: str, kind: pa.DataType, description: str, *, null: bool = False
) -> "pa.Field[Any]":
    return pa.field(name, kind, nullable=null, metadata={"description": description})


_PROVENANCE = (
    _column("row_id", _TEXT, "UUID of run, kind, path and position; a replay repeats it."),
    _column("team", _TEXT, "The team's folder, as found."),
    _column("source_path", _TEXT, "The file, relative to the workspace, with `/`."),
    _column("file_sha256", _TEXT, "SHA-256 of the file's bytes; null where unread.", null=True),
    _column("run_id", _TEXT, "UUID of the run."),
    _column("loaded_at", _INSTANT, "When the run loaded, by the database's clock."),
)
_BLOB = (
    _column("blob_key", _TEXT, "Name of the file's blob in the store.", null=True),
    _column("blob_url", _TEXT, "Where the blob can be read.", null=True),
)
_CHECKSUM = _column("checksum_sha256", _TEXT, "SHA-256 of the stored text or bytes.")
_BYTE_SIZE = _column("byte_size", _BIGINT, "Size in bytes of what the checksum is of.")
_WEEK = (
    _column("collected_week_start", _DATE, "First day of the collected week."),
    _column("collected_week_end", _DATE, "Last day of the collected week."),
)


LOAD_ID = _column("_dlt_load_id", _TEXT, "The load that brought the row.")


@dataclass(frozen=True)
class Table:
    """A raw table.

    Args:
        name: Its name in the schema `raw`.
        description: What one row is.
        schema: Its columns, without `_dlt_load_id`; descriptions in their metadata.
    """

    name: str
    description: str
    schema: pa.Schema


def _table(name: str, description: str, *columns: "pa.Field[Any]") -> Table:
    return Table(name, description, pa.schema([*_PROVENANCE, *columns]))


FILES = _table(
    "files",
    "One row per reading of a file; the latest is what the next run compares with.",
    _column("kind", _TEXT, "The table that the file feeds."),
    _column("byte_size", _BIGINT, "Size of the file in bytes; null where unread.", null=True),
    *_BLOB,
    _column(
        "outcome",
        _TEXT,
        "`loaded`, `rejected` (its bytes give no row), `retry` (what stopped it is not in its"
        " bytes) or `gone` (had rejections, is no longer met).",
    ),
    _column("parser_version", _BIGINT, "Version of the parsers that read it."),
    _column("started_at", _INSTANT, "When the run began, by the clock of its machine.", null=True),
    _column("loaded_by", _TEXT, "The setting TRIGGERED_BY, else who ran the load.", null=True),
)
DAILY_REPORTS = _table(
    "daily_reports",
    "One row per employee, day and version of the text.",
    _column("author_name", _TEXT, "Full name of the employee."),
    _column("report_date", _DATE, "The day."),
    _column("content", _TEXT, "The day's markdown, with its heading."),
    _CHECKSUM,
    _column("line_number", _BIGINT, "Where the day begins in the file, from 1."),
    *_BLOB,
)
MEETING_TRANSCRIPTS = _table(
    "meeting_transcripts",
    "One row per transcript file and version.",
    _column("filename", _TEXT, "Path below the team's folder."),
    _column("transcript_date", _DATE, "Day of the meeting."),
    _column("started_at", _INSTANT, "Start of the meeting, where the name has a time.", null=True),
    _column("transcript_text", _TEXT, "The whole file."),
    _BYTE_SIZE,
    _CHECKSUM,
    *_BLOB,
)
JIRA_SNAPSHOTS = _table(
    "jira_snapshots",
    "One row per team and week at each run.",
    *_WEEK,
    _BYTE_SIZE,
    _CHECKSUM,
    *_BLOB,
)
SLACK_CAPTURES = _table(
    "slack_captures",
    "One row per channel and week at each run.",
    _column("channel", _TEXT, "The Slack channel."),
    *_WEEK,
    _BYTE_SIZE,
    _CHECKSUM,
    *_BLOB,
)
GENERATED_REPORTS = _table(
    "generated_reports",
    "One row per generated datasource and version.",
    _column("filename", _TEXT, "Name of the datasource file."),
    _column("generated_at", _INSTANT, "When it was generated; the file's time if it does not say."),
    _column("date_range_start", _DATE, "First day that it covers.", null=True),
    _column("date_range_end", _DATE, "Last day that it covers.", null=True),
    _column("output", _TEXT, "What the datasource says of itself, as JSON.", null=True),
    _column("triggered_by", _TEXT, "The setting TRIGGERED_BY, else who ran the load.", null=True),
    _column("content_hash", _TEXT, "SHA-256 of the file's bytes."),
    *_BLOB,
)
REJECTIONS = _table(
    "rejections",
    "One row per thing that a reading could not store as it stood.",
    _column("kind", _TEXT, "The table that the file feeds."),
    _column("line_number", _BIGINT, "Line in the file; null for the whole file.", null=True),
    _column("severity", _TEXT, "`rejected` (left out) or `repaired` (stored after a repair)."),
    _column("reason", _TEXT, "Why; one of the reasons in loader/rejections.py."),
    _column("detail", _TEXT, "The words that a user needs to find it."),
)
TABLES = {
    table.name: table
    for table in (
        FILES,
        DAILY_REPORTS,
        MEETING_TRANSCRIPTS,
        JIRA_SNAPSHOTS,
        SLACK_CAPTURES,
        GENERATED_REPORTS,
        REJECTIONS,
    )
}
# Rows of all tables in one: those of a part of a run.
RAW_TABLE = "raw_table"
WIDE = pa.schema(
    {
        RAW_TABLE: _TEXT,
        **{each.name: each.type for table in TABLES.values() for each in table.schema},
    }
)


class Batches:
    """Gathers rows and hands them on as record batches of a bounded size."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Sequence[object]]] = {name: [] for name in TABLES}
        self._bytes = dict.fromkeys(TABLES, 0)

    def add(
        self, table: Table, rows: Sequence[Sequence[object]], size: int
    ) -> Iterator[tuple[str, pa.RecordBatch]]:
        """Add rows; gives the table's batch where it is full.

        Args:
            table: Where they belong.
            rows: Their values, in the order of the schema.
            size: Bytes of their long texts.
        """
        if size >= _BATCH_BYTES and self._rows[table.name]:
            yield self._batch(table)  # so that a long text has a batch of its own
        gathered = self._rows[table.name]
        gathered += rows
        self._bytes[table.name] += size
        if len(gathered) >= _BATCH_ROWS or self._bytes[table.name] >= _BATCH_BYTES:
            yield self._batch(table)

    def rest(self) -> Iterator[tuple[str, pa.RecordBatch]]:
        """What is left, one batch per table that has rows."""
        for table in TABLES.values():
            if self._rows[table.name]:
                yield self._batch(table)

    def _batch(self, table: Table) -> tuple[str, pa.RecordBatch]:
        rows, self._rows[table.name], self._bytes[table.name] = self._rows[table.name], [], 0
        columns = zip(*rows, strict=True)
        arrays = [
            _array(column, field.type) for column, field in zip(columns, table.schema, strict=True)
        ]
        return table.name, pa.RecordBatch.from_arrays(arrays, schema=table.schema)


def _array(values: Sequence[object], kind: pa.DataType) -> "pa.Array[Any]":
    """The values of a column; of a single text no copy is made."""
    if len(values) == 1 and isinstance(values[0], bytes):
        offsets = pa.py_buffer(struct.pack("<ii", 0, len(values[0])))
        return pa.Array.from_buffers(kind, 1, [None, offsets, pa.py_buffer(values[0])])
    return pa.array(values, type=kind)


def wide(name: str, batch: pa.RecordBatch) -> pa.RecordBatch:
    """A table's rows in the schema `WIDE`.

    Args:
        name: The table.
        batch: Its rows.
    """
    there: dict[str, pa.Array[Any]] = dict(zip(batch.schema.names, batch.columns, strict=True))
    there[RAW_TABLE] = pa.repeat(name, len(batch))
    columns = [there.get(each.name, pa.nulls(len(batch), each.type)) for each in WIDE]
    return pa.RecordBatch.from_arrays(columns, schema=WIDE)


def narrow(batch: pa.RecordBatch) -> tuple[str, pa.RecordBatch]:
    """The table of a batch from `wide`, and its rows in their own schema."""
    name: str = batch[RAW_TABLE][0].as_py()
    schema = TABLES[name].schema
    return name, pa.RecordBatch.from_arrays([batch[each] for each in schema.names], schema=schema)


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A Parquet file of a table's rows."""

    path: Path
    rows: int


def write_files(
    batches: Iterable[tuple[str, pa.RecordBatch]], folder: Path, load_id: str
) -> dict[str, WrittenFile]:
    """Write each table's batches into one Parquet file.

    What is written here is read once, by a database on its way in: the texts are neither compressed
    nor indexed, which would take longer than all else.

    Args:
        batches: (table, batch) pairs, drawn once.
        folder: For the files; made anew.
        load_id: Of the load, for `_dlt_load_id`.

    Returns:
        The files of the tables that have rows, by table.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written: dict[str, int] = {}
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for name, batch in batches:
            whole = batch.append_column(LOAD_ID, pa.repeat(load_id, len(batch)))
            if name not in writers:
                repeated = [column for column in whole.schema.names if column in _REPEATED]
                writer = pq.ParquetWriter(
                    folder / f"{name}.parquet",
                    whole.schema,
                    compression="none",
                    use_dictionary=repeated,  # type: ignore[arg-type]
                    write_statistics=False,
                    store_schema=True,
                )
                writers[name] = stack.enter_context(writer)
            writers[name].write_batch(whole)
            written[name] = written.get(name, 0) + len(batch)
    return {name: WrittenFile(folder / f"{name}.parquet", rows) for name, rows in written.items()}
