"""The dlt source: a workspace's findings as blobs in the store and record batches in `raw`."""

import time
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid5

from loader import rows
from loader.errors import WorkspaceError
from loader.findings import Finding, Findings
from loader.kinds import Kind
from loader.parsing import PARSER_VERSION
from loader.rejections import Rejection, Severity
from loader.run import Memory, Order, Outcome, Progress, Report, Stamp
from loader.uploads import BlobReference, Uploader
from loader.workspace import Listing, SourceFile, list_files

if TYPE_CHECKING:
    import pyarrow as pa

_POSITION = len("00000000-0000-0000-0000-")
_TYPES = {"string": "text", "int64": "bigint", "date32[day]": "date"}


class WorkspaceReader:
    """Reads what a run is to load.

    Args:
        order: What to do.
        memory: What earlier runs left.
        uploader: Gives files their blobs.
        stamp: What all rows share.
        listings: The part of the run to read, by team and kind, if not all; what takes a look at
            the whole run is then left to others.

    Raises:
        WorkspaceError: The workspace, or a team that was asked for, is not there.
    """

    def __init__(
        self,
        order: Order,
        memory: Memory,
        uploader: Uploader,
        stamp: Stamp,
        listings: dict[tuple[str, Kind], Listing] | None = None,
    ) -> None:
        self.report = Report()
        self._order = order
        self._memory = memory
        self._uploader = uploader
        self._stamp = stamp
        self._signature = (PARSER_VERSION, stamp.started_at, order.triggered_by)
        self._batches = rows.Batches()
        self._rejections_of: dict[tuple[str, str], int] = {}
        self._open_rejections: set[tuple[str, str]] = set()
        if listings is not None:
            self._listings = listings
            return
        folders = folders_in_scope(order)
        self._listings = {
            (team, kind): list_files(order.workspace, kind, team)
            for team in folders
            for kind in Kind
        }
        self._open_rejections = {
            key
            for key, last in memory.readings.items()
            if last.worst and (last.team in folders or not order.only)
        }

    def batches(self, progress: Progress) -> Iterator[tuple[str, "pa.RecordBatch"]]:
        """Everything to load, as (table, batch). The report is complete behind the last.

        A file's blob is stored before its rows are handed on; a failed one costs no other file.

        Args:
            progress: Told of each file.

        Raises:
            BlobStoreError: The blob store cannot be used at all.
        """
        listings = self._listings.values()
        progress.start(sum(len(each.files) + len(each.rejections) for each in listings))
        began = time.perf_counter()
        for finding, reference in self._uploader.references(self._all_findings()):
            tally = self.report.tallies[finding.file.kind]
            if finding.is_unchanged:
                tally.unchanged += 1
                last = self._memory.readings[finding.file.kind, finding.file.path]
                self.report.still_rejected += last.worst == Severity.REJECTED
            else:
                yield from self._record(finding, reference)
            progress.advance(reference.uploaded)
            began, previous = time.perf_counter(), began
            tally.seconds += began - previous
        yield from self._gone()
        yield from self._batches.rest()

    def _all_findings(self) -> Iterator[Finding]:
        findings = Findings(self._order, self._memory)  # not kept while the load goes on
        for (team, kind), listing in self._listings.items():
            self.report.tallies[kind].seen += len(listing.files) + len(listing.rejections)
            if kind is not Kind.JIRA_SNAPSHOTS:  # of which only the best file is read
                met = ((kind, file.path) for file in listing.files)
                self._open_rejections.difference_update(met)
            self.report.ignored += listing.ignored
            for file, rejection in listing.rejections:
                yield Finding(file, rejections=[rejection])
            yield from findings.of(team, kind, listing.files)

    def _record(
        self, finding: Finding, reference: BlobReference
    ) -> Iterator[tuple[str, "pa.RecordBatch"]]:
        """The rows of a finding, of its reading, and of its rejections."""
        file, tally = finding.file, self.report.tallies[finding.file.kind]
        blob = (reference.key, reference.url)
        rejections, records = finding.rejections, finding.records
        if reference.rejection:
            rejections, records = [*rejections, reference.rejection], []
        tally.uploads += reference.uploaded is not None
        outcome = _outcome(finding, rejections)
        table = rows.TABLES[file.kind]
        yield from self._batches.add(
            table,
            self._rows(table, finding, [(*values, *blob) for values in records]),
            finding.size,
        )
        self._open_rejections.discard((file.kind, file.path))
        first = self._rejections_of.get((file.kind, file.path), 0)
        if (file.kind, file.path) not in self._rejections_of:
            reading = (file.kind, finding.byte_size, *blob, outcome, *self._signature)
            yield from self._batches.add(rows.FILES, self._rows(rows.FILES, finding, [reading]), 0)
        if rejections:
            refused = [
                (file.kind, item.line_number, item.reason.severity, item.reason, item.detail)
                for item in rejections
            ]
            size = sum(len(item.detail) for item in rejections)
            what = self._rows(rows.REJECTIONS, finding, refused, first)
            yield from self._batches.add(rows.REJECTIONS, what, size)
            self.report.rejections += [(file.kind, file.path, item) for item in rejections]
        self._rejections_of[file.kind, file.path] = first + len(rejections)
        if outcome is Outcome.LOADED or records:
            tally.loaded += 1
            tally.rows += len(records)
            tally.bytes += len(finding.data or b"")
        else:
            tally.rejected += 1

    def _rows(
        self,
        table: rows.Table,
        finding: Finding,
        records: Sequence[tuple[object, ...]],
        first: int = 0,
    ) -> list[tuple[object, ...]]:
        return of_file(table, finding.file, finding.sha256, self._stamp, records, first)

    def _gone(self) -> Iterator[tuple[str, "pa.RecordBatch"]]:
        """Readings that end the rejections of paths which are no longer met."""
        for kind, path in sorted(self._open_rejections):
            team = self._memory.readings[kind, path].team
            finding = Finding(SourceFile(Kind(kind), team, path, ""))
            reading = (kind, None, None, None, Outcome.GONE, *self._signature)
            yield from self._batches.add(rows.FILES, self._rows(rows.FILES, finding, [reading]), 0)


def of_file(  # noqa: PLR0913, PLR0917 - what a row is told of
    table: rows.Table,
    file: SourceFile,
    sha256: str | None,
    stamp: Stamp,
    records: Sequence[tuple[object, ...]],
    first: int = 0,
) -> list[tuple[object, ...]]:
    """Records with where they come from.

    A `row_id` is a UUID of run, table, kind and path with the position as its last 48 bits.

    Args:
        table: Their table.
        file: Their file.
        sha256: Of its bytes.
        stamp: Of the run.
        records: The values of the table's own columns.
        first: The position of the first among the file's records for this table.
    """
    uuid = str(uuid5(stamp.run_id, f"{table.name} {file.kind} {file.path}"))[:_POSITION]
    of_all = (file.team, file.path, sha256, str(stamp.run_id), stamp.loaded_at)
    return [
        (f"{uuid}{position:012x}", *of_all, *record)
        for position, record in enumerate(records, start=first)
    ]


def _outcome(finding: Finding, rejections: list[Rejection]) -> Outcome:
    if any(rejection.reason.is_outside_the_bytes for rejection in rejections):
        return Outcome.RETRY
    return Outcome.LOADED if finding.has_content else Outcome.REJECTED


def folders_in_scope(order: Order) -> list[str]:
    """The team folders to read: all, or those that were asked for by folder or by team.

    Raises:
        WorkspaceError: The workspace, or a team that was asked for, is not there.
    """
    present = order.workspace.team_folders()
    chosen = set()
    for name in order.only:
        folders = [folder for folder in present if name in (folder, order.teams.get(folder))]
        if not folders:
            known = ", ".join(present) or "none"
            message = f"no folder of a team {name!r} in {order.workspace.url}. There are: {known}"
            raise WorkspaceError(message)
        chosen.update(folders)
    return [folder for folder in present if folder in chosen] if order.only else present


def workspace_source(batches: Iterator[tuple[str, "pa.RecordBatch"]], folder: Path) -> Any:  # noqa: ANN401
    """A dlt source of one Parquet file for each raw table, with all of them in its schema.

    Args:
        batches: (table, batch) pairs, drawn once.
        folder: For the files; made anew. dlt takes them over by hard links.
    """
    import dlt  # noqa: PLC0415 - half a second; commands that do not load go without
    from dlt.common.schema.utils import new_table  # noqa: PLC0415
    from dlt.common.storages.load_package import load_package_state  # noqa: PLC0415

    schema = dlt.Schema("workspace")
    for table in rows.TABLES.values():
        columns: Any = [*map(_hint, table.schema), _hint(rows.LOAD_ID)]
        hints = new_table(
            table.name, columns=columns, write_disposition="append", file_format="parquet"
        )
        hints["description"] = table.description
        schema.update_table(hints)

    @cache
    def written() -> dict[str, rows.WrittenFile]:
        return rows.write_files(batches, folder, load_package_state()["load_id"])

    def file_of(name: str) -> Iterator[Any]:
        if found := written().get(name):
            yield dlt.mark.with_file_import(str(found.path), "parquet", found.rows)

    options: Any = {"write_disposition": "append", "file_format": "parquet"}
    resources = [dlt.resource(file_of(name), name=name, **options) for name in rows.TABLES]
    return dlt.source(lambda: resources, schema=schema)()


def _hint(field: "pa.Field[Any]") -> dict[str, object]:
    return {
        "name": field.name,
        "data_type": _TYPES.get(str(field.type), "timestamp"),
        "nullable": field.nullable,
        "description": (field.metadata or {})[b"description"].decode(),
    }
