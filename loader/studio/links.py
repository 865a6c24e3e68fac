"""Addresses of pages, for links from other pages."""

from loader.questions.generated import ReportSource
from loader.questions.issues import Mention
from loader.studio.formats import url

PAGES = (
    ("/", "Overview"),
    ("/people", "People"),
    ("/reports", "Reports"),
    ("/loads", "Loads"),
    ("/search", "Search"),
    ("/tables", "Tables"),
    ("/query", "Query"),
)
TURNS = 300  # turns of a meeting per page


def turn(meeting: str, position: int) -> str:
    """Return the address of a turn: the page that has it."""
    first = (position - 1) // TURNS * TURNS
    return f"{url('meetings', meeting, **{'from': first or None})}#t{position}"


def entry(report: str, position: int) -> str:
    """Return the address of an entry of a daily report."""
    return f"{url('days', report)}#e{position}"


def mention(each: Mention) -> str:
    """Return the address of a text that mentions an issue."""
    match each.kind:
        case "report_entries":
            return entry(each.parent_id, each.position)
        case "transcript_turns":
            return turn(each.parent_id, each.position)
        case _:
            return url("people", each.person_id) if each.person_id else ""


def source(each: ReportSource) -> str:
    """Return the address of a report's source; empty if it has no page."""
    match each.kind:
        case "daily_report":
            return url("days", each.id)
        case "meeting_transcript":
            return url("meetings", each.id)
        case _:
            return ""
