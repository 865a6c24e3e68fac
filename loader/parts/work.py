"""A part of a run: its files to the rows of all raw tables, in one file.

A task may be done twice, also at once: a part that is there is left alone, and two that are made of
the same files are equal to the byte.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loader import rows
from loader.blobs.opening import open_store
from loader.errors import EngineError, SettingsError
from loader.kinds import Kind
from loader.parsing import PARSER_VERSION
from loader.parts.folder import Plan, RunFolder
from loader.parts.manifest import Part, read_part
from loader.rejections import Reason, Rejection
from loader.run import LastReading, Memory, Order, Progress, Report, Tally
from loader.settings import load_vercel_settings
from loader.source import WorkspaceReader
from loader.uploads import Uploader
from loader.workspace import Listing

_RECEIPT = b"receipt"
# What an attempt took and sent is not of the part: another one finds the blobs there.
_OF_ATTEMPT = ("uploads", "seconds")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a part gave.

    Args:
        part: The part.
        rows: Of all tables.
        report: What became of its files.
    """

    part: Part
    rows: int
    report: Report = field(repr=False)


def run_part(part: Part) -> Receipt:
    """Make a part's file, unless it is there; a task.

    Raises:
        BlobStoreError: The blob store cannot be used at all.
        EngineError: The loader here is another one than the run's.
        SettingsError: The blob store's settings are missing or of another store.
    """
    folder, plan, order, uploader = _prepared(part.run)
    if folder.has(part.file):
        return _receipt_of(folder, part)
    listings, readings = read_part(folder, part)
    table, report = parse(order, plan, listings, readings, uploader)
    receipt = Receipt(part, table.num_rows, report)
    folder.write(part.file, _encoded(table, receipt))
    return receipt


def parse(
    order: Order,
    plan: Plan,
    listings: dict[tuple[str, Kind], Listing],
    readings: dict[tuple[str, str], LastReading],
    uploader: Uploader,
) -> tuple[pa.Table, Report]:
    """Files to rows, and the files' blobs into the store.

    Args:
        order: What the run is to do.
        plan: What its tasks share.
        listings: The files, by team and kind.
        readings: What their latest readings found, by kind and path.
        uploader: Gives files their blobs.

    Returns:
        The rows of all raw tables, in the schema `rows.WIDE`, each batch of one table; and what
        became of the files.
    """
    reader = WorkspaceReader(order, Memory(readings, None), uploader, plan.stamp, listings)
    batches = [rows.wide(name, batch) for name, batch in reader.batches(Progress())]
    return pa.Table.from_batches(batches, rows.WIDE), reader.report


def batches_of(folder: RunFolder, part: Part) -> Iterator[tuple[str, pa.RecordBatch]]:
    """A part's rows, as (table, batch)."""
    with folder.open(part.file) as opened:
        file = pq.ParquetFile(opened)
        for group in range(file.num_row_groups):
            for batch in file.read_row_group(group).to_batches():
                if len(batch):
                    yield rows.narrow(batch)


@lru_cache(maxsize=2)
def _prepared(run: str) -> tuple[RunFolder, Plan, Order, Uploader]:
    """What the tasks of a run need, once in each process."""
    folder = RunFolder(run)
    plan = folder.plan
    if plan.parser_version != PARSER_VERSION:
        message = (
            f"a worker has version {PARSER_VERSION} of the parsers, and the run has"
            f" {plan.parser_version}: install the same loader everywhere."
        )
        raise EngineError(message)
    blob_dir = Path(plan.blob_dir) if plan.blob_dir else None
    if not blob_dir and load_vercel_settings().store_id != plan.blob_store_id:
        message = (
            "BLOB_READ_WRITE_TOKEN of a worker is that of another store than the run's"
            f" ({plan.blob_store_id}). Give all workers the same."
        )
        raise SettingsError(message)
    store = open_store(blob_dir, is_listed=False)
    return folder, plan, plan.order(), Uploader(store, concurrency=plan.blob_concurrency)


def _encoded(table: pa.Table, receipt: Receipt) -> bytes:
    """A part's file: a row group for each batch, so that each is of one table."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, rows.WIDE, compression="zstd") as writer:
        for batch in table.to_batches():
            writer.write_batch(batch, row_group_size=max(len(batch), 1))
        told = json.dumps(_told(receipt), sort_keys=True)
        writer.add_key_value_metadata({_RECEIPT.decode(): told})
    return sink.getvalue().to_pybytes()


def _told(receipt: Receipt) -> dict[str, object]:
    report = receipt.report
    tallies = {
        kind: {name: n for name, n in asdict(tally).items() if name not in _OF_ATTEMPT}
        for kind, tally in report.tallies.items()
    }
    rejections = [
        (kind, path, item.reason, item.detail, item.line_number)
        for kind, path, item in report.rejections
    ]
    return {
        "rows": receipt.rows,
        "tallies": tallies,
        "rejections": rejections,
        "still_rejected": report.still_rejected,
    }


def _receipt_of(folder: RunFolder, part: Part) -> Receipt:
    """The receipt of a part that an earlier attempt has made."""
    with folder.open(part.file) as file:
        told = json.loads((pq.read_metadata(file).metadata or {})[_RECEIPT])
    report = Report(
        tallies={Kind(kind): Tally(**tally) for kind, tally in told["tallies"].items()},
        rejections=list(_rejections(told["rejections"])),
        still_rejected=told["still_rejected"],
    )
    return Receipt(part, told["rows"], report)


def _rejections(
    told: Iterable[tuple[str, str, str, str, int | None]],
) -> Iterator[tuple[Kind, str, Rejection]]:
    for kind, path, reason, detail, line_number in told:
        yield Kind(kind), path, Rejection(Reason(reason), detail, line_number)
