"""A part of a run: its files' rows for all raw tables, in one Parquet file.

A row group holds rows of one table. A part knows nothing of the run that loads it: `row_id` is only
the row's position in its file, and what a run's rows share is empty. load/files.py fills them in.

A task may run twice, also at once: a part that is there is left alone.
"""

import json
import struct
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq

from loader.blobs.opening import open_store
from loader.errors import EngineError, SettingsError
from loader.extract.listing import Part, read_listing
from loader.extract.options import (
    KindSummary,
    Outcome,
    PreviousRead,
    Progress,
    RunOptions,
    RunSummary,
)
from loader.extract.reader import FileReader, FileResult
from loader.extract.run_folder import Plan, RunFolder
from loader.extract.uploads import BlobReference, Uploader
from loader.parsing import PARSER_VERSION
from loader.parsing.rejections import Reason, Rejection, Severity
from loader.settings import load_vercel_settings
from loader.tables import FILES, REJECTIONS, TABLES, Table
from loader.workspace import Listing, SourceFile
from loader.workspace.kinds import Kind

_BATCH_ROWS = 2000
_BATCH_BYTES = 8 * 1024 * 1024
_SUMMARY, _TABLES = b"summary", b"tables"
# Not of the part but of one attempt: another one finds the blobs in the store.
_OF_ATTEMPT = ("uploads", "seconds")
# What the rows of a file share; a dictionary keeps it small.
REPEATED = frozenset(
    {
        *("raw_table", "team", "source_path", "file_sha256", "run_id", "kind", "author_name"),
        *("blob_key", "blob_url", "loaded_by", "_dlt_load_id"),
    }
)
RAW_TABLE = "raw_table"
SCHEMA = pa.schema(
    {
        RAW_TABLE: pa.string(),
        **{each.name: each.type for table in TABLES.values() for each in table.schema},
    }
)


@dataclass(frozen=True, slots=True)
class PartResult:
    """A part that has been extracted.

    Args:
        part: The part.
        rows: Rows of all tables.
        summary: What became of its files.
    """

    part: Part
    rows: int
    summary: RunSummary = field(repr=False)


class PartWriter:
    """Writes rows into a part's file, a row group for each batch of a table.

    Args:
        open_file: Opens the file, when the first rows are written or at the end.
        is_compressed: Whether to compress it, which pays if it crosses a network.
    """

    def __init__(self, open_file: Callable[[], IO[bytes]], *, is_compressed: bool) -> None:
        self._open_file = open_file
        self._compression: Literal["zstd", "none"] = "zstd" if is_compressed else "none"
        self._rows: dict[str, list[Sequence[object]]] = {name: [] for name in TABLES}
        self._bytes = dict.fromkeys(TABLES, 0)
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

    def add(self, table: Table, rows: Sequence[Sequence[object]], size: int = 0) -> None:
        """Add rows; their table's batch is written when it is full.

        Args:
            table: Their table.
            rows: Their values, in the order of the schema.
            size: Bytes of their long texts.
        """
        if size >= _BATCH_BYTES and self._rows[table.name]:
            self._flush(table)  # so that a long text has a batch of its own
        gathered = self._rows[table.name]
        gathered += rows
        self.rows += len(rows)
        self._bytes[table.name] += size
        if len(gathered) >= _BATCH_ROWS or self._bytes[table.name] >= _BATCH_BYTES:
            self._flush(table)

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the file, which is thrown away after an error."""
        if "_writer" in vars(self):
            with suppress(*[Exception] * (error[0] is not None)):
                self._writer.close()

    def finish(self, summary: RunSummary | None = None) -> None:
        """Write the remaining rows and the summary."""
        for table in TABLES.values():
            if self._rows[table.name]:
                self._flush(table)
        metadata = {_TABLES.decode(): json.dumps(self._tables)}
        if summary:
            metadata[_SUMMARY.decode()] = json.dumps(_encoded(summary))
        self._writer.add_key_value_metadata(metadata)

    def _flush(self, table: Table) -> None:
        rows, self._rows[table.name], self._bytes[table.name] = self._rows[table.name], [], 0
        arrays = dict(zip(table.schema.names, zip(*rows, strict=True), strict=True))
        count = len(rows)
        columns: list[pa.Array[Any]] = [
            _array(arrays[each.name], each.type)
            if each.name in arrays
            else pa.nulls(count, each.type)
            for each in SCHEMA
        ]
        columns[0] = pa.repeat(table.name, count)
        batch = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
        self._writer.write_batch(batch, row_group_size=count)
        self._tables.append(table.name)


def _array(values: Sequence[object], kind: pa.DataType) -> "pa.Array[Any]":
    """The values of a column; a single text is not copied."""
    if len(values) == 1 and isinstance(values[0], bytes):
        offsets = pa.py_buffer(struct.pack("<ii", 0, len(values[0])))
        return pa.Array.from_buffers(kind, 1, [None, offsets, pa.py_buffer(values[0])])
    return pa.array(values, type=kind)


def tables_of(file: pq.ParquetFile) -> list[str]:
    """The table of each row group of a part's file."""
    tables: list[str] = json.loads((file.metadata.metadata or {})[_TABLES])
    return tables


def extract_part(
    part: Part, uploader: Uploader | None = None, progress: Progress | None = None
) -> PartResult:
    """Write a part's file, unless it is there; a task.

    Args:
        part: The part.
        uploader: Gives files their blobs; by default the one that the run's plan describes.
        progress: Told of each file.

    Raises:
        BlobStoreError: The blob store cannot be used at all.
        EngineError: The loader here is not of the run's version.
        SettingsError: The blob store's settings are missing, or another store's.
    """
    folder, plan, options = _prepared(part.run)
    parts = RunFolder(plan.parts)
    if plan.keeps_parts and (finished := _finished(parts, part)):
        return finished
    listings, previous = read_listing(folder, part)
    recorder = _Recorder(previous)
    results = _results(FileReader(options, previous), listings, recorder.summary)
    with (
        ExitStack() as stack,
        PartWriter(
            lambda: stack.enter_context(parts.create(part.file)), is_compressed=parts.is_remote
        ) as writer,
    ):
        began = time.perf_counter()
        for result, blob in (uploader or _uploader(plan)).references(results):
            recorder.record(writer, result, blob)
            (progress or Progress()).advance(blob.uploaded)
            began, previous_end = time.perf_counter(), began
            recorder.summary.kinds[result.file.kind].seconds += began - previous_end
        if writer.rows or plan.keeps_parts:
            writer.finish(recorder.summary)
    return PartResult(part, writer.rows, recorder.summary)


def _results(
    reader: FileReader, listings: dict[tuple[str, Kind], Listing], summary: RunSummary
) -> Iterator[FileResult]:
    for (team, kind), listing in listings.items():
        summary.kinds[kind].seen += len(listing.files) + len(listing.rejections)
        for file, rejection in listing.rejections:
            yield FileResult(file, rejections=[rejection])
        yield from reader.results(team, kind, listing.files)


class _Recorder:
    """Records files: their rows, the read itself, and their rejections.

    Args:
        previous: The latest reads by kind and path.
    """

    def __init__(self, previous: dict[tuple[str, str], PreviousRead]) -> None:
        self.summary = RunSummary()
        self._previous = previous
        self._rejections: dict[tuple[str, str], int] = {}  # how many of each path

    def record(self, writer: PartWriter, result: FileResult, blob: BlobReference) -> None:
        file, counts = result.file, self.summary.kinds[result.file.kind]
        key = (file.kind, file.path)
        if result.is_unchanged:
            counts.unchanged += 1
            self.summary.still_rejected += self._previous[key].worst == Severity.REJECTED
            return
        rejections, records = result.rejections, result.records
        if blob.rejection:
            rejections, records = [*rejections, blob.rejection], []
        counts.uploads += blob.uploaded is not None
        reference = (blob.key, blob.url)
        table = TABLES[file.kind]
        writer.add(
            table,
            rows_of_file(file, result.sha256, [(*each, *reference) for each in records]),
            result.size,
        )
        outcome = _outcome(rejections, has_rows=bool(result.records))
        first = self._rejections.get(key, 0)
        if key not in self._rejections:
            read = (file.kind, result.byte_size, *reference, outcome, PARSER_VERSION, None, None)
            writer.add(FILES, rows_of_file(file, result.sha256, [read]))
        refused = [rejection_row(file.kind, each) for each in rejections]
        writer.add(REJECTIONS, rows_of_file(file, result.sha256, refused, first))
        self.summary.rejections += [(file.kind, file.path, each) for each in rejections]
        self._rejections[key] = first + len(rejections)
        if outcome is Outcome.LOADED or records:
            counts.loaded += 1
            counts.rows += len(records)
            counts.bytes += len(result.data or b"")
        else:
            counts.rejected += 1


def rejection_row(kind: Kind, rejection: Rejection) -> tuple[object, ...]:
    """The table's own columns of a rejection."""
    reason = rejection.reason
    return kind, rejection.line_number, reason.severity, reason, rejection.detail


def rows_of_file(
    file: SourceFile, sha256: str | None, records: Iterable[tuple[object, ...]], first: int = 0
) -> list[tuple[object, ...]]:
    """Records with where they come from, as a part holds them.

    Args:
        file: Their file.
        sha256: SHA-256 of its bytes.
        records: The values of the table's own columns.
        first: The position of the first among the file's records for this table.
    """
    origin = (file.team, file.path, sha256, None, None)
    return [
        (f"{position:012x}", *origin, *record) for position, record in enumerate(records, first)
    ]


def _outcome(rejections: list[Rejection], *, has_rows: bool) -> Outcome:
    if any(rejection.reason.is_outside_the_bytes for rejection in rejections):
        return Outcome.RETRY
    return Outcome.LOADED if has_rows else Outcome.REJECTED


@lru_cache(maxsize=2)
def _prepared(run: str) -> tuple[RunFolder, Plan, RunOptions]:
    """What the tasks of a run need, once in each process."""
    folder = RunFolder(run)
    plan = folder.plan
    if plan.parser_version != PARSER_VERSION:
        message = (
            f"A worker has version {PARSER_VERSION} of the parsers, the run has"
            f" {plan.parser_version}. Install the same loader everywhere."
        )
        raise EngineError(message)
    return folder, plan, plan.options()


@lru_cache(maxsize=2)
def _uploader(plan: Plan) -> Uploader:
    blob_dir = Path(plan.blob_dir) if plan.blob_dir else None
    if not blob_dir and load_vercel_settings().store_id != plan.blob_store_id:
        message = (
            "BLOB_READ_WRITE_TOKEN of a worker is that of another store than the run's"
            f" ({plan.blob_store_id}). Give all workers the same."
        )
        raise SettingsError(message)
    store = open_store(blob_dir, is_listed=False)
    return Uploader(store, concurrency=plan.blob_concurrency)


def _encoded(summary: RunSummary) -> dict[str, object]:
    kinds = {
        kind: {name: n for name, n in asdict(counts).items() if name not in _OF_ATTEMPT}
        for kind, counts in summary.kinds.items()
    }
    rejections = [
        (kind, path, item.reason, item.detail, item.line_number)
        for kind, path, item in summary.rejections
    ]
    return {"kinds": kinds, "rejections": rejections, "still_rejected": summary.still_rejected}


def _finished(parts: RunFolder, part: Part) -> PartResult | None:
    """The result of a part that an earlier attempt has written; None if it is not usable."""
    try:
        with parts.open(part.file) as opened:
            file = pq.ParquetFile(opened, page_checksum_verification=True)
            for group in range(file.num_row_groups):
                file.read_row_group(group)  # raises if it is damaged
            encoded = json.loads((file.metadata.metadata or {})[_SUMMARY])
        summary = RunSummary(
            kinds={Kind(kind): KindSummary(**counts) for kind, counts in encoded["kinds"].items()},
            rejections=[
                (Kind(kind), path, Rejection(Reason(reason), detail, line_number))
                for kind, path, reason, detail, line_number in encoded["rejections"]
            ],
            still_rejected=encoded["still_rejected"],
        )
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None
    if any(item.reason.is_outside_the_bytes for _, _, item in summary.rejections):
        return None  # another attempt may end differently
    return PartResult(part, file.metadata.num_rows, summary)
