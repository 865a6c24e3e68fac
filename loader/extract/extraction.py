"""Extract a workspace: list its files in parts, and have an executor write each part's rows."""

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

MOST_REJECTIONS = 1000  # listed; all are in the database


@dataclass(frozen=True, slots=True)
class Extraction:
    """How files are extracted.

    Args:
        executor: Runs the tasks.
        uploader: Gives files their blobs in this process; None if each task opens the store.
        blob_store: URL of the blob store that the tasks open; empty with an uploader.
        part_files: How many files a part has, at most.
        part_bytes: How many bytes they have, unless it is one file.
    """

    executor: Executor
    uploader: Uploader | None = None
    blob_store: str = ""
    part_files: int = 1000
    part_bytes: int = 16 * 1024 * 1024


@dataclass(slots=True)
class Extracted:
    """What a run has extracted.

    Args:
        parts: The files of the parts that have rows.
        rows: How many rows they have.
        listing: The files of the listing.
        previous: What is known of earlier runs.
        summary: What became of the files.
        count: How many parts there are, with and without rows.
        folders: The team folders in scope.
        gone: The files of earlier runs that are no longer there.
    """

    parts: list[Path]
    rows: int
    listing: list[Path]
    previous: Previous
    summary: RunSummary
    count: int
    folders: list[str]
    gone: list[GoneFile]


def extract(  # noqa: PLR0913, PLR0917 - each is another thing
    plan: Plan,
    options: RunOptions,
    extraction: Extraction,
    folder: Path,
    warehouse: Warehouse | None,
    progress: Progress,
) -> Extracted:
    """List and extract a workspace.

    Args:
        plan: What the tasks share.
        options: The options of the run.
        extraction: How to extract.
        folder: The run's own, on this machine.
        warehouse: The database that knows earlier runs; None before the first one.
        progress: Told of each file.

    Raises:
        LoaderError: The workspace, the blob store or the executor is not what it should be.
    """
    shared = RunFolder(plan.folder)
    shared.plan = plan
    in_scope = folders_in_scope(options)
    # The files next to the team folders are nobody's: only a run for all teams looks at them.
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


def _extract_parts(  # noqa: PLR0913, PLR0917 - likewise
    plan: Plan,
    parts: Iterator[Part],
    extraction: Extraction,
    folder: Path,
    extracted: Extracted,
    progress: Progress,
) -> None:
    """Run the extract tasks, and add what they give."""
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
