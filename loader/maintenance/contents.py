"""Remove content rows together with the texts that they come from."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from loader.database.queries import APPLIED
from loader.tables import CONTENT, FINAL_TABLES
from loader.tables.contents import CONTENT_TABLES, RAW_CONTENT_TABLES
from loader.workspace.kinds import Kind

if TYPE_CHECKING:
    from loader.maintenance.eraser import Eraser

PEOPLE, ALIASES = f"{CONTENT}.people", f"{CONTENT}.people_aliases"
_OF_PARENTS = "{column} in (select id from {kind} where {where})"
# Neither a version in `raw` nor a final row has the text. One join: PostgreSQL would search a list
# that is too long to hash again for each row.
_NOT_OF = """
    not exists (
        select 1 from ({texts}) as texts where texts.checksum_sha256 = {table}.checksum_sha256
    )
"""
_CHECKSUMS = "select checksum_sha256 from {}"
_OF_PERSON = """
    not cast(team_id as text) || chr(10) || alias = any(%s)
    and (
        (alias = any(%s) and person_id is not null)
        or person_id in (select id from content.people where full_name = any(%s))
    )
"""
# The texts of Jira and Slack are only in blobs. A transcript keeps its speakers, as its text does.
_NAMED = [
    (table.name, table.person)
    for table in CONTENT_TABLES.values()
    if table.person and not any(FINAL_TABLES[kind].text for kind in table.parents)
]
_OF_NAME = """
    {column} is not null
    and not {team} || chr(10) || {column} = any(%s)
    and ({column} = any(%s) {or_person})
"""
_OR_PERSON = """
    or person_id in (select id from content.people where full_name = any(%s))
"""
_NOBODY = """
    not exists (select 1 from content.people_aliases as aliases where aliases.person_id = people.id)
"""
_WITHOUT_PERSON = """
    person_id is not null
    and not exists (select 1 from content.people where people.id = person_id)
"""


def contents_of_no_text(there: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each existing raw content table with the condition that selects rows without a text.

    Neither a version in `raw` nor a final row has the text.
    """
    for table in RAW_CONTENT_TABLES:
        (kind,) = CONTENT_TABLES[table.name].parents
        texts = [name for name in (f"raw.{kind}", kind.value) if name in there]
        if f"raw.{table.name}" in there:
            checksums = " union all ".join(map(_CHECKSUMS.format, texts))
            where = _NOT_OF.format(table=table.name, texts=checksums) if texts else "false"
            yield f"raw.{table.name}", where


def statements_of_no_text(there: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each raw content table, and the statement that deletes such rows of applied loads."""
    for table, where in contents_of_no_text(there):
        yield table, f"delete from {table} where {where} and _dlt_load_id in ({APPLIED})"


def delete_contents(eraser: "Eraser", kind: Kind, where: str, params: Sequence[object]) -> None:
    """Delete the content rows of a final table's rows."""
    for table in CONTENT_TABLES.values():
        if column := table.parents.get(kind):
            of_parents = _OF_PARENTS.format(column=column, kind=kind, where=where)
            eraser.delete(f"{CONTENT}.{table.name}", of_parents, params)


def delete_contents_of_no_text(eraser: "Eraser") -> None:
    """Delete the content rows in `raw` whose texts are gone."""
    for table, where in contents_of_no_text(eraser.tables):
        eraser.delete(table, where, [])


def delete_person(eraser: "Eraser", names: Sequence[str], others: Sequence[str]) -> None:
    """Delete a person. In other teams, the same names may belong to other people.

    Args:
        eraser: Deletes the rows and counts them.
        names: All spellings of the person's name.
        others: Team and name of the other people, separated by a line feed.
    """
    has_people = ALIASES in eraser.tables
    for name, column in _NAMED:
        where = _OF_NAME.format(column=column, team="team", or_person="")
        eraser.blank(f"raw.{name}", f"{column} = null", where, [[*others], [*names]])
        if has_people:
            team = "cast(team_id as text)"
            where = _OF_NAME.format(column=column, team=team, or_person=_OR_PERSON)
            params = [[*others], [*names], [*names]]
            eraser.blank(f"{CONTENT}.{name}", f"{column} = null", where, params)
    if not has_people:
        return
    eraser.delete(ALIASES, _OF_PERSON, [[*others], [*names], [*names]])
    eraser.delete(PEOPLE, _NOBODY, [])
    for table in CONTENT_TABLES.values():
        if eraser.has_column(f"{CONTENT}.{table.name}", "person_id"):
            eraser.blank(f"{CONTENT}.{table.name}", "person_id = null", _WITHOUT_PERSON, [])
