"""Extract a part of a run: the rows of some files, for all raw tables, in one Parquet file.

A task may run twice, even at the same time: an existing part is not replaced.
"""

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import lru_cache

import pyarrow as pa
import pyarrow.parquet as pq

from loader.blobs.opening import open_store
from loader.extract.configs import TeamConfigs
from loader.extract.options import KindSummary, Progress, RunSummary
from loader.extract.part_writer import PartWriter
from loader.extract.reader import FileProcessor
from loader.extract.run_folder import Plan, RunFolder, prepared
from loader.extract.shards import Part, read_listing
from loader.extract.uploads import Uploader
from loader.parsing.rejections import Reason, Rejection
from loader.workspace.kinds import Kind

_SUMMARY = b"summary"
# Counts of an attempt, not of the part: the next attempt finds the blobs in the store.
_OF_ATTEMPT = ("uploads", "seconds")


@dataclass(frozen=True, slots=True)
class PartResult:
    """An extracted part.

    Args:
        rows: Number of rows of all tables.
        summary: Counts and rejections of its files.
    """

    part: Part
    rows: int
    summary: RunSummary = field(repr=False)


def extract_part(
    part: Part, uploader: Uploader | None = None, progress: Progress | None = None
) -> PartResult:
    """Write a part's file unless it exists. Run as a task.

    Args:
        part: The part's place in the listing.
        uploader: Finds or uploads the files' blobs; by default as described in the run's plan.
        progress: Receives the progress.

    Raises:
        BlobStoreError: The blob store cannot be used.
        EngineError: The loader on this machine has another version than the run.
        SettingsError: The blob store's settings are missing or for another store.
    """
    folder, parts, plan, _ = prepared(part.run)
    if plan.keeps_parts and (finished := _finished(parts, part)):
        return finished
    listings, previous = read_listing(folder, part)
    with (
        ExitStack() as stack,
        PartWriter(
            lambda: stack.enter_context(parts.create(part.file)), is_compressed=parts.is_remote
        ) as writer,
    ):
        blobs = uploader or _uploader(plan)
        processor = FileProcessor(_configs(part.run), previous, blobs, writer, progress)
        for (team, kind), listing in listings.items():
            processor.process(team, kind, listing)
        summary = processor.summary
        if writer.rows or plan.keeps_parts:
            writer.finish({_SUMMARY.decode(): json.dumps(_encoded(summary))})
    return PartResult(part, writer.rows, summary)


@lru_cache(maxsize=2)
def _configs(run: str) -> TeamConfigs:
    _, _, _, options = prepared(run)
    return TeamConfigs(options)


@lru_cache(maxsize=2)
def _uploader(plan: Plan) -> Uploader:
    store = open_store(plan.blob_store, is_listed=False)
    return Uploader(store, concurrency=plan.blob_concurrency if store.is_remote else 0)


def _encoded(summary: RunSummary) -> dict[str, object]:
    kinds = {
        kind: {name: n for name, n in asdict(counts).items() if name not in _OF_ATTEMPT}
        for kind, counts in summary.kinds.items()
    }
    rejections = [
        (kind, path, item.reason, item.detail, item.line_number)
        for kind, path, item in summary.rejections
    ]
    return {
        "kinds": kinds,
        "rejections": rejections,
        "still_rejected": summary.still_rejected,
        "first_still_rejected": summary.first_still_rejected,
    }


def _finished(parts: RunFolder, part: Part) -> PartResult | None:
    """Return the result of a part that an earlier attempt wrote; None if it is not usable."""
    try:
        with parts.open(part.file) as opened:
            file = pq.ParquetFile(opened, page_checksum_verification=True)
            for group in range(file.num_row_groups):
                file.read_row_group(group)  # raises if the file is damaged
            encoded = json.loads((file.metadata.metadata or {})[_SUMMARY])
        summary = RunSummary(
            kinds={Kind(kind): KindSummary(**counts) for kind, counts in encoded["kinds"].items()},
            rejections=[
                (Kind(kind), path, Rejection(Reason(reason), detail, line_number))
                for kind, path, reason, detail, line_number in encoded["rejections"]
            ],
            still_rejected=encoded["still_rejected"],
            first_still_rejected=encoded["first_still_rejected"],
        )
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
        return None
    if any(item.reason.is_outside_the_bytes for _, _, item in summary.rejections):
        return None  # a retry may end differently
    return PartResult(part, file.metadata.num_rows, summary)
