"""The listing: which files a run reads, in which parts, and what earlier runs know of them.

One row per file. A row group is a part. The files of a listing are called shards; a shard names its
parts in its metadata.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from loader.errors import WorkspaceError
from loader.extract.options import PreviousRead, RunOptions
from loader.extract.run_folder import Plan, RunFolder
from loader.parsing.rejections import Reason, Rejection
from loader.tables import TABLES
from loader.workspace import Listing, SourceFile
from loader.workspace.kinds import KINDS, Kind

_PARTS_IN_SHARD = 64
_PARTS, _PREFIX = b"parts", b"prefix"

_OF_PREVIOUS: list[tuple[str, pa.DataType]] = [
    ("path", pa.string()),
    ("sha256", pa.string()),
    ("outcome", pa.string()),
    ("parser_version", pa.int64()),
    ("worst", pa.string()),
]
_OF_FILE: list[tuple[str, pa.DataType]] = [
    ("kind", pa.string()),
    ("team", pa.string()),
    ("size", pa.int64()),
    ("modified_at", pa.float64()),
    ("version", pa.string()),
    ("reason", pa.string()),
    ("detail", pa.string()),
]
PREVIOUS = pa.schema(_OF_PREVIOUS)
LISTING = pa.schema(_OF_FILE + _OF_PREVIOUS)
_TABLES_AS_THEY_ARE = str([(name, table.schema) for name, table in TABLES.items()])
_Previous = tuple[str, str | None, str, int, str | None]
_Entry = tuple[SourceFile, Rejection | None, _Previous | None]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A team's files of one kind, to be listed.

    Args:
        run: The run's folder.
        index: The prefix's number in the run.
        team: The team's folder.
        kind: The kind.
    """

    run: str
    index: int
    team: str
    kind: Kind

    @property
    def previous(self) -> str:
        """The file with the previous reads of its files, sorted by path; none without any."""
        return f"previous/{self.index:05}.parquet"


@dataclass(frozen=True, slots=True)
class Listed:
    """The listing of a prefix.

    Args:
        shards: Its files.
        parts: How many parts it has.
        files: How many files of the workspace.
        ignored: How many files are not input.
    """

    shards: list[str]
    parts: int
    files: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some files of a run, by their place in its listing.

    Args:
        run: The run's folder.
        shard: The listing's file.
        group: The row group in it.
        id: Hash of all that its rows depend on.
    """

    run: str
    shard: str
    group: int
    id: str

    @property
    def file(self) -> str:
        """The file with its rows."""
        return f"{self.id}.parquet"


def list_prefix(prefix: Prefix) -> Listed:
    """List a prefix and write its shards; a task.

    Raises:
        WorkspaceError: It cannot be listed.
    """
    folder = RunFolder(prefix.run)
    plan = folder.plan
    options = plan.options()
    listing = Listing()
    files: Iterable[SourceFile] = options.workspace.scan(prefix.kind, prefix.team, listing)
    if plan.keeps_parts:
        files = map(options.workspace.with_version, files)
    entries = _with_previous(files, _previous(folder, prefix))
    shards: list[str] = []
    parts, count, shard = 0, 0, _Shard(prefix, plan)
    for part in _cut(entries, listing, prefix, plan):
        shard.add(part, parts)
        parts += 1
        count += len(part)
        if shard.parts == _PARTS_IN_SHARD:
            shards.append(shard.write(folder))
            shard = _Shard(prefix, plan)
    if shard.parts:
        shards.append(shard.write(folder))
    return Listed(shards, parts, count, listing.ignored)


def parts_of(folder: RunFolder, shard: str) -> list[Part]:
    """The parts of a shard."""
    with folder.open(shard) as file:
        ids = json.loads((pq.read_metadata(file).metadata or {})[_PARTS])
    return [Part(folder.url, shard, group, id_) for group, id_ in enumerate(ids)]


def read_listing(
    folder: RunFolder, part: Part
) -> tuple[dict[tuple[str, Kind], Listing], dict[tuple[str, str], PreviousRead]]:
    """A part's files, by team and kind, and their previous reads, by kind and path."""
    listing = Listing()
    previous: dict[tuple[str, str], PreviousRead] = {}
    with folder.open(part.shard) as opened:
        file = pq.ParquetFile(opened)
        team, kind_name = json.loads((file.metadata.metadata or {})[_PREFIX])
        kind = Kind(kind_name)
        root = KINDS[kind].of_team(team)
        found = file.read_row_group(part.group, use_threads=False)
        # By column: a dictionary for each row would take as long as all else.
        columns = [found[name].to_pylist() for name in LISTING.names[1:]]
        for folder_name, size, modified_at, version, reason, detail, path, *read in zip(
            *columns, strict=True
        ):
            name = path[len(root) + 1 :]
            source = SourceFile(kind, folder_name, path, name, size, modified_at, version)
            if reason:
                listing.rejections.append((source, Rejection(Reason(reason), detail)))
            else:
                listing.files.append(source)
            if read[1]:  # its outcome
                previous[kind, path] = PreviousRead(*read)
    return {(team, kind): listing}, previous


def folders_in_scope(options: RunOptions) -> list[str]:
    """The team folders to read: all, or those that were asked for by folder or by team.

    Raises:
        WorkspaceError: The workspace, or a team that was asked for, is not there.
    """
    present = options.workspace.team_folders()
    chosen = set()
    for name in options.only:
        folders = [folder for folder in present if name in (folder, options.teams.get(folder))]
        if not folders:
            known = ", ".join(present) or "none"
            message = f"no folder of a team {name!r} in {options.workspace.url}. There are: {known}"
            raise WorkspaceError(message)
        chosen.update(folders)
    return [folder for folder in present if folder in chosen] if options.only else present


class _Shard:
    """Parts on their way into a file."""

    def __init__(self, prefix: Prefix, plan: Plan) -> None:
        self._prefix = prefix
        self._plan = plan
        self._ids: list[str] = []
        self._sink = pa.BufferOutputStream()
        compression: Literal["zstd", "none"] = "zstd" if "://" in plan.folder else "none"
        self._writer = pq.ParquetWriter(
            self._sink, LISTING, compression=compression, write_statistics=False
        )

    @property
    def parts(self) -> int:
        return len(self._ids)

    def add(self, part: list[_Entry], number: int) -> None:
        self._ids.append(_part_id(self._plan, self._prefix, part, number))
        columns = zip(*map(_row, part), strict=True) if part else ()
        arrays = [
            pa.array(column, type=field.type)
            for column, field in zip(columns, LISTING, strict=bool(part))
        ]
        table = pa.Table.from_arrays(arrays, schema=LISTING) if part else LISTING.empty_table()
        self._writer.write_table(table, row_group_size=max(len(part), 1))

    def write(self, folder: RunFolder) -> str:
        """Write the file; return its name, which another attempt shares only if it is equal."""
        prefix = json.dumps([self._prefix.team, self._prefix.kind])
        metadata = {_PARTS.decode(): json.dumps(self._ids), _PREFIX.decode(): prefix}
        self._writer.add_key_value_metadata(metadata)
        self._writer.close()
        digest = hashlib.sha256("".join(self._ids).encode()).hexdigest()[:16]
        name = f"listing/{self._prefix.index:05}-{digest}.parquet"
        with folder.create(name) as file:
            file.write(self._sink.getvalue())
        return name


def _row(entry: _Entry) -> tuple[object, ...]:
    file, rejection, previous = entry
    refusal = (rejection.reason, rejection.detail) if rejection else (None, None)
    known = previous[1:] if previous else (None, None, None, None)
    return (
        *(file.kind, file.team, file.size, file.modified_at, file.version),
        *(*refusal, file.path, *known),
    )


def _part_id(plan: Plan, prefix: Prefix, part: list[_Entry], number: int) -> str:
    """A hash of all that a part's rows depend on; one of its own if the part is not kept."""
    # An id does not cover configs, on which the rows of some kinds depend, too.
    if not plan.keeps_parts or not KINDS[prefix.kind].is_by_bytes:
        named = f"{plan.run_id} {prefix.index} {number}"
        return hashlib.sha256(named.encode()).hexdigest()[:32]
    head = [
        *(
            _TABLES_AS_THEY_ARE,
            plan.parser_versions[prefix.kind],
            plan.is_full,
            plan.max_file_bytes,
        ),
        *(plan.workspace, plan.blob_dir, plan.blob_store_id),
        *(prefix.team, prefix.kind, prefix.team in plan.teams),
    ]
    lines = [json.dumps(each, default=str) for each in (head, *map(_row, part))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def _cut(
    entries: Iterable[_Entry], listing: Listing, prefix: Prefix, plan: Plan
) -> Iterator[list[_Entry]]:
    """Entries in parts of a bounded size; what the listing refused comes after the files."""
    part: list[_Entry] = []
    size = 0
    for entry in entries:
        is_full = len(part) >= plan.part_files or size + entry[0].size > plan.part_bytes
        if part and is_full and not KINDS[prefix.kind].is_one_part:
            yield part
            part, size = [], 0
        part.append(entry)
        size += entry[0].size
    for file, rejection in listing.rejections:
        if len(part) >= plan.part_files and not KINDS[prefix.kind].is_one_part:
            yield part
            part = []
        part.append((file, rejection, None))
    # If a team has no Jira file, its datasources may have the text.
    if part or (prefix.kind is Kind.JIRA_SNAPSHOTS and prefix.team in plan.teams):
        yield part


def _previous(folder: RunFolder, prefix: Prefix) -> Iterator[_Previous]:
    try:
        file = folder.open(prefix.previous)
    except FileNotFoundError:
        return
    with file:
        for batch in pq.ParquetFile(file).iter_batches():
            columns = (batch[name].to_pylist() for name in PREVIOUS.names)
            yield from zip(*columns, strict=True)


def _with_previous(files: Iterable[SourceFile], previous: Iterator[_Previous]) -> Iterator[_Entry]:
    """Files with their previous reads; both are sorted by path, in the order of code points."""
    read = next(previous, None)
    for file in files:
        while read and read[0] < file.path:
            read = next(previous, None)
        yield file, None, read if read and read[0] == file.path else None
