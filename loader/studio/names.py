"""Names of rows and the pages that show them, instead of ids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loader.database.sessions import Session
from loader.studio import sql
from loader.studio.catalogue import TableView
from loader.studio.formats import day, url

_NAMES = "select id, {columns} from {table} where id in ({ids})"
_TEAMS = """
    select teams.id, teams.name, organizations.name
    from {table} as teams
    inner join {schema}.organizations as organizations on organizations.id = organization_id
    where teams.id in ({ids})
"""
# The columns that name a row.
_NAMED_BY = {
    "organizations": ("name",),
    "report_types": ("name",),
    "daily_reports": ("author_name", "report_date"),
    "meeting_transcripts": ("filename",),
    "jira_snapshots": ("collected_week_start",),
    "slack_captures": ("channel", "collected_week_start"),
    "generated_reports": ("generated_at",),
    "content.people": ("full_name",),
    "content.people_aliases": ("alias",),
    "content.jira_issues": ("issue_key", "summary"),
    "content.mentions": ("ref",),
    "content.meeting_participants": ("name",),
    "content.report_entries": ("project", "position"),
    "content.transcript_turns": ("speaker", "position"),
    "reporting.person_week": ("person", "week_start"),
    "reporting.team_week": ("team", "week_start"),
    "reporting.missing_days": ("person", "missing_date"),
    "reporting.weekly_activity": ("team", "week_start"),
    "reporting.report_sources": ("title",),
    "raw.runs": ("loaded_at",),
}
_PAGES = {
    "daily_reports": ("days", "id"),
    "meeting_transcripts": ("meetings", "id"),
    "generated_reports": ("reports", "id"),
    "content.people": ("people", "id"),
    "content.jira_issues": ("issues", "issue_key"),
    "content.report_entries": ("days", "daily_report_id"),
    "content.transcript_turns": ("meetings", "meeting_transcript_id"),
    "content.meeting_participants": ("meetings", "meeting_transcript_id"),
    "reporting.meeting": ("meetings", "meeting_transcript_id"),
    "reporting.person_week": ("people", "person_id"),
    "reporting.missing_days": ("people", "person_id"),
    "reporting.report_sources": ("reports", "generated_report_id"),
    "raw.runs": ("loads", "run_id"),
}


_IDS = "select id from {} limit %s"
_FEW = 200  # maximum number of rows that a form lists


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a row that another row refers to.

    Args:
        text: The name.
        address: The address of its page.
    """

    text: str
    address: str


def names(
    session: Session,
    tables: Mapping[str, TableView],
    wanted: Mapping[str, Iterable[object]],
    final_schema: str,
) -> dict[tuple[str, str], Name]:
    """Return the names of rows by table and id.

    Args:
        session: Connects to the database.
        tables: The readable tables.
        wanted: Ids by table.
        final_schema: The schema of the final tables.
    """
    found = {}
    for name, ids in wanted.items():
        table, values = tables.get(name), sorted({str(each) for each in ids})
        if not table or not values:
            continue
        own = _NAMED_BY.get(table.known_name, ())
        template = _TEAMS if table.known_name == "teams" else _NAMES
        query = template.format(
            columns=", ".join(map(sql.quoted, own)) or "id",
            table=sql.quoted_table(name),
            schema=sql.quoted(final_schema),
            ids=", ".join(["cast(%s as uuid)"] * len(values)),
        )
        for id_, *parts in session.fetch(query, values).rows:
            found[name, str(id_)] = Name(*_named(table, id_, parts))
    return found


def choices(
    session: Session, tables: Mapping[str, TableView], table: TableView, final_schema: str
) -> dict[str, list[tuple[str, str]]]:
    """Return the rows that columns may refer to, with their names, if they are few.

    Args:
        session: Connects to the database.
        tables: The readable tables.
        table: The table with the columns.
        final_schema: The schema of the final tables.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for column in table.columns.values():
        parent = column.references
        if not parent or parent not in tables:
            continue
        answer = session.fetch(_IDS.format(sql.quoted_table(parent)), [_FEW + 1])
        ids = [id_ for (id_,) in answer.rows]
        if len(ids) <= _FEW:
            known = names(session, tables, {parent: ids}, final_schema)
            options = sorted((name.text, id_) for (_, id_), name in known.items())
            found[column.name] = [("", ""), *((id_, text) for text, id_ in options)]
    return found


def _named(table: TableView, id_: object, parts: Sequence[object]) -> tuple[str, str]:
    if table.known_name == "teams":
        return str(parts[0]), url("teams", parts[1], parts[0])
    page = _PAGES.get(table.known_name)
    address = url(page[0], id_) if page and page[1] == "id" else url("tables", table.name, row=id_)
    words = _words(parts)
    kind = table.short_name.removesuffix("s").replace("_", " ")
    is_bare = not isinstance(parts[0], str) if parts else True
    return (f"{kind} {words}" if is_bare else words), address


def title(table: TableView, row: Mapping[str, Any]) -> str:
    """Return the title of a row."""
    own = _NAMED_BY.get(table.known_name, table.key[:1])
    chosen = [row[name] for name in own if row.get(name) is not None]
    if table.known_name == "teams" or not chosen:
        chosen = [row.get("name") or next(iter(row.values()), "")]
    return _words(chosen)


def page_of(table: TableView, row: Mapping[str, Any]) -> str:
    """Return the address of the page for a row, or an empty text."""
    page = _PAGES.get(table.known_name)
    if not page or row.get(page[1]) is None:
        return ""
    week = row["week_start"] if table.known_name == "reporting.person_week" else None
    anchor = {"content.report_entries": "e", "content.transcript_turns": "t"}.get(table.name)
    address = url(page[0], row[page[1]], week=week)
    return f"{address}#{anchor}{row['position']}" if anchor else address


def _words(parts: Iterable[object]) -> str:
    texts = []
    for part in parts:
        if isinstance(part, datetime):
            texts.append(f"{day(part)}, {part:%H:%M}")
        elif isinstance(part, date):
            texts.append(day(part))
        elif part is not None:
            texts.append(str(part))
    return ", ".join(texts)
