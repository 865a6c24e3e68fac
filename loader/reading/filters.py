"""Conditions of queries on the final tables."""

from loader.tables import FILE_TABLES
from loader.workspace.kinds import Kind

# A null parameter filters nothing.
ALL = "true"
OF_TEAM = """
    (
        cast(%(team)s as text) is null
        or stored.team_id in (select id from teams where name = %(team)s)
    )
"""
NAMED_TEAM = "(cast(%(team)s as text) is null or stored.team = %(team)s)"
BETWEEN = """
    (cast(%(since)s as date) is null or {last} >= %(since)s)
    and (cast(%(until)s as date) is null or {first} <= %(until)s)
"""
EQUAL = "(cast(%({name})s as {type}) is null or stored.{name} = %({name})s)"


def between(first: str, last: str | None = None) -> str:
    """Return the condition that `first` to `last` overlaps the parameters `since` and `until`."""
    return BETWEEN.format(first=first, last=last or first)


def equal(name: str, type_: str = "text") -> str:
    """Return the condition that a column equals the parameter of its name."""
    return EQUAL.format(name=name, type=type_)


def all_of(*conditions: str) -> str:
    """Return the conjunction of all conditions."""
    return " and ".join(conditions)


WEEK = between("stored.collected_week_start", "stored.collected_week_end")
DAYS = all_of(OF_TEAM, between("stored.report_date"), equal("author_name"))
MEETINGS = all_of(OF_TEAM, between("cast(stored.transcript_date as date)"))
SNAPSHOTS = all_of(OF_TEAM, WEEK)
CAPTURES = all_of(OF_TEAM, WEEK, equal("channel"))
REPORTS = all_of(
    OF_TEAM,
    between("cast(stored.generated_at at time zone 'UTC' as date)"),
    """
    (
        cast(%(report_type)s as text) is null
        or stored.report_type_id in (
            select id from report_types where name = %(report_type)s
        )
    )
    """,
)
LINKS = equal("generated_report_id", "uuid")
SOURCES = all_of(NAMED_TEAM, LINKS, between("stored.source_date"))
TEAM_WEEKS = all_of(NAMED_TEAM, between("stored.week_start", "stored.week_start + 6"))
_OF_PARENT = "stored.{column} in (select stored.id from {table} as stored where {where})"
_OF_PERSON = """
    (
        cast(%(person)s as text) is null
        or stored.person_id in (select id from content.people where full_name = %(person)s)
    )
"""


def _of_parent(kind: Kind, column: str) -> str:
    table = FILE_TABLES[kind]
    where = all_of(OF_TEAM, between(*(table.days or ())))
    return _OF_PARENT.format(column=column, table=table.name, where=where)


ENTRIES = all_of(
    _of_parent(Kind.DAILY_REPORTS, "daily_report_id"), _OF_PERSON, equal("section_kind")
)
TURNS = all_of(_of_parent(Kind.MEETING_TRANSCRIPTS, "meeting_transcript_id"), _OF_PERSON)
ISSUES = all_of(_of_parent(Kind.JIRA_SNAPSHOTS, "jira_snapshot_id"), equal("issue_key"))
MESSAGES = all_of(_of_parent(Kind.SLACK_CAPTURES, "slack_capture_id"), _OF_PERSON)
MENTIONS = all_of(equal("ref"), equal("ref_kind"))
PERSON_WEEKS = all_of(TEAM_WEEKS, equal("person"))
MEETINGS_HELD = all_of(NAMED_TEAM, between("stored.meeting_date"))
MISSING_DAYS = all_of(NAMED_TEAM, between("stored.missing_date"), equal("person"))
