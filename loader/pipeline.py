"""One run: lock, finish pending work, read, load."""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from loader import rows
from loader.engines import Engine, Here
from loader.environment import check, claim
from loader.errors import LoaderError, LockedError, SettingsError, WarehouseError
from loader.parsing import PARSER_VERSION
from loader.parts import run as parts
from loader.parts.run import Manner
from loader.run import Memory, Order, Progress, Result, Stamp
from loader.settings import Settings, configure_libraries
from loader.source import WorkspaceReader, workspace_source
from loader.uploads import Uploader
from loader.warehouse import Warehouse, missing_tables

if TYPE_CHECKING:
    import pyarrow as pa

_LONGEST_IDLE = 60.0  # seconds
_DUCKDB_MEMORY = 250_000_000  # bytes
_ADBC_DRIVERS = ("adbc_driver_manager", "adbc_driver_postgresql")


def run(
    settings: Settings,
    order: Order,
    uploader: Uploader,
    progress: Progress | None = None,
) -> Result:
    """Load a workspace.

    Args:
        settings: Where to.
        order: What.
        uploader: Gives files their blobs.
        progress: Told how far it is.

    Raises:
        LoaderError: The run could not begin or end. What is pending, the next run finishes.
    """
    started = time.perf_counter()
    with _begun(settings, order, Here()) as (warehouse, stamp, has_pending):
        reader = WorkspaceReader(order, warehouse.memory(), uploader, stamp)
        batches = reader.batches(_Awake(progress or Progress(), warehouse))
        first = list(islice(batches, 1))
        if first or _missing_tables(warehouse):
            _extract_and_load(settings, warehouse, chain(first, batches))
    return Result(reader.report, has_pending, time.perf_counter() - started)


def run_in_parts(
    settings: Settings,
    order: Order,
    manner: Manner,
    engine: Engine,
    progress: Progress | None = None,
) -> Result:
    """Load a workspace in parts that an engine does.

    Args:
        settings: Where to.
        order: What.
        manner: How.
        engine: Who does the parts.
        progress: Told how far it is.

    Raises:
        LoaderError: The run could not begin or end. What is frozen, the next run finishes.
    """
    started = time.perf_counter()
    with _begun(settings, order, engine) as (warehouse, stamp, has_pending):
        make_tables(settings, warehouse)
        folder = parts.begin(settings, order, manner, stamp, warehouse, engine)
        count = folder.frozen.parts if folder.frozen else 0
        awake = _Awake(progress or Progress(), warehouse)
        before = engine.attempts
        report = parts.finish(settings, folder, warehouse, engine, awake)
    seconds = time.perf_counter() - started
    return Result(report, has_pending, seconds, count, engine.attempts - before)


@contextlib.contextmanager
def _begun(
    settings: Settings, order: Order, engine: Engine
) -> Iterator[tuple[Warehouse, Stamp, bool]]:
    """A run that has the lock and no pending work: its stamp, and whether there was some."""
    began = datetime.now(UTC)
    with only_writer(settings, is_claiming=True, is_adopting=order.is_adopting) as warehouse:
        has_packages = _has_packages(settings)
        if has_packages:
            _load(settings, _pipeline(settings), warehouse)
        _check_tables(warehouse, is_full=order.is_full)
        stopped = parts.pending_runs(settings)
        for folder in stopped:
            if folder.plan.parser_version != PARSER_VERSION:
                parts.abandon(folder, warehouse)
                continue
            make_tables(settings, warehouse)
            parts.finish(settings, folder, warehouse, engine, Progress())
        stamp = Stamp(uuid4(), warehouse.next_loaded_at(), began)
        yield warehouse, stamp, has_packages or bool(stopped)


def make_tables(settings: Settings, warehouse: Warehouse) -> None:
    """Make the raw tables where they lack."""
    if _missing_tables(warehouse):
        _extract_and_load(settings, warehouse, iter(()))


@contextlib.contextmanager
def only_writer(
    settings: Settings, *, is_claiming: bool = False, is_adopting: bool = False
) -> Iterator[Warehouse]:
    """The target's database, for the one process that may write into it.

    Args:
        settings: Which database.
        is_claiming: Have it remember the target as its environment.
        is_adopting: Whether another environment's is fine.

    Raises:
        LockedError: Another one does.
        WarehouseError: It cannot be reached, or is another environment's.
    """
    with _file_lock(settings), Warehouse(settings) as warehouse:
        warehouse.lock()
        known = check(warehouse, settings.target, is_adopting=is_adopting)
        if is_claiming and known != settings.target:
            claim(warehouse, settings.target)
        yield warehouse


def _extract_and_load(
    settings: Settings, warehouse: Warehouse, batches: Iterator[tuple[str, "pa.RecordBatch"]]
) -> None:
    pipeline = _pipeline(settings)
    folder = settings.working_dir / f"{settings.pipeline_name}.parquet"
    with _explained(settings, pipeline):
        pipeline.extract(workspace_source(batches, folder))
    shutil.rmtree(folder, ignore_errors=True)  # dlt has its own links
    _load(settings, pipeline, warehouse)


def dry_run(
    settings: Settings,
    order: Order,
    uploader: Uploader,
    progress: Progress | None = None,
) -> Result:
    """Do all that `run` does but its writes; same arguments."""
    started = time.perf_counter()
    with Warehouse(settings, is_read_only=True) as warehouse:
        is_new = settings.database is None and not settings.duckdb_path.exists()
        if not is_new:
            check(warehouse, settings.target, is_adopting=order.is_adopting)
        memory = Memory({}, lambda _: []) if is_new else warehouse.memory()
        stamp = Stamp(uuid4(), datetime.now(UTC), datetime.now(UTC))
        reader = WorkspaceReader(order, memory, uploader, stamp)
        for _ in reader.batches(progress or Progress()):
            pass
    return Result(reader.report, has_finished_pending=False, seconds=time.perf_counter() - started)


class _Awake(Progress):
    """Keeps the connection that holds the lock from being idle while long uploads go on.

    Neon suspends a database of which all sessions are idle for five minutes, and ends them.
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


def has_pending_work(settings: Settings) -> bool:
    """Whether an earlier run left something that is not in the database."""
    return _has_packages(settings) or bool(parts.pending_runs(settings))


def _has_packages(settings: Settings) -> bool:
    """Whether dlt has packages on this machine that are on their way."""
    folder = settings.working_dir / settings.pipeline_name
    # Where dlt keeps them. To ask it for certain takes a second, so only where something is there.
    places = ("normalize/extracted", "load/normalized")
    has_packages = any(any(path.iterdir()) for name in places if (path := folder / name).is_dir())
    return has_packages and bool(_pipeline(settings).has_pending_data)


def _pipeline(settings: Settings) -> Any:  # noqa: ANN401 - dlt is imported only here
    """The dlt pipeline of the target."""
    configure_libraries()
    import dlt  # noqa: PLC0415 - half a second; commands that do not load go without

    dlt.config["load.delete_completed_jobs"] = True
    if settings.database:
        missing = [name for name in _ADBC_DRIVERS if not importlib.util.find_spec(name)]
        if missing:  # dlt would fall back to inserts, and say so in a log only
            message = f"{' and '.join(missing)} not installed. Install them: make setup"
            raise SettingsError(message)
        from loader.postgres import destination as postgres  # noqa: PLC0415

        destination: Any = postgres(settings.database.url)
    else:
        destination = dlt.destinations.duckdb(str(settings.duckdb_path))
    pipeline = dlt.pipeline(
        settings.pipeline_name,
        destination=destination,
        dataset_name=rows.DATASET,
        pipelines_dir=str(settings.working_dir),
    )
    # What is known is in raw.files: the state of dlt would be a second, slower memory.
    pipeline.config.restore_from_destination = False
    return pipeline


def _bound_memory(settings: Settings, pipeline: Any) -> None:  # noqa: ANN401
    """Let DuckDB take no more memory for a load than its longest text needs."""
    import pyarrow.parquet as pq  # noqa: PLC0415
    from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials  # noqa: PLC0415

    longest = 0
    packages = Path(pipeline.working_dir, "load", "normalized")
    for jobs in ("new_jobs", "started_jobs"):  # those that are completed are empty
        for file in packages.glob(f"*/{jobs}/*.parquet"):
            metadata = pq.read_metadata(file)
            for group in range(metadata.num_row_groups):
                longest = max(longest, metadata.row_group(group).total_byte_size)
    limit = f"{(_DUCKDB_MEMORY + longest * 5 // 4) // 1_000_000}MB"
    credentials = DuckDbCredentials(
        str(settings.duckdb_path), global_config={"memory_limit": limit}
    )
    pipeline.destination.config_params["credentials"] = credentials


def _load(settings: Settings, pipeline: Any, warehouse: Warehouse) -> None:  # noqa: ANN401
    """Bring what was extracted into the database, with all tables there first."""
    missing = _missing_tables(warehouse)
    warehouse.release()
    with _explained(settings, pipeline):
        pipeline.normalize()
        if missing:
            pipeline.sync_schema()
        if not warehouse.is_postgres:
            _bound_memory(settings, pipeline)
        try:
            pipeline.load()
        finally:
            if warehouse.is_postgres:
                pipeline.destination.close()
    if missing and warehouse.is_postgres:
        for table in rows.TABLES:
            name = f"idx_{table}_dlt_load_id"
            warehouse.execute(f'create index if not exists {name} on raw."{table}" (_dlt_load_id)')


def _missing_tables(warehouse: Warehouse) -> set[str]:
    return set(rows.TABLES) - warehouse.tables(rows.DATASET)


def _check_tables(warehouse: Warehouse, *, is_full: bool) -> None:
    """Refuse to go on without a table that was dropped by hand; `--full` makes it anew."""
    missing = _missing_tables(warehouse)
    if not missing or missing == set(rows.TABLES):
        return
    if not is_full:
        raise missing_tables(missing)
    # dlt makes tables only where the schema's hash is not among those it has stored.
    warehouse.execute("delete from raw._dlt_version")


@contextlib.contextmanager
def _file_lock(settings: Settings) -> Iterator[None]:
    """Be the one run on this machine. The lock of a dead process is free."""
    settings.working_dir.mkdir(parents=True, exist_ok=True)
    path = settings.working_dir / f"{settings.pipeline_name}.lock"
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "another run"
            message = f"locked by {holder}. Wait for it to end, then run the command again."
            raise LockedError(message) from None
        file.truncate(0)
        since = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC"
        file.write(f"pid {os.getpid()} on {socket.gethostname()}, since {since}")
        file.flush()
        yield


@contextlib.contextmanager
def _explained(settings: Settings, pipeline: Any) -> Iterator[None]:  # noqa: ANN401
    """Say in one message, without the password, what dlt says in a chain of tracebacks."""
    from dlt.pipeline.exceptions import PipelineStepFailed  # noqa: PLC0415

    try:
        yield
    except PipelineStepFailed as error:
        cause: BaseException = error
        while cause.__cause__ is not None:
            cause = cause.__cause__
            if isinstance(cause, (KeyboardInterrupt, LoaderError)):
                raise cause from None
        lines = str(cause).strip().splitlines() or [type(cause).__name__]
        problem = settings.redacted(lines[0])
        message = f"{error.step} failed: {problem}"
        if pipeline.has_pending_data:
            message += (
                "\nNothing is lost: run the same command again, it finishes what is pending in"
                f" {pipeline.working_dir}."
            )
        raise WarehouseError(message) from None  # the chain shows the address
