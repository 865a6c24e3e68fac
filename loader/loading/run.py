"""Run all steps: lock, clean up unfinished runs, list, extract, resolve, load, count, finish."""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

from loader.blobs.opening import stores_of
from loader.database import objects
from loader.database.environment import check
from loader.database.warehouse import Warehouse, check_release
from loader.errors import SettingsError
from loader.extract.configs import TeamConfigs
from loader.extract.executors import Executor
from loader.extract.extraction import MOST_REJECTIONS, Extracted, Extraction, extract
from loader.extract.options import Progress, RunInfo, RunOptions, RunResult, RunSummary
from loader.extract.run_folder import Plan, RunFolder, remove_tree
from loader.loading import runs
from loader.loading.adbc import Connections
from loader.loading.contents import add_contents
from loader.loading.keep_alive import KeepAlive
from loader.loading.lock import only_writer
from loader.loading.people import add_people
from loader.loading.pipeline import JOBS, Pipeline
from loader.loading.prepare import prepare, raw_names
from loader.loading.resolve import Resolution, RunData, resolve
from loader.loading.resolve_queries import LATEST_DAYS
from loader.loading.stale import texts_to_restore, with_texts, write_restored
from loader.settings import Settings
from loader.tables import RAW_TABLES
from loader.workspace.kinds import Kind, parser_versions

if TYPE_CHECKING:
    from loader.loading.files import LoadFile

_RAW = [f"raw.{name}" for name in RAW_TABLES]


@dataclass(frozen=True, slots=True)
class _Run:
    """The values that the steps of a run share.

    Args:
        settings: The settings of the target.
        options: The options of the run.
        extraction: The way to extract files.
        info: The values that its rows share.
        folder: The run's local folder.
        warehouse: The connection to the database.
        connections: The connections for COPY in PostgreSQL; None for DuckDB.
    """

    settings: Settings
    options: RunOptions
    extraction: Extraction
    info: RunInfo
    folder: Path
    warehouse: Warehouse
    connections: Connections | None


def run(
    settings: Settings,
    options: RunOptions,
    extraction: Extraction,
    progress: Progress | None = None,
) -> RunResult:
    """Load a workspace.

    Args:
        settings: The settings of the target.
        options: The options of the run.
        extraction: The way to extract files.
        progress: Receives the progress.

    Raises:
        LoaderError: The run could not begin or finish. None of its rows are visible.
    """
    started, began = time.perf_counter(), datetime.now(UTC)
    if settings.database is None and "=" in str(settings.runs_dir.absolute()):
        # dlt reads files without `hive_partitioning = false`. Tested with dlt 1.31, DuckDB 2.0.
        message = (
            f"DuckDB reads a folder with '=' as a column: {settings.runs_dir.absolute()}."
            " Set WAREHOUSE_DIR to another path."
        )
        raise SettingsError(message)
    with (
        only_writer(settings, _RAW, claims=True, is_adopting=options.is_adopting) as warehouse,
        _connections(settings) as connections,
    ):
        _remove_stale_folders(settings, extraction.executor)
        folder = _new_folder(settings.runs_dir / str(uuid4()))
        is_full = options.is_full
        ready = partial(prepare, settings, warehouse, connections, folder, is_full=is_full)
        names = raw_names(warehouse)
        is_first = RAW_TABLES.keys().isdisjoint(names)
        removed = 0 if is_first else ready(names)
        loaded_at, parsed = runs.next_run(warehouse, is_first=is_first)
        info = RunInfo(uuid4(), loaded_at, began, options.triggered_by)
        this = _Run(settings, options, extraction, info, folder, warehouse, connections)
        known = None if is_first else warehouse
        shown = progress or Progress()
        if warehouse.is_postgres:
            shown = KeepAlive(shown, warehouse)
        extracted, resolution = _extract(this, known, shown)
        if is_first:  # late, so that a run with an unreadable workspace leaves no trace
            ready(raw_names(warehouse))
        else:
            stores, part = stores_of(settings.blob_dir), folder / "contents.parquet"
            add_contents(options.contents, parsed, extracted, warehouse, stores, part)
        _load(this, extracted, resolution)
        remove_tree(settings.runs_dir)
        shared = shared_folder(settings)
        if extraction.executor.keeps_parts or not shared.is_remote:
            shared.remove()
    seconds = time.perf_counter() - started
    attempts = max(extraction.executor.attempts, extracted.count)
    return RunResult(extracted.summary, removed, seconds, extracted.count, attempts)


def dry_run(
    settings: Settings,
    options: RunOptions,
    extraction: Extraction,
    progress: Progress | None = None,
) -> RunResult:
    """Run all steps of `run` without its writes; same arguments."""
    started, began = time.perf_counter(), datetime.now(UTC)
    with (
        TemporaryDirectory() as temporary,
        Warehouse(settings, is_read_only=True) as warehouse,
        _connections(settings) as connections,
    ):
        is_there = settings.database is not None or settings.duckdb_path.exists()
        if is_there:
            objects.check(warehouse, settings)
            check(warehouse, settings.target, is_adopting=options.is_adopting)
            check_release(warehouse)
            is_there = "runs" in warehouse.tables("raw")
        folder = _new_folder(Path(temporary, "run"))
        info = RunInfo(uuid4(), began, began, options.triggered_by)
        this = _Run(settings, options, extraction, info, folder, warehouse, connections)
        extracted, _ = _extract(this, warehouse if is_there else None, progress or Progress())
    seconds = time.perf_counter() - started
    return RunResult(extracted.summary, 0, seconds, extracted.count, extracted.count)


def _extract(
    run: _Run, known: Warehouse | None, progress: Progress
) -> tuple[Extracted, Resolution]:
    """Extract the workspace, and make the decisions that need the whole run."""
    extracted = extract(_plan(run), run.options, run.extraction, run.folder, known, progress)
    stored = partial((run.connections or run.warehouse).fetched, LATEST_DAYS, name="wanted_days")
    gone = with_texts(extracted.gone)
    previous, days = extracted.previous, extracted.summary.kinds[Kind.DAILY_REPORTS]
    data = RunData(
        parts=extracted.parts,
        listing=extracted.listing,
        teams=run.options.teams,
        open_rejections=previous.open_rejections,
        gone=gone,
        restored=texts_to_restore(run.warehouse, gone, TeamConfigs(run.options)),
        has_days=days.rows > 0,
        stored_days=stored if previous.has_days else None,
        is_full=run.options.is_full,
        exists=run.options.workspace.exists,
    )
    addition = run.folder / "resolved.parquet"
    resolution = resolve(
        data,
        run.folder / "spill",
        addition,
        partial(write_restored, run.warehouse),
        lambda notes: extracted.summary.add(RunSummary(rejections=notes), MOST_REJECTIONS),
    )
    skipped = sum(map(len, resolution.skipped.values()))
    days.rows -= resolution.known_days
    extracted.rows += resolution.rows - skipped
    if resolution.rows:
        extracted.parts.append(addition)
    add_people(run.options, extracted, known, run.folder / "people.parquet")
    return extracted, resolution


def _load(run: _Run, extracted: Extracted, resolution: Resolution) -> None:
    """Load the extracted rows, count them, and finish the run in one statement."""
    warehouse, info, options = run.warehouse, run.info, run.options
    if not extracted.rows:
        runs.begin(warehouse, info, options, None, {})
        return
    # This import costs 30 ms, which an unchanged workspace does not need.
    from loader.loading.files import write_load_files  # noqa: PLC0415

    files: dict[str, LoadFile] = {}

    def write_files(load_id: str) -> "dict[str, LoadFile]":
        folder = run.folder / "load"
        files.update(write_load_files(extracted.parts, resolution.skipped, info, load_id, folder))
        remove_tree(run.folder / "parts")  # kept parts are in another folder
        return files

    pipeline = Pipeline(run.settings, warehouse, run.connections, run.folder / "dlt")
    load_id = pipeline.extract(write_files)
    rows = {name: file.rows for name, file in files.items()}
    if not warehouse.is_postgres:
        largest = max(file.largest for file in files.values())
        gathered = sorted(file.gathered for file in files.values())[-JOBS:]
        warehouse.bound_memory(largest, sum(gathered), run.folder / "spill")
    runs.begin(warehouse, info, options, load_id, rows)
    pipeline.load()
    runs.finish(warehouse, info, load_id, rows)
    if not warehouse.is_postgres:
        # Otherwise the next command replays the whole log and needs twice the memory.
        warehouse.execute("checkpoint")
    # For `dlt pipeline … --pipelines-dir`; this project never reads it.
    last = run.settings.working_dir / run.settings.pipeline_name
    remove_tree(last)
    pipeline.folder.rename(last)


def _plan(run: _Run) -> Plan:
    settings, options, extraction = run.settings, run.options, run.extraction
    week, place = options.week, options.workspace.url
    keeps_parts = extraction.executor.keeps_parts
    shared = shared_folder(settings).url if keeps_parts else str(run.folder)
    return Plan(
        run_id=str(run.info.run_id),
        folder=f"{shared}/{run.info.run_id}",
        parts=f"{shared}/parts",
        keeps_parts=keeps_parts,
        workspace=place if "://" in place else str(Path(place).absolute()),
        teams=options.teams,
        report=options.report,
        config_file=options.config_file,
        week=(str(week.start), str(week.end)) if week else None,
        is_full=options.is_full,
        triggered_by=options.triggered_by,
        max_file_bytes=options.max_file_bytes,
        blob_store=extraction.blob_store,
        blob_concurrency=settings.blob_concurrency,
        part_files=extraction.part_files,
        part_bytes=extraction.part_bytes,
        parser_versions=parser_versions(),
        contents=sorted(options.contents),
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


def shared_folder(settings: Settings) -> RunFolder:
    """Return the folder in which executors in other processes find a run."""
    return RunFolder(f"{settings.parts_url}/{settings.pipeline_name}")


def remove_run_folders(settings: Settings) -> None:
    """Remove the files of unfinished runs, including parts."""
    remove_tree(settings.runs_dir)
    shared_folder(settings).remove()


def _remove_stale_folders(settings: Settings, executor: Executor) -> None:
    """Remove the files of unfinished runs, except their parts."""
    remove_tree(settings.runs_dir)
    shared = shared_folder(settings)
    if executor.keeps_parts or not shared.is_remote:
        for name in shared.folders():
            if name != "parts":
                RunFolder(f"{shared.url}/{name}").remove()
