"""Removing what texts say, with the texts: rows of the content tables, and what they came from."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from loader.database.queries import APPLIED
from loader.tables import CONTENT, FILE_TABLES
from loader.tables.contents import CONTENT_TABLES, RAW_CONTENT_TABLES
from loader.workspace.kinds import Kind

if TYPE_CHECKING:
    from loader.maintenance.eraser import Eraser

PEOPLE, ALIASES = f"{CONTENT}.people", f"{CONTENT}.people_aliases"
_OF_PARENTS = "{column} in (select id from {kind} where {where})"
# Neither a version in `raw` nor a final row has the text.
_OF_NO_TEXT = """
    checksum_sha256 not in (
        select checksum_sha256 from raw.{kind} where checksum_sha256 is not null
    )
    and checksum_sha256 not in (
        select checksum_sha256 from {kind} where checksum_sha256 is not null
    )
"""
_OF_PERSON = """
    not cast(team_id as text) || chr(10) || alias = any(%s)
    and (
        alias = any(%s)
        or person_id in (select id from content.people where full_name = any(%s))
    )
"""
_NOBODY = """
    id not in (select person_id from content.people_aliases where person_id is not null)
"""
_WITHOUT_PERSON = "person_id is not null and person_id not in (select id from content.people)"


def contents_of_no_text() -> Iterator[tuple[str, str]]:
    """Yield each raw content table, and the condition of its rows whose texts are gone."""
    for table in RAW_CONTENT_TABLES:
        (kind,) = CONTENT_TABLES[table.name].parents
        yield f"raw.{table.name}", _OF_NO_TEXT.format(kind=kind)


def statements_of_no_text() -> Iterator[tuple[str, str]]:
    """Yield each raw content table, and the statement that removes such rows of applied loads."""
    for table, where in contents_of_no_text():
        yield table, f"delete from {table} where {where} and _dlt_load_id in ({APPLIED})"


def delete_contents(eraser: "Eraser", kind: Kind, where: str, params: Sequence[object]) -> None:
    """Delete what the texts of a final table's rows say."""
    for table in CONTENT_TABLES.values():
        if column := table.parents.get(kind):
            of_parents = _OF_PARENTS.format(column=column, kind=kind, where=where)
            eraser.delete(f"{CONTENT}.{table.name}", of_parents, params)


def delete_contents_of_no_text(eraser: "Eraser") -> None:
    """Delete from `raw` what texts said that are gone."""
    for table, where in contents_of_no_text():
        if {f"raw.{kind}" for kind in FILE_TABLES} <= eraser.tables:
            eraser.delete(table, where, [])


def delete_person(eraser: "Eraser", names: Sequence[str], others: Sequence[str]) -> None:
    """Delete a person, whose names may be other people's in other teams.

    Args:
        eraser: For the database.
        names: The names.
        others: Team and name of the other people, with a line feed between them.
    """
    if ALIASES not in eraser.tables:
        return
    eraser.delete(ALIASES, _OF_PERSON, [[*others], [*names], [*names]])
    eraser.delete(PEOPLE, _NOBODY, [])
    for table in CONTENT_TABLES.values():
        if eraser.has_column(f"{CONTENT}.{table.name}", "person_id"):
            eraser.blank(f"{CONTENT}.{table.name}", "person_id = null", _WITHOUT_PERSON, [])
