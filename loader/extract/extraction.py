"""Extract a workspace: list its files in parts, and let an executor write each part's rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from loader.database.warehouse import Warehouse
from loader.errors import EngineError
from loader.extract.executors import AGAIN, Executor
from loader.extract.listing import GoneFile, Prefix, folders_in_scope, list_prefix
from loader.extract.options import Progress, RunOptions, RunSummary
from loader.extract.parts import extract_part
from loader.extract.previous import Previous, write_previous
from loader.extract.run_folder import Plan, RunFolder
from loader.extract.shards import Part, parts_of
from loader.extract.uploads import Uploader
from loader.words import counted
from loader.workspace import MOST_IGNORED
from loader.workspace.kinds import Kind

MOST_REJECTIONS = 1000  # rejections that are listed; the database holds all of them


@dataclass(frozen=True, slots=True)
class Extraction:
    """The way to extract files.

    Args:
        executor: Runs the tasks.
        uploader: Uploads files in this process; None if each task opens the store.
        blob_store: URL of the blob store that the tasks open; empty with an uploader.
        part_files: Maximum number of files in a part.
        part_bytes: Maximum bytes of a part's files; a single file may be larger.
    """

    executor: Executor
    uploader: Uploader | None = None
    blob_store: str = ""
    part_files: int = 1000
    part_bytes: int = 16 * 1024 * 1024


@dataclass(slots=True)
class Extracted:
    """The result of extracting a workspace.

    Args:
        parts: The Parquet files of the parts that have rows.
        rows: Number of their rows.
        listing: The Parquet files of the listing.
        previous: The state of earlier runs.
        summary: Counts and rejections of the files.
        count: Number of parts, including those without rows.
        folders: The team folders in scope.
        gone: The files of earlier runs that no longer exist.
    """

    parts: list[Path]
    rows: int
    listing: list[Path]
    previous: Previous
    summary: RunSummary
    count: int
    folders: list[str]
    gone: list[GoneFile]


def extract(  # noqa: PLR0913, PLR0917 - all are needed
    plan: Plan,
    options: RunOptions,
    extraction: Extraction,
    folder: Path,
    warehouse: Warehouse | None,
    progress: Progress,
) -> Extracted:
    """List and extract a workspace.

    Args:
        plan: The values that the tasks share.
        options: The options of the run.
        extraction: How to extract.
        folder: The run's local folder.
        warehouse: The database with earlier runs; None before the first run.
        progress: Receives the progress.

    Raises:
        LoaderError: The workspace, the blob store or the executor cannot be used.
    """
    shared = RunFolder(plan.folder)
    shared.plan = plan
    in_scope = folders_in_scope(options)
    # Files next to the team folders belong to no team: only a run for all teams lists them.
    teams = in_scope if options.only else ["", *in_scope]
    pairs = [(kind, team) for kind in Kind for team in teams]
    prefixes = [
        Prefix(shared.url, index, team, kind, has_previous=warehouse is not None)
        for index, (kind, team) in enumerate(pairs)
    ]
    previous = Previous()
    if warehouse:
        scope = in_scope if options.only else None
        previous = write_previous(shared, prefixes, warehouse, scope)
    listed = sorted(extraction.executor.map(list_prefix, prefixes), key=lambda each: each.shards)
    shards = [shard for each in listed for shard in each.shards]
    extracted = Extracted(
        parts=[],
        rows=0,
        listing=[shared.local_path(shard, folder) for shard in shards],
        previous=previous,
        summary=RunSummary(
            ignored=sum(each.ignored for each in listed),
            ignored_paths=sorted(chain(*(each.ignored_paths for each in listed)))[:MOST_IGNORED],
        ),
        count=sum(each.parts for each in listed),
        folders=in_scope,
        gone=[*chain(previous.gone, *(each.gone for each in listed))],
    )
    progress.start(sum(each.files for each in listed))
    parts = (part for shard in shards for part in parts_of(shared, shard))
    _extract_parts(plan, parts, extraction, folder, extracted, progress)
    return extracted


def _extract_parts(  # noqa: PLR0913, PLR0917 - all are needed
    plan: Plan,
    parts: Iterator[Part],
    extraction: Extraction,
    folder: Path,
    extracted: Extracted,
    progress: Progress,
) -> None:
    """Run the extract tasks, and add their results."""
    task: Callable[[Part], Any] = extract_part
    if extraction.uploader:  # in this process
        task = partial(extract_part, uploader=extraction.uploader, progress=progress)
    stored, done = RunFolder(plan.parts), 0
    for result in extraction.executor.map(task, parts):
        done += 1
        extracted.summary.add(result.summary, MOST_REJECTIONS)
        if result.rows:
            path = stored.local_path(result.part.file, folder / "parts")
            extracted.parts.append(path)
            extracted.rows += result.rows
        if not extraction.uploader:
            for _ in range(sum(counts.seen for counts in result.summary.kinds.values())):
                progress.advance()
    if done != extracted.count:
        message = f"{done:,} of {counted(extracted.count, 'part')} were extracted.\n{AGAIN}"
        raise EngineError(message)
