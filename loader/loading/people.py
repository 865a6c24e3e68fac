"""Load the people of the mapping files for dbt. A file is loaded again if its bytes changed."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from loader.database.queries import FINISHED
from loader.database.warehouse import Warehouse
from loader.extract.extraction import Extracted
from loader.extract.options import RunOptions
from loader.extract.part_writer import Origin, PartWriter
from loader.parsing.names import LONGEST_NAME
from loader.parsing.people import is_nobody
from loader.parsing.spellings import stored_name
from loader.parsing.values import AuthorName, Sha256, Spelling
from loader.tables import PEOPLE, PersonRow
from loader.workspace.name_mapping import MappedPerson, read_mapping
from loader.workspace.teams import other_names

_LATEST = f"""
    select distinct on (team, source_path) team, source_path, file_sha256
    from raw.people
    where {FINISHED}
    order by team, source_path, loaded_at desc
"""


def add_people(
    options: RunOptions, extracted: Extracted, warehouse: Warehouse | None, part: Path
) -> None:
    """Add the people of mapping files that changed since the last run to the load.

    Args:
        options: The options of the run.
        extracted: Receives the part, if it has rows.
        warehouse: The database with earlier runs; None before the first run.
        part: The file to write.
    """
    found = [each for folder in extracted.folders if (each := _read(options, folder))]
    known = _known(warehouse) if found and warehouse and not options.is_full else {}
    with part.open("wb") as file, PartWriter(lambda: file, is_compressed=False) as writer:
        for origin, people in found:
            if known.get((origin.team, origin.source_path)) != origin.file_sha256:
                writer.add(PEOPLE, origin, [*_rows(people)])
        if writer.rows:
            writer.finish()
            extracted.parts.append(part)
            extracted.rows += writer.rows


def _known(warehouse: Warehouse) -> dict[tuple[str, str], str]:
    """Return the SHA-256 of the latest version of each file, by team folder and path."""
    if PEOPLE.name not in warehouse.tables("raw"):
        return {}
    return {(team, path): sha256 for team, path, sha256 in warehouse.fetch(_LATEST)}


def _read(options: RunOptions, folder: str) -> tuple[Origin, list[MappedPerson]] | None:
    """Return the people of a team folder's mapping file; None without a valid file."""
    mapping = read_mapping(options.workspace, folder, other_names(folder, options.teams))
    if not mapping.path or (mapping.rejections and not mapping.people):
        return None
    try:
        data = options.workspace.read_bytes(mapping.path)
    except OSError:  # deleted in the meantime
        return None
    sha256 = Sha256(hashlib.sha256(data).hexdigest())
    return Origin(team=folder, source_path=mapping.path, file_sha256=sha256), mapping.people


def _rows(people: Iterable[MappedPerson]) -> Iterator[PersonRow]:
    """Yield a row for each spelling; one row without a name if the file has no people."""
    is_empty = True
    for person in people:
        full_name = _name(person.full_name)
        if not full_name:
            continue
        for spelling in dict.fromkeys((full_name, *filter(None, map(_name, person.aliases)))):
            yield PersonRow(full_name=AuthorName(full_name), spelling=Spelling(spelling))
        is_empty = False
    if is_empty:
        yield PersonRow(full_name=None, spelling=None)


def _name(text: str) -> str | None:
    """Return a name in its stored form; None if the text is not a name."""
    name = stored_name(text)
    return None if is_nobody(name) or len(name) > LONGEST_NAME else name
