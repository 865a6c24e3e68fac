"""Find a person's rows of the replaced system, which raw does not have.

That system stored daily reports under the first word of a name. Only their texts show the author.
A takeover gives rows the full name if the text leaves no doubt.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
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
    """A day stored under the first word of a name.

    Args:
        id: The row's id.
        word: The word.
        date: The day.
        authors: The full names that its text gives as authors.
    """

    id: str
    word: str
    date: str
    authors: frozenset[str]

    def __str__(self) -> str:
        whose = " and ".join(sorted(self.authors)) or "nobody for certain"
        return f"{_TABLE} {self.id}: {self.date}, {self.word!r}; the text names {whose}"


@dataclass(frozen=True)
class Split:
    """Days of the replaced system, assigned to a person or to others.

    Args:
        own: Ids of the person's days.
        of_others: Ids of days under the person's name that belong to others, or to others as well.
        unclear: Days that may be the person's, or are also somebody else's.
    """

    own: list[str] = field(default_factory=list)
    of_others: list[str] = field(default_factory=list)
    unclear: list[OldDay] = field(default_factory=list)


class OldDays:
    """The days stored under one word of a name.

    Args:
        eraser: Reads the database. Create this before any deletion.
    """

    def __init__(self, eraser: Eraser) -> None:
        found = eraser.stream(_TABLE, _QUERY.format(is_old=is_old(eraser, _TABLE)))
        self._days = [
            OldDay(id_, word, day, _authors(content)) for id_, word, day, content in found
        ]

    @cached_property
    def authors(self) -> set[str]:
        """Return everybody whom a text names as its author."""
        return set().union(*(day.authors for day in self._days))

    def split(self, names: Collection[str], known: Iterable[str]) -> Split:
        """Separate a person's days from those of others.

        A day that names nobody is the person's if the name is the word that it is stored under, and
        nobody else's name begins with that word.

        Args:
            names: The spellings of the person's name.
            known: The names of all people.
        """
        taken = {name.split(" ")[0] for name in known if name not in names}
        words = {*names, *(name.split(" ")[0] for name in names)}
        found = Split()
        for day in self._days:
            is_named = bool(day.authors.intersection(names))
            if day.authors <= {*names} and (
                is_named or (day.word in names and day.word not in taken)
            ):
                found.own.append(day.id)
                continue
            if day.word in names:
                found.of_others.append(day.id)
            if is_named or (day.word in words and not day.authors):
                found.unclear.append(day)
        return found


def old_rows_naming(eraser: Eraser, spellings: Spellings, but: Collection[str]) -> list[str]:
    """Return a description of each row whose text names a person.

    Args:
        eraser: Reads the database. Call before any deletion.
        spellings: Spellings of the person's name.
        but: Ids of rows to leave out.
    """
    found = []
    for kind, table in FILE_TABLES.items():
        if table.text:
            query = _TEXTS.format(text=table.text, kind=kind, is_old=is_old(eraser, kind))
            found += [
                f"{kind} {id_}"
                for id_, text in eraser.stream(kind, query)
                if text and id_ not in but and spellings.are_in(text)
            ]
    return found


def is_old(eraser: Eraser, table: str) -> str:
    """Return the condition for such rows. Before a takeover's migration, it selects all rows."""
    return "loaded_at is null" if eraser.has_column(table, "loaded_at") else "true"


def _authors(content: str) -> frozenset[str]:
    reports, _ = parse_daily_reports(content.encode())
    return frozenset(report.author_name for report in reports)
