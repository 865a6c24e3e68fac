"""Restore texts if the file with the latest text of a day is gone and another file exists.

The latest text wins. If its file is no longer in the workspace, the text of an existing file wins
instead: its row is loaded again. Text that is in no file any more stays unchanged.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import groupby
from typing import Any

from loader.database.queries import FINISHED, LATEST_READS
from loader.database.warehouse import Warehouse
from loader.extract.configs import TeamConfigs
from loader.extract.file_result import FileResult
from loader.extract.listing import GoneFile
from loader.extract.part_writer import Origin, PartWriter
from loader.extract.row_builders import add_rows
from loader.tables import DATA_TABLES, FILES, FileRow, Outcome
from loader.tables.definition import RawTable
from loader.workspace import SourceFile
from loader.workspace.kinds import KINDS, Kind

# Positions of restored rows, above those of any row of the same file.
_FIRST_POSITION = 1 << 40
# The keys for which two files of a team can both have a text.
_SAME = {
    Kind.DAILY_REPORTS: ("author_name", "report_date"),
    Kind.MEETING_TRANSCRIPTS: ("filename",),
}
_GONE = f"select kind, source_path from ({LATEST_READS}) as reads where outcome = 'gone'"


@dataclass(frozen=True, slots=True)
class StoredText:
    """The latest text of a file for a day or a meeting.

    Args:
        kind: The kind of the file.
        team: The team's folder.
        path: The file.
        same: The key for which another file may also have a text.
        checksum: The text's checksum.
        order: The sort key of the text: the later text has the greater one.
        row_id: The id of the text's row.
    """

    kind: Kind
    team: str
    path: str
    same: tuple[Any, ...]
    checksum: str
    order: tuple[Any, ...]
    row_id: str


def with_texts(gone: Iterable[GoneFile]) -> list[GoneFile]:
    """Return the files of the kinds in which two files can have a text for the same key."""
    return [each for each in gone if each.kind in _SAME]


def texts_to_restore(
    warehouse: Warehouse, gone: Collection[GoneFile], configs: TeamConfigs
) -> list[StoredText]:
    """Return the texts to load again.

    Args:
        warehouse: The database with earlier runs.
        gone: The files that were in the workspace at the last run and no longer are.
        configs: The teams' configs, and the options of the run.
    """
    teams = configs.options.teams
    if not gone:
        return []
    missing = {(each.kind, each.path) for each in gone}
    found: list[StoredText] = []
    for kind in _SAME:
        paths = [each.path for each in gone if each.kind is kind]
        texts = list(_contested(warehouse, kind, paths)) if paths else []
        if texts:
            missing |= {(Kind(kind), path) for kind, path in warehouse.fetch(_GONE)}
        texts.sort(key=lambda text: (teams.get(text.team, ""), text.same, text.order))
        for _, group in groupby(texts, lambda text: (teams.get(text.team, ""), text.same)):
            *others, latest = group
            if (kind, latest.path) not in missing:
                continue
            there = (each for each in reversed(others) if (kind, each.path) not in missing)
            best = next((each for each in there if _is_in_its_file(each, configs)), None)
            if best and best.checksum != latest.checksum:
                found.append(best)
    return found


def write_restored(warehouse: Warehouse, texts: Iterable[StoredText], writer: PartWriter) -> None:
    """Write the rows of texts again.

    Args:
        warehouse: The database with the rows.
        texts: The result of `texts_to_restore`.
        writer: Receives the rows.
    """
    for position, text in enumerate(texts, start=_FIRST_POSITION):
        table = DATA_TABLES[text.kind]
        names = [field.name for field in fields(table.row)]
        query = f"""
            select file_sha256, {", ".join(names)}
            from raw.{table.name}
            where row_id = %s and {FINISHED}
        """
        for file_sha256, *values in warehouse.fetch(query, [text.row_id]):
            row = table.row(**dict(zip(names, values, strict=True)))
            origin = Origin(team=text.team, source_path=text.path, file_sha256=file_sha256)
            writer.add(table, origin, [row], first=position)


def write_gone(gone: Iterable[GoneFile], writer: PartWriter) -> None:
    """Write the last reads of files that no longer exist."""
    for file in gone:
        read = FileRow(
            kind=file.kind,
            byte_size=None,
            outcome=Outcome.GONE,
            parser_version=KINDS[file.kind].parser_version,
        )
        writer.add(FILES, Origin(team=file.team, source_path=file.path, file_sha256=None), [read])


def _is_in_its_file(text: StoredText, configs: TeamConfigs) -> bool:
    """Return whether a file still has its stored text: an edit may have removed the day."""
    name = text.path.removeprefix(KINDS[text.kind].folder.format(text.team) + "/")
    result = FileResult(SourceFile(text.kind, text.team, text.path, name))
    try:
        content = configs.options.workspace.read(result.file, configs.options.max_file_bytes)
    except OSError:
        return False
    result.data = content.data
    add_rows(result, configs, lambda: None)
    names = _SAME[text.kind]
    return any(
        getattr(row, "checksum_sha256", None) == text.checksum
        and tuple(getattr(row, name) for name in names) == text.same
        for row in result.rows
    )


def _contested(warehouse: Warehouse, kind: Kind, paths: Sequence[str]) -> Iterator[StoredText]:
    """Yield the latest texts of all files for the keys of the given files, if texts differ."""
    table: RawTable = DATA_TABLES[kind]
    same, tie = ", ".join(_SAME[kind]), table.tie_break or "row_id"
    query = f"""
        with texts as (select * from raw.{table.name} where {FINISHED}),
        wanted as (
            select distinct {same} from texts where source_path in (select unnest(%s::text[]))
        ),
        latest as (
            select distinct on (source_path, {same})
                row_id, team, source_path, checksum_sha256, loaded_at, {tie} as tie, {same}
            from texts
            inner join wanted using ({same})
            order by source_path, {same}, loaded_at desc, {tie} desc
        ),
        differing as (
            select {same} from latest group by {same}
            having min(checksum_sha256) <> max(checksum_sha256)
        )
        select row_id, team, source_path, checksum_sha256, loaded_at, tie, {same}
        from latest
        inner join differing using ({same})
    """
    for row_id, team, path, checksum, loaded_at, tie_break, *key in warehouse.fetch(query, [paths]):
        order = (loaded_at, path, tie_break)
        yield StoredText(kind, team, path, tuple(key), checksum, order, row_id)
