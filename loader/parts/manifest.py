"""The manifest: which files a run is to read, and in which parts.

One row per file: path, size, version, part, and what its latest reading found. A row group is a
part; the files are called shards, and name their parts in their metadata. A shard's name tells its
content, so that no task that comes late changes what is frozen.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.parquet as pq

from loader.kinds import FOLDERS, Kind
from loader.parts.folder import Plan, RunFolder
from loader.rejections import Reason, Rejection
from loader.run import LastReading
from loader.workspace import Listing, SourceFile

_PARTS_IN_SHARD = 64
_PARTS, _PREFIX = b"parts", b"prefix"
# Of these, which file counts is told by all of a team's.
_WHOLE = {Kind.JIRA_SNAPSHOTS, Kind.SLACK_CAPTURES}

_OF_READING: list[tuple[str, pa.DataType]] = [
    ("path", pa.string()),
    ("sha256", pa.string()),
    ("outcome", pa.string()),
    ("parser_version", pa.int64()),
    ("worst", pa.string()),
]
_OF_FILE: list[tuple[str, pa.DataType]] = [
    ("part", pa.string()),
    ("kind", pa.string()),
    ("team", pa.string()),
    ("size", pa.int64()),
    ("modified_at", pa.float64()),
    ("version", pa.string()),
    ("reason", pa.string()),
    ("detail", pa.string()),
]
READING = pa.schema(_OF_READING)
_MANIFEST = pa.schema(_OF_FILE + _OF_READING)
_Reading = tuple[str, str | None, str, int, str | None]
_Entry = tuple[SourceFile, Rejection | None, _Reading | None]


@dataclass(frozen=True, slots=True)
class Prefix:
    """A team's files of one kind, to be listed.

    Args:
        run: The run's folder.
        index: Which prefix of the run it is.
        team: The team's folder.
        kind: The kind.
    """

    run: str
    index: int
    team: str
    kind: Kind

    @property
    def readings(self) -> str:
        """The file with the latest readings of its files, by path; none without any."""
        return f"readings/{self.index:05}.parquet"


@dataclass(frozen=True, slots=True)
class Listed:
    """What became of a prefix.

    Args:
        shards: Its files of the manifest.
        parts: How many parts it has.
        files: How many files.
        ignored: How many files are no input.
    """

    shards: list[str]
    parts: int
    files: int
    ignored: int


@dataclass(frozen=True, slots=True)
class Part:
    """Some files of a run, by their place in its manifest.

    Args:
        run: The run's folder.
        shard: The manifest's file.
        group: The row group in it.
        id: Hash of the run, of the sorted paths and versions, and of the parsers' version.
    """

    run: str
    shard: str
    group: int
    id: str

    @property
    def file(self) -> str:
        """The file with its rows."""
        return f"{self.id}.parquet"


def freeze(prefix: Prefix) -> Listed:
    """List a prefix and write its shards of the manifest; a task.

    Raises:
        WorkspaceError: It cannot be listed.
    """
    folder = RunFolder(prefix.run)
    plan = folder.plan
    workspace = plan.order().workspace
    listing = Listing()
    files = map(workspace.with_version, workspace.scan(prefix.kind, prefix.team, listing))
    entries = _with_readings(files, _readings(folder, prefix))
    shards: list[str] = []
    parts, count, shard = 0, 0, _Shard(prefix, plan)
    for part in _cut(entries, listing, prefix, plan):
        shard.add(part)
        parts += 1
        count += len(part)
        if shard.parts == _PARTS_IN_SHARD:
            shards.append(shard.write(folder))
            shard = _Shard(prefix, plan)
    if shard.parts:
        shards.append(shard.write(folder))
    return Listed(shards, parts, count, listing.ignored)


def parts(folder: RunFolder, shard: str) -> list[Part]:
    """The parts of a shard."""
    with folder.open(shard) as file:
        told = (pq.read_metadata(file).metadata or {})[_PARTS]
    return [Part(folder.url, shard, group, id_) for group, id_ in enumerate(json.loads(told))]


def read_part(
    folder: RunFolder, part: Part
) -> tuple[dict[tuple[str, Kind], Listing], dict[tuple[str, str], LastReading]]:
    """A part's files, by team and kind, and their latest readings, by kind and path."""
    listing = Listing()
    readings: dict[tuple[str, str], LastReading] = {}
    with folder.open(part.shard) as opened:
        file = pq.ParquetFile(opened)
        team, kind_name = json.loads((file.metadata.metadata or {})[_PREFIX])
        kind = Kind(kind_name)
        root = FOLDERS[kind].of_team(team)
        for row in file.read_row_group(part.group).to_pylist():
            path = row["path"]
            found = SourceFile(
                kind,
                row["team"],
                path,
                path[len(root) + 1 :],
                row["size"],
                row["modified_at"],
                row["version"],
            )
            if row["reason"]:
                rejection = Rejection(Reason(row["reason"]), row["detail"])
                listing.rejections.append((found, rejection))
            else:
                listing.files.append(found)
            if row["outcome"]:
                readings[kind, path] = LastReading(
                    row["team"], row["sha256"], row["outcome"], row["parser_version"], row["worst"]
                )
    return {(team, kind): listing}, readings


class _Shard:
    """Parts on their way into a file."""

    def __init__(self, prefix: Prefix, plan: Plan) -> None:
        self._prefix = prefix
        self._plan = plan
        self._ids: list[str] = []
        self._sink = pa.BufferOutputStream()
        self._writer = pq.ParquetWriter(self._sink, _MANIFEST, compression="zstd")

    @property
    def parts(self) -> int:
        return len(self._ids)

    def add(self, part: list[_Entry]) -> None:
        id_ = _part_id(self._plan, self._prefix, part)
        self._ids.append(id_)
        columns = zip(*(_row(id_, entry) for entry in part), strict=True) if part else ()
        arrays = [
            pa.array(column, type=field.type)
            for column, field in zip(columns, _MANIFEST, strict=bool(part))
        ]
        table = pa.Table.from_arrays(arrays, schema=_MANIFEST) if part else _MANIFEST.empty_table()
        self._writer.write_table(table, row_group_size=max(len(part), 1))

    def write(self, folder: RunFolder) -> str:
        """Write the file; its name."""
        prefix = json.dumps([self._prefix.team, self._prefix.kind])
        told = {_PARTS.decode(): json.dumps(self._ids), _PREFIX.decode(): prefix}
        self._writer.add_key_value_metadata(told)
        self._writer.close()
        digest = hashlib.sha256("".join(self._ids).encode()).hexdigest()[:16]
        name = f"manifest/{self._prefix.index:05}-{digest}.parquet"
        folder.write(name, self._sink.getvalue().to_pybytes())
        return name


def _row(part: str, entry: _Entry) -> tuple[object, ...]:
    file, rejection, reading = entry
    refusal = (rejection.reason, rejection.detail) if rejection else (None, None)
    known = reading[1:] if reading else (None, None, None, None)
    version = (file.size, file.modified_at, file.version)
    return (part, file.kind, file.team, *version, *refusal, file.path, *known)


def _part_id(plan: Plan, prefix: Prefix, part: list[_Entry]) -> str:
    lines = sorted(f"{file.path}\0{file.version or ''}" for file, _, _ in part)
    head = f"{plan.run_id}\0{plan.parser_version}\0{prefix.team}\0{prefix.kind}"
    return hashlib.sha256("\n".join([head, *lines]).encode("utf-8", "replace")).hexdigest()[:32]


def _cut(
    entries: Iterable[_Entry], listing: Listing, prefix: Prefix, plan: Plan
) -> Iterator[list[_Entry]]:
    """Entries in parts of a bounded size; what the listing refused comes behind the files."""
    part: list[_Entry] = []
    size = 0
    for entry in entries:
        is_full = len(part) >= plan.part_files or size + entry[0].size > plan.part_bytes
        if part and is_full and prefix.kind not in _WHOLE:
            yield part
            part, size = [], 0
        part.append(entry)
        size += entry[0].size
    for file, rejection in listing.rejections:
        if len(part) >= plan.part_files and prefix.kind not in _WHOLE:
            yield part
            part = []
        part.append((file, rejection, None))
    # Where a team has no Jira file, its datasources may tell.
    if part or (prefix.kind is Kind.JIRA_SNAPSHOTS and prefix.team in plan.teams):
        yield part


def _readings(folder: RunFolder, prefix: Prefix) -> Iterator[_Reading]:
    if folder.has(prefix.readings):
        with folder.open(prefix.readings) as file:
            for batch in pq.ParquetFile(file).iter_batches():
                columns = (batch[name].to_pylist() for name in READING.names)
                yield from zip(*columns, strict=True)


def _with_readings(files: Iterable[SourceFile], readings: Iterator[_Reading]) -> Iterator[_Entry]:
    """Files with their latest readings; both are sorted by path, in the order of code points."""
    reading = next(readings, None)
    for file in files:
        while reading and reading[0] < file.path:
            reading = next(readings, None)
        yield file, None, reading if reading and reading[0] == file.path else None
