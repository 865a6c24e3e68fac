"""Daily reports, with their entries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from loader.database.sessions import Session
from loader.questions.asked import Asked, Part
from loader.questions.conditions import ALIAS, BY_ID, PAGE, where
from loader.questions.names import Person

_DAYS = """
    select
        days.id,
        teams.name,
        days.author_name,
        days.report_date,
        days.content,
        days.checksum_sha256,
        days.blob_key,
        days.blob_url
    from daily_reports as days
    inner join teams on days.team_id = teams.id
"""
_ENTRIES = """
    select daily_report_id, position, project, section, section_kind, text
    from content.report_entries
    where daily_report_id = any(cast(%s as uuid[]))
    order by daily_report_id, position
"""
_BLOCKERS = """
    select
        entries.daily_report_id,
        entries.day,
        coalesce(people.full_name, days.author_name),
        people.id,
        entries.text
    from content.report_entries as entries
    inner join daily_reports as days on entries.daily_report_id = days.id
    left join content.people as people on entries.person_id = people.id
    where
        entries.section_kind = 'blocker'
        and entries.team_id = cast(%s as uuid)
        and entries.day >= %s
        and entries.day <= %s
    order by entries.day, 3, entries.position
"""
_AROUND = """
    select others.id, others.report_date
    from daily_reports as days
    inner join
        daily_reports as others
        on days.team_id = others.team_id
        and days.author_name = others.author_name
    where days.id = cast(%s as uuid) and others.report_date {sign} days.report_date
    order by others.report_date {order}
    limit 1
"""
_AUTHOR = """
    select people.id, people.full_name, teams.name
    from daily_reports as days
    inner join
        content.people_aliases as aliases
        on days.team_id = aliases.team_id
        and days.author_name = aliases.alias
    inner join content.people as people on aliases.person_id = people.id
    left join teams on people.team_id = teams.id
    where days.id = cast(%s as uuid)
"""


@dataclass(frozen=True, slots=True)
class Blocker:
    """An entry about an obstacle.

    Args:
        report_id: The `id` in `daily_reports`.
        day: The day of the report.
        person: The full name, or the name as written.
        person_id: The person's id, if known.
        text: The text of the entry.
    """

    report_id: str
    day: date
    person: str
    person_id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Day:
    """A person's report for a day.

    Args:
        id: The `id` in `daily_reports`.
        team: The team's name.
        author: The name as written.
        day: The day reported on.
        text: Markdown.
        checksum: SHA-256 of the text.
        blob_key: The name of the blob that has the text, or None.
        blob_url: Its address.
    """

    id: str
    team: str
    author: str
    day: date
    text: str
    checksum: str | None
    blob_key: str | None
    blob_url: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A list item or paragraph of a daily report.

    Args:
        position: Its place in the text, from 1.
        project: The project's name, if the text has one.
        section: The heading, as written.
        section_kind: `done`, `todo`, `blocker` or `other`.
        text: The text of the entry.
    """

    position: int
    project: str | None
    section: str | None
    section_kind: str
    text: str


def days(session: Session, asked: Asked, part: Part, id_: str | None = None) -> list[Day]:
    """Return daily reports, the latest first; one more than the limit if there are more.

    Args:
        session: Connects to the database.
        asked: Filters for people and days.
        part: The page.
        id_: Only the report of this id.
    """
    clause, params = where(
        ("cast(days.id as text) = lower(%s)", id_),
        (BY_ID.format("days.team_id"), asked.team_id),
        (ALIAS.format("days.team_id", "days.author_name"), asked.person_id),
        ("days.report_date >= %s", asked.since),
        ("days.report_date <= %s", asked.until),
    )
    order = " order by days.report_date desc, teams.name, days.author_name, days.id"
    rows = session.fetch(_DAYS + clause + order + PAGE, [*params, *part.params]).rows
    return [Day(str(id_), *row) for id_, *row in rows]


def entries(session: Session, ids: Collection[str]) -> dict[str, list[Entry]]:
    """Return the entries of daily reports, by the report's id."""
    found: dict[str, list[Entry]] = defaultdict(list)
    for id_, *row in session.fetch(_ENTRIES, [list(ids)]).rows:
        found[str(id_)].append(Entry(*row))
    return found


def blockers(session: Session, team: str, first: date, last: date) -> list[Blocker]:
    """Return the obstacles that people of a team report, by day."""
    return [
        Blocker(str(report), day, person, str(id_) if id_ else None, text)
        for report, day, person, id_, text in session.fetch(_BLOCKERS, [team, first, last]).rows
    ]


def around(session: Session, id_: str) -> tuple[tuple[str, date] | None, tuple[str, date] | None]:
    """Return id and day of the same author's daily reports before and after this one."""
    found: list[tuple[str, date] | None] = []
    for sign, order in (("<", "desc"), (">", "asc")):
        rows = session.fetch(_AROUND.format(sign=sign, order=order), [id_]).rows
        found.append((str(rows[0][0]), rows[0][1]) if rows else None)
    return found[0], found[1]


def author(session: Session, id_: str) -> Person | None:
    """Return the person who wrote a daily report; None if unknown."""
    rows = session.fetch(_AUTHOR, [id_]).rows
    return Person(str(rows[0][0]), *rows[0][1:]) if rows else None
