"""Make the decisions that need the whole run, in DuckDB over its parts.

    conflicts   two files of a team have different texts for a person and day: add a note
    known days  the path's latest text for the day is the same: skip the row
    gone        a path no longer exists: add a last read, which ends its rejections
    restored    the latest text was of a path that is gone: load the text of an existing file again

DuckDB reads only the columns that it needs, in bounded memory, and spills to the run's folder.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from loader.extract.listing import GoneFile
from loader.extract.part_writer import SCHEMA as PART
from loader.extract.part_writer import Origin, PartWriter
from loader.extract.row_builders import rejection_row
from loader.extract.shards import LISTING
from loader.loading import resolve_queries as queries
from loader.loading.stale import StoredText, write_gone
from loader.parsing.rejections import Reason, Rejection
from loader.tables import FILES, REJECTIONS, FileRow, Outcome
from loader.workspace.kinds import KINDS, Kind

if TYPE_CHECKING:
    import duckdb

_MEMORY = "200MB"
_PAGE = 10_000  # notes per page
# Otherwise a folder `team=x` in the path would become a column.
_AS_IT_IS = "hive_partitioning = false, filename = 'part_file', file_row_number = true"
_TABLE = "create table {} as select * from given"
_VIEW = "create view {} as select * from {}"
_OF_DAY: list[tuple[str, pa.DataType]] = [
    ("team", pa.string()),
    ("source_path", pa.string()),
    ("author_name", pa.string()),
    ("report_date", pa.date32()),
    ("checksum_sha256", pa.string()),
]
STORED_DAYS = pa.schema(_OF_DAY)
_TEAMS = pa.schema({"team": pa.string(), "team_name": pa.string()})
_OPEN_REJECTIONS = pa.schema(dict.fromkeys(("kind", "source_path", "team"), pa.string()))
_RESTORED = pa.schema([each for each in _OF_DAY if each[0] not in {"team", "checksum_sha256"}])

Note = tuple[Kind, str, Rejection]


@dataclass(frozen=True, slots=True)
class RunData:
    """The extracted files of a run and the state of earlier runs.

    Args:
        parts: The Parquet files of its parts.
        listing: The Parquet files of its listing.
        teams: Team names by folder name.
        open_rejections: Kind, path and team of each previous read with rejections, in scope.
        gone: Daily reports and transcripts that no longer exist.
        restored: The texts that win because the files of later texts no longer exist.
        has_days: Whether any part has a daily report.
        stored_days: Yields the latest texts (`STORED_DAYS`) for people and days; None if finished
            runs have none.
        is_full: Whether to load known days again.
        exists: Returns whether a path is in the workspace.
    """

    parts: Sequence[Path]
    listing: Sequence[Path]
    teams: dict[str, str]
    open_rejections: Sequence[tuple[str, str, str]]
    gone: Sequence[GoneFile]
    restored: Sequence[StoredText]
    has_days: bool
    stored_days: "Callable[[pa.RecordBatchReader], Any] | None"
    is_full: bool
    exists: Callable[[str], bool]


@dataclass(slots=True)
class Resolution:
    """The decisions about a run.

    Args:
        skipped: The numbers of the rows to leave out, by part.
        known_days: Number of skipped days.
        rows: Number of additional rows: notes, last reads and restored texts.
    """

    skipped: "dict[Path, pa.Array[Any]]" = field(default_factory=dict)
    known_days: int = 0
    rows: int = 0


def resolve(
    run: RunData,
    folder: Path,
    addition: Path,
    restore: Callable[[Iterable[StoredText], PartWriter], None],
    note: Callable[[list[Note]], None],
) -> Resolution:
    """Make the decisions that need the whole run.

    Args:
        run: The extracted files and the state of earlier runs.
        folder: The folder to which DuckDB may spill.
        addition: The part to write, with the rows of notes, last reads and restored texts.
        restore: Writes the rows of texts again.
        note: Receives pages of notes on conflicts: kind, path and rejection.
    """
    found = Resolution()
    if not (run.has_days or run.open_rejections or run.gone):
        return found
    with (
        _connected(run, folder) as connection,
        addition.open("wb") as file,
        PartWriter(lambda: file, is_compressed=False) as writer,
    ):
        if run.has_days:
            _store_days(connection, run)
            if not run.is_full:
                for part, numbers, days in connection.execute(queries.KNOWN).fetchall():
                    found.skipped[Path(part)] = pa.array(numbers, pa.int64())
                    found.known_days += days
            for page in _conflicts(connection, run, writer):
                note(page)
        if run.open_rejections:
            _end_rejections(connection, writer)
        write_gone(run.gone, writer)
        if run.restored:
            # The parts already hold the rows of a file that was read again.
            read_again = {path for (path,) in connection.execute(queries.READ_AGAIN).fetchall()}
            restore([text for text in run.restored if text.path not in read_again], writer)
        found.rows = writer.rows
        if found.rows:
            writer.finish()
    return found


@contextmanager
def _connected(run: RunData, folder: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """Yield a DuckDB connection with the run's parts, listing and teams."""
    import duckdb  # noqa: PLC0415 - not needed without daily reports

    open_rejections = _table(_OPEN_REJECTIONS, run.open_rejections)
    teams = _table(_TEAMS, list(run.teams.items()))
    gone = _table(_OPEN_REJECTIONS, [(each.kind, each.path, each.team) for each in run.gone])
    restored = [(each.path, *each.same) for each in run.restored if each.kind == Kind.DAILY_REPORTS]
    tables = {
        "open_rejections": open_rejections,
        "teams": teams,
        "gone": gone,
        "restored": _table(_RESTORED, restored),
    }
    with duckdb.connect(":memory:", config=_config(folder)) as connection:
        for name, table in tables.items():
            connection.register("given", table)
            connection.execute(_TABLE.format(name))
            connection.unregister("given")
        _read(connection, "part_rows", run.parts, PART)
        _read(connection, "listing", run.listing, LISTING)
        connection.execute(queries.DAYS)
        yield connection


def _read(
    connection: "duckdb.DuckDBPyConnection", name: str, paths: Sequence[Path], schema: pa.Schema
) -> None:
    """Create a relation over Parquet files; it is empty without files."""
    if not paths:
        with_position = schema.append(pa.field("part_file", pa.string()))
        with_position = with_position.append(pa.field("file_row_number", pa.int64()))
        connection.register(name, with_position.empty_table())
        return
    files = ", ".join("'{}'".format(str(path).replace("'", "''")) for path in paths)
    source = f"read_parquet([{files}], {_AS_IT_IS})"
    connection.execute(_VIEW.format(name, source))


def _config(folder: Path) -> dict[str, Any]:
    return {"memory_limit": _MEMORY, "temp_directory": str(folder)}


def _table(schema: pa.Schema, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _store_days(connection: "duckdb.DuckDBPyConnection", run: RunData) -> None:
    """Create the table `stored_days`."""
    connection.register("none", STORED_DAYS.empty_table())
    connection.execute("create table stored_days as select * from none")
    if run.stored_days:
        # A separate connection, because it is read while the other one writes.
        wanted = connection.cursor().sql(queries.WANTED).to_arrow_reader()
        with run.stored_days(wanted) as stored:
            connection.register("stored", stored)
            connection.execute("insert into stored_days select * from stored")
            connection.unregister("stored")


def _conflicts(
    connection: "duckdb.DuckDBPyConnection", run: RunData, writer: PartWriter
) -> Iterator[list[Note]]:
    """Write the rows of notes on conflicts, and yield the notes in pages."""
    exists = lru_cache(maxsize=_PAGE)(run.exists)
    kind = Kind.DAILY_REPORTS
    found = connection.execute(queries.CONFLICTS)
    while page := found.fetchmany(_PAGE):
        notes: list[Note] = []
        for team, path, sha256, line, author, day, read, stored, position in page:
            other = read or next(filter(exists, stored), None)
            if other:
                detail = f"{author}, {day}: {other} has another text"
                rejection = Rejection(Reason.SAME_DAY_TWICE, detail, line)
                origin = Origin(team=team, source_path=path, file_sha256=sha256)
                writer.add(REJECTIONS, origin, [rejection_row(kind, rejection)], first=position)
                notes.append((kind, path, rejection))
        yield notes


def _end_rejections(connection: "duckdb.DuckDBPyConnection", writer: PartWriter) -> None:
    """Write the last reads that end rejections."""
    for kind, path, team in connection.execute(queries.ENDED).fetchall():
        read = FileRow(
            kind=Kind(kind),
            byte_size=None,
            outcome=Outcome.GONE,
            parser_version=KINDS[Kind(kind)].parser_version,
        )
        origin = Origin(team=team, source_path=path, file_sha256=None)
        writer.add(FILES, origin, [read])
