"""Rows of the replaced system, of which raw knows nothing.

It stored daily reports under the first word of a name. Whose they are, their texts say. A takeover
gives the full name to those that it is certain about.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

from loader.maintenance.eraser import Eraser
from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.spellings import Spellings
from loader.tables import FILE_TABLES
from loader.workspace.kinds import Kind

_TABLE = Kind.DAILY_REPORTS.value
_QUERY = f"""
    select cast(id as text), author_name, cast(report_date as text), content
    from {_TABLE}
    where {{is_old}} and strpos(author_name, ' ') = 0
    order by report_date, author_name, id
"""
_TEXTS = "select cast(id as text), cast({text} as text) from {kind} where {is_old} order by id"


@dataclass(frozen=True)
class OldDay:
    """A day under one word of a name.

    Args:
        id: Of its row.
        word: The word.
        date: The day.
        authors: The full names of those that its text names as authors.
    """

    id: str
    word: str
    date: str
    authors: frozenset[str]

    def __str__(self) -> str:
        whose = " and ".join(sorted(self.authors)) or "nobody for certain"
        return f"{_TABLE} {self.id}: {self.date}, {self.word!r}; the text names {whose}"


class OldDays:
    """The days under one word of a name.

    Args:
        eraser: For the database. Nothing may be erased yet.
    """

    def __init__(self, eraser: Eraser) -> None:
        found = eraser.stream(_TABLE, _QUERY.format(is_old=_is_old(eraser, _TABLE)))
        self._days = [
            OldDay(id_, word, day, _authors(content)) for id_, word, day, content in found
        ]

    @cached_property
    def authors(self) -> set[str]:
        """Everybody whom a text names as its author."""
        return set().union(*(day.authors for day in self._days))

    def of(self, names: Collection[str]) -> list[str]:
        """Return the ids of the days of a person.

        A day that names nobody is the person's only if the name is the one word that it is under.
        """
        return [day.id for day in self._days if _is_of(day, names)]

    def of_others(self, names: Collection[str]) -> list[str]:
        """Return the ids of the days under a name that are not, or not only, that person's."""
        return [day.id for day in self._days if day.word in names and not _is_of(day, names)]

    def unclear(self, names: Collection[str]) -> list[OldDay]:
        """Return the days that may be a person's, or are also somebody else's."""
        words = {*names, *(name.split(" ")[0] for name in names)}
        return [
            day
            for day in self._days
            if not _is_of(day, names)
            and (day.authors.intersection(names) or (day.word in words and not day.authors))
        ]


def old_rows_naming(eraser: Eraser, spellings: Spellings, but: Collection[str]) -> list[str]:
    """Describe the rows whose texts name a person.

    Args:
        eraser: For the database. Nothing may be erased yet.
        spellings: Of the person's name.
        but: Ids of the rows that are left out.
    """
    found = []
    for kind, table in FILE_TABLES.items():
        if table.text:
            query = _TEXTS.format(text=table.text, kind=kind, is_old=_is_old(eraser, kind))
            found += [
                f"{kind} {id_}"
                for id_, text in eraser.stream(kind, query)
                if text and id_ not in but and spellings.are_in(text)
            ]
    return found


def _is_old(eraser: Eraser, table: str) -> str:
    """Return the condition of such rows; before a takeover's migration, all are."""
    return "loaded_at is null" if eraser.has_column(table, "loaded_at") else "true"


def _is_of(day: OldDay, names: Collection[str]) -> bool:
    if not day.authors:
        return day.word in names
    return day.authors.issubset(names)


def _authors(content: str) -> frozenset[str]:
    reports, _ = parse_daily_reports(content.encode())
    return frozenset(report.author_name for report in reports)
