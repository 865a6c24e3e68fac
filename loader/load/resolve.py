"""What only a whole run can decide, in DuckDB over its parts; the one place for it.

    conflicts   two files of a team have different texts for a person and day: a note
    known days  the path's latest text for the day is the same: the row is left out
    ended       a path with rejections is no longer there: a last read ends them

DuckDB reads only the columns that it needs, keeps to a bounded memory and spills to the run's
folder.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from loader.extract.listing import LISTING
from loader.extract.options import Outcome
from loader.extract.parts import SCHEMA as PART
from loader.extract.parts import PartWriter, rejection_row, rows_of_file
from loader.kinds import Kind
from loader.parsing import PARSER_VERSION
from loader.rejections import Reason, Rejection
from loader.tables import FILES, REJECTIONS
from loader.workspace import SourceFile

if TYPE_CHECKING:
    import duckdb

_MEMORY = "200MB"
# Otherwise a folder `team=x` in the path would be a column.
_AS_IT_IS = "hive_partitioning = false, filename = 'part_file', file_row_number = true"
_TABLE = "create table {} as select * from given"
_VIEW = "create view {} as select * from {}"
# Rows of `stored_days` are the latest texts of finished runs, by path, for the people and days of
# the run; teams by name, for a team may have several folders.
_DAYS = """
    create view days as
    select days.*, teams.team_name
    from part_rows as days
    inner join teams using (team)
    where raw_table = 'daily_reports'
"""
_WANTED = "select distinct author_name, report_date from days"
_CONFLICTS = """
    with differing as (
        select team_name, author_name, report_date
        from (
            select team_name, author_name, report_date, checksum_sha256 from days
            union all
            select team_name, author_name, report_date, checksum_sha256
            from stored_days
            inner join teams using (team)
        ) as texts
        group by all
        having min(checksum_sha256) <> max(checksum_sha256)
    ),

    candidates as (
        select days.* from days inner join differing using (team_name, author_name, report_date)
    ),

    -- The path before it, in the order of reading, that has the same person and day.
    in_order as (
        select
            *,
            lag(source_path) over same_day as path_before,
            lag(checksum_sha256) over same_day as checksum_before
        from candidates
        window same_day as (
            partition by team_name, author_name, report_date
            order by team, source_path, line_number
        )
    ),

    stored_others as (
        select
            candidates.part_file,
            candidates.file_row_number,
            list(distinct stored.source_path order by stored.source_path) as paths
        from candidates
        inner join
            (select * from stored_days inner join teams using (team)) as stored
            using (team_name, author_name, report_date)
        where
            stored.source_path <> candidates.source_path
            and stored.checksum_sha256 <> candidates.checksum_sha256
            -- What this run has read anew is in the order above.
            and not exists (
                select 1
                from days as read_again
                where
                    read_again.source_path = stored.source_path
                    and read_again.author_name = stored.author_name
                    and read_again.report_date = stored.report_date
            )
        group by all
    )

    select
        team,
        source_path,
        file_sha256,
        line_number,
        author_name,
        report_date,
        case
            when path_before <> source_path and checksum_before <> checksum_sha256
                then [path_before]
            else stored_others.paths
        end as other_paths
    from in_order
    left join stored_others using (part_file, file_row_number)
    where other_paths is not null
    order by team, source_path, line_number
"""
_KNOWN = """
    select part_file, list(file_row_number order by file_row_number) as row_numbers
    from days
    inner join stored_days using (source_path, author_name, report_date, checksum_sha256)
    group by part_file
"""
_REJECTIONS_OF = """
    select source_path, count(*)
    from part_rows
    where raw_table = 'rejections' and kind = 'daily_reports' and source_path in (select unnest(?))
    group by source_path
"""
_ENDED = """
    select kind, source_path, team
    from open_rejections
    where
        not exists (
            select 1
            from part_rows
            where
                raw_table = 'files'
                and part_rows.kind = open_rejections.kind
                and part_rows.source_path = open_rejections.source_path
        )
        -- Of Jira, a run reads the best file only.
        and not exists (
            select 1
            from listing
            where
                listing.kind = open_rejections.kind
                and listing.path = open_rejections.source_path
                and listing.reason is null
                and listing.kind <> 'jira_snapshots'
        )
    order by kind, source_path
"""

LATEST_DAYS = """
    select distinct on (source_path, author_name, report_date)
        team, source_path, author_name, report_date, checksum_sha256
    from raw.daily_reports
    inner join wanted_days using (author_name, report_date)
    where _dlt_load_id in (select load_id from raw.runs where finished_at is not null)
    order by source_path, author_name, report_date, loaded_at desc, line_number desc
"""
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

Note = tuple[Kind, str, Rejection]


@dataclass(frozen=True, slots=True)
class RunData:
    """What a run has extracted, and what it knows of earlier runs.

    Args:
        parts: The files of its parts.
        listing: The files of its listing.
        teams: Team names by folder name.
        open_rejections: Kind, path and team of each previous read with rejections, in scope.
        has_days: Whether any of the parts has a daily report.
        stored_days: Yields the latest texts (`STORED_DAYS`) for people and days; None if finished
            runs have none.
        is_full: Whether known days are loaded again.
        exists: Whether a path is in the workspace.
    """

    parts: Sequence[Path]
    listing: Sequence[Path]
    teams: dict[str, str]
    open_rejections: Sequence[tuple[str, str, str]]
    has_days: bool
    stored_days: "Callable[[pa.RecordBatchReader], Any] | None"
    is_full: bool
    exists: Callable[[str], bool]


@dataclass(slots=True)
class Resolution:
    """The decisions.

    Args:
        skipped: The numbers of the rows to leave out, by part.
        notes: Notes on conflicts: kind, path and rejection.
        rows: How many rows of notes and reads there are in addition to those of the parts.
    """

    skipped: "dict[Path, pa.Array[Any]]" = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    rows: int = 0


def resolve(run: RunData, folder: Path, addition: Path) -> Resolution:
    """Decide what needs the whole run.

    Args:
        run: What it has extracted.
        folder: Where DuckDB may spill.
        addition: The part to write with the rows of notes and ended reads, if there are any.
    """
    found = Resolution()
    if not run.has_days and not run.open_rejections:
        return found
    with _connected(run, folder) as connection:
        conflicts: list[tuple[SourceFile, str | None, tuple[object, ...], int]] = []
        if run.has_days:
            _store_days(connection, run)
            if not run.is_full:
                found.skipped = {
                    Path(part): pa.array(numbers, pa.int64())
                    for part, numbers in connection.execute(_KNOWN).fetchall()
                }
            conflicts = list(_conflicts(connection, run, found.notes))
        ended = connection.execute(_ENDED).fetchall() if run.open_rejections else []
    found.rows = len(conflicts) + len(ended)
    if found.rows:
        _write(addition, conflicts, ended)
    return found


@contextmanager
def _connected(run: RunData, folder: Path) -> "Iterator[duckdb.DuckDBPyConnection]":
    """DuckDB with the run's parts, listing and teams."""
    import duckdb  # noqa: PLC0415 - a run without daily reports goes without

    open_rejections = _table(_OPEN_REJECTIONS, run.open_rejections)
    teams = _table(_TEAMS, list(run.teams.items()))
    with duckdb.connect(":memory:", config=_config(folder)) as connection:
        for name, table in (("open_rejections", open_rejections), ("teams", teams)):
            connection.register("given", table)
            connection.execute(_TABLE.format(name))
            connection.unregister("given")
        _read(connection, "part_rows", run.parts, PART)
        _read(connection, "listing", run.listing, LISTING)
        connection.execute(_DAYS)
        yield connection


def _read(
    connection: "duckdb.DuckDBPyConnection", name: str, paths: Sequence[Path], schema: pa.Schema
) -> None:
    """Make a relation of Parquet files, of which there may be none."""
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
    """Make the table `stored_days`."""
    connection.register("none", STORED_DAYS.empty_table())
    connection.execute("create table stored_days as select * from none")
    if run.stored_days:
        # A connection of its own, for it is read while the other one writes.
        wanted = connection.cursor().sql(_WANTED).to_arrow_reader()
        with run.stored_days(wanted) as stored:
            connection.register("stored", stored)
            connection.execute("insert into stored_days select * from stored")
            connection.unregister("stored")


def _conflicts(
    connection: "duckdb.DuckDBPyConnection", run: RunData, notes: list[Note]
) -> Iterator[tuple[SourceFile, str | None, tuple[object, ...], int]]:
    """Each note's file, its SHA-256, the row and its position; adds the note to `notes`."""
    found = connection.execute(_CONFLICTS).fetchall()
    exists = {path: run.exists(path) for *_, paths in found for path in paths}
    found = [row for row in found if any(map(exists.__getitem__, row[-1]))]
    paths = sorted({path for _, path, *_ in found})
    counts = dict(connection.execute(_REJECTIONS_OF, [paths]).fetchall()) if paths else {}
    kind = Kind.DAILY_REPORTS
    for team, path, sha256, line_number, author, day, others in found:
        other = next(filter(exists.__getitem__, others))
        detail = f"{author}, {day}: {other} has another text"
        note = Rejection(Reason.SAME_DAY_TWICE, detail, line_number)
        notes.append((kind, path, note))
        first = counts.get(path, 0)
        counts[path] = first + 1
        yield SourceFile(kind, team, path, ""), sha256, rejection_row(kind, note), first


def _write(
    addition: Path,
    conflicts: list[tuple[SourceFile, str | None, tuple[object, ...], int]],
    ended: list[tuple[str, str, str]],
) -> None:
    """Write a part with the rows of the notes and of the reads that end rejections."""
    with addition.open("wb") as file, PartWriter(file, is_compressed=False) as writer:
        for source, sha256, row, first in conflicts:
            writer.add(REJECTIONS, rows_of_file(source, sha256, [row], first))
        for kind, path, team in ended:
            read = (kind, None, None, None, Outcome.GONE, PARSER_VERSION, None, None)
            source = SourceFile(Kind(kind), team, path, "")
            writer.add(FILES, rows_of_file(source, None, [read]))
        writer.finish()
