"""A run in parts, from the one process that writes into the database.

It holds a few parts at a time, however many there are: what a part gave is added up and let go.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import chain, groupby, islice
from operator import itemgetter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loader.engines import Engine
from loader.errors import WarehouseError
from loader.kinds import Kind
from loader.parsing import PARSER_VERSION
from loader.parts.closing import close
from loader.parts.commit import LEDGER, Committer, open_committer
from loader.parts.folder import Frozen, Plan, RunFolder
from loader.parts.manifest import READING, Part, Prefix, freeze, parts
from loader.parts.work import Receipt, batches_of, run_part
from loader.rows import TABLES
from loader.run import Order, Progress, Report, Stamp
from loader.settings import Settings, load_vercel_settings
from loader.source import folders_in_scope
from loader.threads import Task, in_order
from loader.warehouse import READINGS, Warehouse

_MOST_REJECTIONS = 1000  # listed; all are in the database
_PAGE = 10_000  # readings
_DELETE = 'delete from raw."{}" where _dlt_load_id = %s'
_DELETE_PARTS = "delete from raw._committed_parts where run_id = %s"


@dataclass(frozen=True, slots=True)
class Manner:
    """How the tasks of a run are to be done.

    Args:
        blob_dir: The local blob store; None for Vercel Blob.
        part_files: How many files a part has, at most.
        part_bytes: How many bytes they have, unless it is one.
    """

    blob_dir: Path | None
    part_files: int = 1000
    part_bytes: int = 16 * 1024 * 1024


def folder_of_runs(settings: Settings) -> RunFolder:
    """Where the runs in parts of a database have their folders."""
    return RunFolder(f"{settings.parts_url}/{settings.pipeline_name}")


def pending_runs(settings: Settings) -> list[RunFolder]:
    """The folders of runs that were stopped, in the order in which they began."""
    pending = [folder for folder in folder_of_runs(settings).folders() if folder.frozen]
    return sorted(pending, key=lambda folder: folder.plan.loaded_at)


def begin(  # noqa: PLR0913, PLR0917 - what a run is made of
    settings: Settings,
    order: Order,
    manner: Manner,
    stamp: Stamp,
    warehouse: Warehouse,
    engine: Engine,
) -> RunFolder:
    """Freeze what a run is to read.

    Args:
        settings: Whose run it is.
        order: What to do.
        manner: How.
        stamp: What all rows share.
        warehouse: With the latest readings.
        engine: Lists the workspace.

    Returns:
        The run's folder.

    Raises:
        LoaderError: The workspace or the engine is not what it should be. Nothing is frozen.
    """
    runs = folder_of_runs(settings)
    for stopped in runs.folders():
        if not stopped.frozen:
            stopped.remove()
    folders = folders_in_scope(order)
    folder = RunFolder(f"{runs.url}/{stamp.run_id}")
    folder.plan = _plan(settings, order, manner, stamp, folders)
    prefixes = [
        Prefix(folder.url, index, team, kind)
        for index, (kind, team) in enumerate((kind, team) for kind in Kind for team in folders)
    ]
    _write_readings(folder, prefixes, warehouse)
    listed = sorted(engine.map(freeze, prefixes), key=lambda each: each.shards)
    folder.frozen = Frozen(
        shards=sorted(shard for each in listed for shard in each.shards),
        parts=sum(each.parts for each in listed),
        files=sum(each.files for each in listed),
        ignored=sum(each.ignored for each in listed),
    )
    return folder


def finish(
    settings: Settings,
    folder: RunFolder,
    warehouse: Warehouse,
    engine: Engine,
    progress: Progress,
) -> Report:
    """Do what is left of a frozen run, and remove its folder.

    Args:
        settings: Whose run it is.
        folder: The run's.
        warehouse: The connection of the one writer.
        engine: Does the parts.
        progress: Told of each file.

    Raises:
        LoaderError: It could not end. Whoever comes next goes on.
    """
    plan, frozen = folder.plan, folder.frozen
    if not frozen:
        raise WarehouseError(f"{folder.url} is no frozen run")
    report = Report(ignored=frozen.ignored)
    progress.start(frozen.files)
    with open_committer(settings, warehouse) as committer:
        receipts = engine.map(run_part, all_parts(folder, frozen))
        with closing(committed(folder, plan, receipts, committer)) as done:
            for receipt in done:
                report.add(receipt.report, _MOST_REJECTIONS)
                for _ in range(sum(tally.seen for tally in receipt.report.tallies.values())):
                    progress.advance()
        notes = close(plan, frozen, plan.order().workspace, warehouse, committer)
        report.add(Report(rejections=notes), _MOST_REJECTIONS)
    folder.remove()
    return report


def abandon(folder: RunFolder, warehouse: Warehouse) -> None:
    """Remove a frozen run that can no longer be finished; its files are read anew.

    Args:
        folder: The run's.
        warehouse: The connection of the one writer.
    """
    run_id = folder.plan.run_id
    tables = warehouse.tables("raw")
    with warehouse.transaction():
        for statement in (_DELETE.format(name) for name in TABLES if name in tables):
            warehouse.execute(statement, [run_id])
        if LEDGER in tables:
            warehouse.execute(_DELETE_PARTS, [run_id])
    folder.remove()


def committed(
    folder: RunFolder, plan: Plan, receipts: Iterable[Receipt], committer: Committer
) -> Generator[Receipt, None, None]:
    """Commit parts as they come; gives each that is in the database."""
    tasks: Iterator[Task[Receipt, bool | None]] = (
        Task(receipt, partial(_commit, folder, plan, receipt, committer)) for receipt in receipts
    )
    # A commit that is under way ends before its connections are closed.
    with closing(in_order(tasks, committer.threads, is_joined=True)) as done:
        for receipt, _ in done:
            yield receipt


def all_parts(folder: RunFolder, frozen: Frozen) -> Iterator[Part]:
    """The parts of a run."""
    for shard in frozen.shards:
        yield from parts(folder, shard)


def _commit(folder: RunFolder, plan: Plan, receipt: Receipt, committer: Committer) -> bool:
    batches = batches_of(folder, receipt.part)
    return committer.commit(plan.run_id, receipt.part.id, receipt.rows, batches)


def _plan(
    settings: Settings, order: Order, manner: Manner, stamp: Stamp, folders: list[str]
) -> Plan:
    week, blob_dir, place = order.week, manner.blob_dir, order.workspace.url
    return Plan(
        target=settings.target,
        run_id=str(stamp.run_id),
        loaded_at=stamp.loaded_at.isoformat(),
        started_at=stamp.started_at.isoformat(),
        workspace=place if "://" in place else str(Path(place).absolute()),
        teams=order.teams,
        folders=folders if order.only else None,
        report=order.report,
        week=(str(week.start), str(week.end)) if week else None,
        is_full=order.is_full,
        triggered_by=order.triggered_by,
        blob_dir=str(blob_dir.absolute()) if blob_dir else None,
        blob_store_id=None if blob_dir else load_vercel_settings().store_id,
        blob_concurrency=0 if blob_dir else settings.blob_concurrency,
        part_files=manner.part_files,
        part_bytes=manner.part_bytes,
        parser_version=PARSER_VERSION,
    )


def _write_readings(folder: RunFolder, prefixes: list[Prefix], warehouse: Warehouse) -> None:
    """The latest readings, a file for each prefix that has some, sorted by path."""
    if not {"files", "rejections"} <= warehouse.tables("raw"):
        return
    names = {(str(prefix.kind), prefix.team): prefix.readings for prefix in prefixes}
    query = f"""
        select kind, team, source_path, file_sha256, outcome, parser_version, worst
        from ({READINGS}) as readings
        order by kind, team collate "C", source_path collate "C"
    """  # noqa: S608 - constants only
    readings = chain.from_iterable(warehouse.stream(query))
    for key, found in groupby(readings, key=itemgetter(0, 1)):
        if key not in names:
            continue
        with (
            folder.open(names[key], is_new=True) as file,
            pq.ParquetWriter(file, READING, compression="zstd") as writer,
        ):
            while page := list(islice(found, _PAGE)):
                columns = list(zip(*page, strict=True))[2:]
                arrays = [
                    pa.array(column, type=field.type)
                    for column, field in zip(columns, READING, strict=True)
                ]
                writer.write_batch(pa.RecordBatch.from_arrays(arrays, schema=READING))
