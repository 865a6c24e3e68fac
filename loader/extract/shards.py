"""Shards, the Parquet files of a listing: one row per workspace file, one row group per part.

The metadata of a shard holds the ids of its parts.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import starmap
from operator import attrgetter
from typing import Literal, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from loader.extract.options import PreviousRead
from loader.extract.run_folder import Plan, RunFolder
from loader.parsing.rejections import Reason, Rejection
from loader.tables import TABLES
from loader.tables.arrow import arrow_schema
from loader.workspace import Listing, SourceFile
from loader.workspace.kinds import KINDS, Kind

_PARTS, _PREFIX = b"parts", b"prefix"
RowT = TypeVar("RowT")

PREVIOUS = arrow_schema(PreviousRead)
_TABLES_AS_THEY_ARE = str([(name, table.schema) for name, table in TABLES.items()])


@dataclass(slots=True)
class ListedFile:
    """An entry of the workspace, a file or not, and its previous read.

    Args:
        kind: The table that it feeds.
        team: The team's folder.
        path: Relative to the workspace.
        size: In bytes, if known.
        modified_at: The time of the last change, in seconds since 1970, if known.
        version: A value that changes whenever the file changes, if it matters.
        reason: The reason of a rejection; None for a file to read.
        detail: The detail of the rejection.
        sha256: SHA-256 of the previous read, as for the fields below.
        outcome: Outcome of the previous read; None for a file that was never read.
        parser_version: Version of its parser.
        worst: The worst severity of its rejections.
    """

    kind: str
    team: str
    path: str
    size: int
    modified_at: float
    version: str | None
    reason: str | None = None
    detail: str | None = None
    sha256: str | None = None
    outcome: str | None = None
    parser_version: int | None = None
    worst: str | None = None


LISTING = arrow_schema(ListedFile)


@dataclass(frozen=True, slots=True)
class Part:
    """A set of files of a run, by their place in the listing.

    Args:
        run: The run's folder.
        shard: The shard's name.
        group: The row group in the shard.
        id: Hash of all inputs of its rows.
        file: The file with its rows.
    """

    run: str
    shard: str
    group: int
    id: str
    file: str


def parts_of(folder: RunFolder, shard: str) -> list[Part]:
    """Return the parts of a shard."""
    with folder.open(shard) as file:
        ids = json.loads((pq.read_metadata(file).metadata or {})[_PARTS])
    return [Part(folder.url, shard, group, id_, f"{id_}.parquet") for group, id_ in enumerate(ids)]


def read_listing(
    folder: RunFolder, part: Part
) -> tuple[dict[tuple[str, Kind], Listing], dict[tuple[str, str], PreviousRead]]:
    """Return a part's files by team and kind, and their previous reads by kind and path."""
    listing = Listing()
    previous: dict[tuple[str, str], PreviousRead] = {}
    with folder.open(part.shard) as opened:
        file = pq.ParquetFile(opened)
        team, kind_name = json.loads((file.metadata.metadata or {})[_PREFIX])
        found = file.read_row_group(part.group, use_threads=False)
    kind = Kind(kind_name)
    root = KINDS[kind].folder.format(team)
    for listed in rows_of(ListedFile, found):
        source = SourceFile(
            kind=kind,
            team=listed.team,
            path=listed.path,
            name=listed.path[len(root) + 1 :],
            size=listed.size,
            modified_at=listed.modified_at,
            version=listed.version,
        )
        if listed.reason:
            rejection = Rejection(Reason(listed.reason), listed.detail or "")
            listing.rejections.append((source, rejection))
        else:
            listing.files.append(source)
        if listed.outcome is not None and listed.parser_version is not None:
            previous[kind, listed.path] = PreviousRead(
                path=listed.path,
                sha256=listed.sha256,
                outcome=listed.outcome,
                parser_version=listed.parser_version,
                worst=listed.worst,
            )
    return {(team, kind): listing}, previous


class Shard:
    """A shard that is being written.

    Args:
        team: The team's folder.
        kind: The kind of the files.
        index: The number of team and kind in the run.
        plan: The values that the tasks share.
        config: A text that changes if the team's config or people may change rows.
    """

    def __init__(self, team: str, kind: Kind, index: int, plan: Plan, config: str) -> None:
        self._team, self._kind, self._index, self._config = team, kind, index, config
        self._plan = plan
        self.ids: list[str] = []  # ids of its parts
        self._sink = pa.BufferOutputStream()
        compression: Literal["zstd", "none"] = "zstd" if "://" in plan.folder else "none"
        self._writer = pq.ParquetWriter(
            self._sink, LISTING, compression=compression, write_statistics=False
        )

    def add(self, part: list[ListedFile], number: int) -> None:
        """Add a part; `number` is its number among the parts of the team and kind."""
        self.ids.append(self._part_id(part, number))
        columns = [
            pa.array(list(map(attrgetter(field.name), part)), type=field.type) for field in LISTING
        ]
        table = pa.Table.from_arrays(columns, schema=LISTING)
        self._writer.write_table(table, row_group_size=max(len(part), 1))

    def write(self, folder: RunFolder) -> str:
        """Write the file and return its name, a hash of its parts: equal attempts share a file."""
        prefix = json.dumps([self._team, self._kind])
        metadata = {_PARTS.decode(): json.dumps(self.ids), _PREFIX.decode(): prefix}
        self._writer.add_key_value_metadata(metadata)
        self._writer.close()
        digest = hashlib.sha256("".join(self.ids).encode()).hexdigest()[:16]
        name = f"listing/{self._index:05}-{digest}.parquet"
        with folder.create(name) as file:
            file.write(self._sink.getvalue())
        return name

    def _part_id(self, part: list[ListedFile], number: int) -> str:
        """Return a hash of all inputs of a part's rows; a unique id if the part is not kept."""
        # The id does not cover other files, on which the rows of some kinds depend.
        if not self._plan.keeps_parts or not KINDS[self._kind].is_by_bytes:
            named = f"{self._plan.run_id} {self._index} {number}"
            return hashlib.sha256(named.encode()).hexdigest()[:32]
        plan = self._plan
        head = [
            *(_TABLES_AS_THEY_ARE, plan.parser_versions[self._kind]),
            *(plan.is_full, plan.max_file_bytes),
            *(plan.workspace, plan.blob_store),
            *(self._team, self._kind, self._team in plan.teams, self._config),
            self._kind in plan.contents,
        ]
        lines = [
            json.dumps(each, default=str) for each in (head, *map(attrgetter(*LISTING.names), part))
        ]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:32]


def rows_of(cls: type[RowT], table: pa.Table | pa.RecordBatch) -> Iterator[RowT]:
    """Yield the rows of a table as objects of the class of its schema."""
    names = [field.name for field in fields(cls)]  # type: ignore[arg-type]
    columns = [table[name].to_pylist() for name in names]
    yield from starmap(cls, zip(*columns, strict=True))
