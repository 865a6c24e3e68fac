"""A run: lock, remove what unfinished runs left, list, extract, resolve, load, count, finish."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from loader.database.environment import check
from loader.database.warehouse import LATEST_READS, Warehouse, check_release
from loader.errors import EngineError
from loader.extract.executors import AGAIN, Executor
from loader.extract.listing import (
    PREVIOUS,
    Listed,
    Part,
    Prefix,
    folders_in_scope,
    list_prefix,
    parts_of,
)
from loader.extract.options import Progress, RunInfo, RunOptions, RunResult, RunSummary
from loader.extract.parts import extract_part
from loader.extract.run_folder import Plan, RunFolder, remove_tree
from loader.extract.uploads import Uploader
from loader.kinds import Kind
from loader.load import runs
from loader.load.adbc import Connections
from loader.load.files import LoadFile, write_load_files
from loader.load.lock import only_writer
from loader.load.pipeline import Pipeline
from loader.load.prepare import prepare, raw_names
from loader.load.resolve import LATEST_DAYS, Resolution, RunData, resolve
from loader.parsing import PARSER_VERSION
from loader.settings import Settings, load_vercel_settings
from loader.tables import RAW_TABLES

_MOST_REJECTIONS = 1000  # listed; all are in the database
_PAGE = 10_000  # previous reads
_LONGEST_IDLE = 60.0  # seconds

Previous = list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Extraction:
    """How the files are extracted.

    Args:
        executor: Runs the tasks.
        uploader: Gives files their blobs in this process; None if each task opens the store.
        blob_dir: The local blob store of the tasks; None for Vercel Blob.
        part_files: How many files a part has, at most.
        part_bytes: How many bytes they have, unless it is one file.
    """

    executor: Executor
    uploader: Uploader | None = None
    blob_dir: Path | None = None
    part_files: int = 1000
    part_bytes: int = 16 * 1024 * 1024


@dataclass(slots=True)
class _Extracted:
    """What a run has extracted and decided.

    Args:
        parts: The files of the parts that have rows.
        rows: How many rows are to be loaded.
        resolution: What needed the whole run.
        summary: What the run did.
        count: How many parts there are.
    """

    parts: list[Path]
    rows: int
    resolution: Resolution
    summary: RunSummary
    count: int


def run(
    settings: Settings,
    options: RunOptions,
    extraction: Extraction,
    progress: Progress | None = None,
) -> RunResult:
    """Load a workspace.

    Args:
        settings: Where to.
        options: The options of the run.
        extraction: How to extract the files.
        progress: Told of each file.

    Raises:
        LoaderError: The run could not begin or finish. Nothing of it counts.
    """
    started, began = time.perf_counter(), datetime.now(UTC)
    with only_writer(settings, is_claiming=True, is_adopting=options.is_adopting) as warehouse:
        _remove_stale_folders(settings, extraction.executor)
        folder = _new_folder(settings.runs_dir / str(uuid4()))
        with _connections(settings) as connections:
            ready = partial(
                prepare, settings, warehouse, connections, folder, is_full=options.is_full
            )
            names = raw_names(warehouse)
            known = warehouse if RAW_TABLES.keys() & names.keys() else None
            removed = ready(names) if known else 0
            loaded_at = warehouse.next_loaded_at(is_first=known is None)
            info = RunInfo(uuid4(), loaded_at, began, options.triggered_by)
            plan = _plan(settings, options, extraction, info, folder)
            awake = _Awake(progress or Progress(), warehouse)
            extracted = _extract(plan, options, extraction, folder, known, connections, awake)
            if not known:  # a first run that cannot read its workspace leaves no trace
                ready(raw_names(warehouse))
            _load(settings, options, plan, info, extracted, folder, warehouse, connections)
        remove_tree(settings.runs_dir)
        shared = _shared_folder(settings)
        if extraction.executor.keeps_parts or not shared.is_remote:
            shared.remove()
    seconds = time.perf_counter() - started
    attempts = extraction.executor.attempts
    return RunResult(extracted.summary, removed, seconds, extracted.count, attempts)


def dry_run(
    settings: Settings,
    options: RunOptions,
    extraction: Extraction,
    progress: Progress | None = None,
) -> RunResult:
    """Do all that `run` does except its writes; same arguments."""
    started, began = time.perf_counter(), datetime.now(UTC)
    with (
        TemporaryDirectory() as temporary,
        Warehouse(settings, is_read_only=True) as warehouse,
        _connections(settings) as connections,
    ):
        is_there = settings.database is not None or settings.duckdb_path.exists()
        if is_there:
            check(warehouse, settings.target, is_adopting=options.is_adopting)
            check_release(warehouse)
            is_there = "runs" in warehouse.tables("raw")
        folder = _new_folder(Path(temporary, "run"))
        info = RunInfo(uuid4(), began, began, options.triggered_by)
        plan = _plan(settings, options, extraction, info, folder)
        database = warehouse if is_there else None
        shown = progress or Progress()
        extracted = _extract(plan, options, extraction, folder, database, connections, shown)
    seconds = time.perf_counter() - started
    return RunResult(extracted.summary, 0, seconds, extracted.count, extraction.executor.attempts)


def _extract(  # noqa: PLR0913, PLR0917 - the steps of a run share these
    plan: Plan,
    options: RunOptions,
    extraction: Extraction,
    folder: Path,
    warehouse: Warehouse | None,
    connections: Connections | None,
    progress: Progress,
) -> _Extracted:
    """List and extract the workspace, and resolve what needs the whole run."""
    listing = RunFolder(str(folder) if not plan.keeps_parts else _beside(plan))
    in_scope = folders_in_scope(options)
    listing.plan = plan
    prefixes = [
        Prefix(listing.url, index, team, kind)
        for index, (kind, team) in enumerate((kind, team) for kind in Kind for team in in_scope)
    ]
    known = _Known()
    if warehouse:
        known = _write_previous(listing, prefixes, warehouse, in_scope if options.only else None)
    executor = extraction.executor
    listed = sorted(executor.map(list_prefix, prefixes), key=lambda each: each.shards)
    summary = RunSummary(ignored=sum(each.ignored for each in listed))
    progress.start(sum(each.files for each in listed))
    parts, rows = _extract_parts(plan, listing, listed, extraction, folder, summary, progress)
    data = RunData(
        parts=parts,
        listing=[listing.local_path(shard, folder) for each in listed for shard in each.shards],
        teams=options.teams,
        open_rejections=known.open_rejections,
        has_days=summary.kinds[Kind.DAILY_REPORTS].rows > 0,
        stored_days=_stored_days(warehouse, connections) if known.has_days else None,
        is_full=options.is_full,
        exists=options.workspace.exists,
    )
    addition = folder / "resolved.parquet"
    resolution = resolve(data, folder / "spill", addition)
    skipped = sum(map(len, resolution.skipped.values()))
    summary.kinds[Kind.DAILY_REPORTS].rows -= skipped
    summary.add(RunSummary(rejections=resolution.notes), _MOST_REJECTIONS)
    if resolution.rows:
        parts.append(addition)
    count = sum(each.parts for each in listed)
    return _Extracted(parts, rows - skipped + resolution.rows, resolution, summary, count)


def _extract_parts(  # noqa: PLR0913, PLR0917 - the steps of a run share these
    plan: Plan,
    listing: RunFolder,
    listed: Sequence[Listed],
    extraction: Extraction,
    folder: Path,
    summary: RunSummary,
    progress: Progress,
) -> tuple[list[Path], int]:
    """Run the extract tasks; return the files of the parts with rows, and how many rows."""
    task: Callable[[Part], Any] = extract_part
    if extraction.uploader:  # in this process
        task = partial(extract_part, uploader=extraction.uploader, progress=progress)
    parts = (part for each in listed for shard in each.shards for part in parts_of(listing, shard))
    stored = RunFolder(plan.parts)
    paths, rows, done = [], 0, 0
    for result in extraction.executor.map(task, parts):
        done += 1
        summary.add(result.summary, _MOST_REJECTIONS)
        if result.rows:
            paths.append(stored.local_path(result.part.file, folder / "parts"))
            rows += result.rows
        if not extraction.uploader:
            for _ in range(sum(counts.seen for counts in result.summary.kinds.values())):
                progress.advance()
    if done != (count := sum(each.parts for each in listed)):
        raise EngineError(f"{done:,} of {count:,} parts were extracted.\n{AGAIN}")
    return paths, rows


def _load(  # noqa: PLR0913, PLR0917 - the steps of a run share these
    settings: Settings,
    options: RunOptions,
    plan: Plan,
    info: RunInfo,
    extracted: _Extracted,
    folder: Path,
    warehouse: Warehouse,
    connections: Connections | None,
) -> None:
    """Load what was extracted, count it, and finish the run in one statement."""
    if not extracted.rows:
        runs.begin(warehouse, info, options, None, {})
        return
    files: dict[str, LoadFile] = {}

    def write_files(load_id: str) -> dict[str, LoadFile]:
        skipped = extracted.resolution.skipped
        files.update(write_load_files(extracted.parts, skipped, info, load_id, folder / "load"))
        if not plan.keeps_parts:
            remove_tree(folder / "parts")
        return files

    pipeline = Pipeline(settings, warehouse, connections, folder / "dlt")
    load_id = pipeline.extract(write_files)
    rows = {name: file.rows for name, file in files.items()}
    if not warehouse.is_postgres:
        warehouse.bound_memory(max(file.largest for file in files.values()), folder / "spill")
    runs.begin(warehouse, info, options, load_id, rows)
    pipeline.load()
    runs.finish(warehouse, info, load_id, rows)
    # For `dlt pipeline … --pipelines-dir`; this project never reads it.
    last = settings.working_dir / settings.pipeline_name
    remove_tree(last)
    settings.working_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    pipeline.folder.rename(last)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of earlier runs.

    Args:
        open_rejections: Kind, path and team of the previous reads in scope with rejections.
        has_days: Whether there are daily reports.
    """

    open_rejections: Sequence[tuple[str, str, str]] = ()
    has_days: bool = False


def _write_previous(
    listing: RunFolder, prefixes: list[Prefix], warehouse: Warehouse, teams: list[str] | None
) -> _Known:
    """Write the latest reads, a file for each prefix that has some, sorted by path."""
    names = {(str(prefix.kind), prefix.team): prefix.previous for prefix in prefixes}
    query = f"""
        select kind, team, source_path, file_sha256, outcome, parser_version, worst
        from ({LATEST_READS}) as reads
        order by kind, team collate "C", source_path collate "C"
    """  # noqa: S608 - constants only
    open_rejections: Previous = []
    has_days = False
    with closing(warehouse.stream(query)) as reads:
        for (kind, team), found in groupby(reads, key=itemgetter(0, 1)):
            has_days = has_days or kind == Kind.DAILY_REPORTS
            is_in_scope = teams is None or team in teams
            pages = _pages(found, open_rejections if is_in_scope else [])
            if (kind, team) not in names:
                for _ in pages:
                    pass
                continue
            with (
                listing.create(names[kind, team]) as file,
                pq.ParquetWriter(file, PREVIOUS, compression="zstd") as writer,
            ):
                for page in pages:
                    writer.write_batch(page)
    return _Known(open_rejections, has_days)


def _pages(reads: Iterator[tuple[Any, ...]], open_rejections: Previous) -> Iterator[pa.RecordBatch]:
    while page := list(islice(reads, _PAGE)):
        open_rejections += [
            (kind, path, team) for kind, team, path, *_, worst in page if worst is not None
        ]
        columns = list(zip(*page, strict=True))[2:]
        arrays = [
            pa.array(column, type=field.type)
            for column, field in zip(columns, PREVIOUS, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=PREVIOUS)


def _stored_days(
    warehouse: Warehouse | None, connections: Connections | None
) -> Callable[[pa.RecordBatchReader], Any] | None:
    """Ask the database for the latest texts of people and days."""
    if connections:
        return partial(connections.fetched, LATEST_DAYS, name="wanted_days")
    if warehouse:
        return partial(warehouse.fetched, LATEST_DAYS, name="wanted_days")
    return None


def _plan(
    settings: Settings, options: RunOptions, extraction: Extraction, info: RunInfo, folder: Path
) -> Plan:
    week, place = options.week, options.workspace.url
    keeps_parts = extraction.executor.keeps_parts
    blob_dir = extraction.blob_dir
    is_vercel = not blob_dir and not extraction.uploader
    return Plan(
        target=settings.target,
        run_id=str(info.run_id),
        parts=f"{_shared_folder(settings).url}/parts" if keeps_parts else str(folder / "parts"),
        keeps_parts=keeps_parts,
        workspace=place if "://" in place else str(Path(place).absolute()),
        teams=options.teams,
        only=list(options.only) or None,
        report=options.report,
        week=(str(week.start), str(week.end)) if week else None,
        is_full=options.is_full,
        triggered_by=options.triggered_by,
        max_file_bytes=options.max_file_bytes,
        blob_dir=str(blob_dir.absolute()) if blob_dir else None,
        blob_store_id=load_vercel_settings().store_id if is_vercel else None,
        blob_concurrency=0 if blob_dir else settings.blob_concurrency,
        part_files=extraction.part_files,
        part_bytes=extraction.part_bytes,
        parser_version=PARSER_VERSION,
    )


@contextmanager
def _connections(settings: Settings) -> Iterator[Connections | None]:
    if not settings.database:
        yield None
        return
    with closing(Connections(settings.database)) as connections:
        yield connections


def _new_folder(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True)
    return path.absolute()


def _shared_folder(settings: Settings) -> RunFolder:
    """Where executors in other processes find a run."""
    return RunFolder(f"{settings.parts_url}/{settings.pipeline_name}")


def remove_run_folders(settings: Settings) -> None:
    """Remove the files of runs that did not finish, parts included."""
    remove_tree(settings.runs_dir)
    _shared_folder(settings).remove()


def _beside(plan: Plan) -> str:
    return f"{plan.parts.removesuffix('/parts')}/{plan.run_id}"


def _remove_stale_folders(settings: Settings, executor: Executor) -> None:
    """Remove what runs that did not finish left in files, except their parts."""
    remove_tree(settings.runs_dir)
    shared = _shared_folder(settings)
    if executor.keeps_parts or not shared.is_remote:
        for name in shared.folders():
            if name != "parts":
                RunFolder(f"{shared.url}/{name}").remove()


class _Awake(Progress):
    """Keeps the connection that holds the lock from being idle while long uploads go on.

    Neon suspends a database whose sessions are all idle for five minutes, and ends them.
    """

    def __init__(self, progress: Progress, warehouse: Warehouse) -> None:
        self._progress = progress
        self._warehouse = warehouse
        self._last = time.monotonic()

    def start(self, files: int) -> None:
        self._progress.start(files)

    def advance(self, size: int | None = None) -> None:
        self._progress.advance(size)
        if time.monotonic() - self._last > _LONGEST_IDLE:
            self._warehouse.fetch("select 1")
            self._last = time.monotonic()
