"""Write the latest reads of earlier runs to files, for the tasks that compare with them."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from loader.database.queries import LATEST_READS
from loader.database.warehouse import Warehouse
from loader.extract.listing import GoneFile, Prefix
from loader.extract.run_folder import RunFolder
from loader.extract.shards import PREVIOUS
from loader.tables import Outcome
from loader.workspace.kinds import Kind

_PAGE = 10_000  # reads per batch
_COLUMNS = ("kind", "team", "source_path", "file_sha256", "outcome", "parser_version", "worst")
_SELECTED = ", ".join(_COLUMNS)
_READS = f"""
    select {_SELECTED}
    from ({LATEST_READS}) as reads
    order by kind, team collate "C", source_path collate "C"
"""  # noqa: S608 - constants only

OpenRejection = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Previous:
    """The state of earlier runs, except the files of their reads.

    Args:
        open_rejections: Kind, path and team of the reads in scope that have rejections.
        has_days: Whether any read is of a daily report.
        gone: The files of team folders that no longer exist.
    """

    open_rejections: Sequence[OpenRejection] = ()
    has_days: bool = False
    gone: Sequence[GoneFile] = ()


def write_previous(
    folder: RunFolder, prefixes: list[Prefix], warehouse: Warehouse, teams: list[str] | None
) -> Previous:
    """Write the latest reads, sorted by path: one file for each prefix that has some.

    Args:
        folder: The run's folder.
        prefixes: The prefixes that the run lists.
        warehouse: The database.
        teams: The team folders in scope; None for all.
    """
    names = {(str(prefix.kind), prefix.team): prefix.previous for prefix in prefixes}
    open_rejections: list[OpenRejection] = []
    gone: list[GoneFile] = []
    has_days = False
    with closing(warehouse.stream(_READS)) as reads:
        for (kind, team), found in groupby(reads, key=itemgetter(0, 1)):
            has_days = has_days or kind == Kind.DAILY_REPORTS
            pages = _pages(found, open_rejections if teams is None or team in teams else [])
            if (kind, team) in names:
                with (
                    folder.create(names[kind, team]) as file,
                    pq.ParquetWriter(file, PREVIOUS, compression="zstd") as writer,
                ):
                    for page in pages:
                        writer.write_batch(page)
            else:
                for page in pages:
                    if teams is None:  # the team's folder no longer exists
                        gone += _gone(page, Kind(kind), team)
    return Previous(open_rejections, has_days, gone)


def _gone(page: pa.RecordBatch, kind: Kind, team: str) -> Iterator[GoneFile]:
    for read in page.select(["path", "outcome"]).to_pylist():
        if read["outcome"] != Outcome.GONE:
            yield GoneFile(kind, team, read["path"])


def _pages(
    reads: Iterator[tuple[Any, ...]], open_rejections: list[OpenRejection]
) -> Iterator[pa.RecordBatch]:
    """Yield reads as batches, and add those with rejections to `open_rejections`."""
    while page := list(islice(reads, _PAGE)):
        columns = dict(zip(_COLUMNS, zip(*page, strict=True), strict=True))
        columns |= {"path": columns["source_path"], "sha256": columns["file_sha256"]}
        open_rejections += [
            (kind, path, team)
            for kind, path, team, worst in zip(
                *(columns[name] for name in ("kind", "path", "team", "worst")), strict=True
            )
            if worst is not None
        ]
        arrays = [pa.array(columns[field.name], type=field.type) for field in PREVIOUS]
        yield pa.RecordBatch.from_arrays(arrays, schema=PREVIOUS)
