"""Numbers and texts of the turns in meetings."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from loader.database.sessions import Session
from loader.questions.asked import Asked
from loader.questions.conditions import BY_ID, where

_COUNTS = """
    select meeting_transcript_id, participants, turns, words, duration_seconds, mentions
    from reporting.meeting
"""
_SAID = """
    select
        turns.meeting_transcript_id, turns.position, turns.offset_seconds, turns.text
    from content.transcript_turns as turns
    where turns.person_id = cast(%s as uuid) and turns.day >= %s and turns.day <= %s
    order by turns.meeting_transcript_id, turns.position
"""


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of a meeting: a row of `reporting.meeting`."""

    meeting_id: str
    participants: int
    turns: int
    words: int
    duration_seconds: int | None
    mentions: int


@dataclass(frozen=True, slots=True)
class Said:
    """A turn of a person in a meeting.

    Args:
        position: The turn's place in the transcript, from 1.
        offset_seconds: Seconds from the start of the meeting.
        text: The text of the turn.
    """

    position: int
    offset_seconds: int | None
    text: str


def counts(session: Session, asked: Asked, *, id_: str | None = None) -> dict[str, Counts]:
    """Return the numbers of meetings, by id.

    Args:
        session: Connects to the database.
        asked: Filters for the meetings.
        id_: Only the meeting of this id.
    """
    clause, params = where(
        ("meeting_transcript_id = cast(%s as uuid)", id_),
        (BY_ID.format("team_id"), asked.team_id),
        ("meeting_date >= %s", asked.since),
        ("meeting_date <= %s", asked.until),
    )
    rows = session.fetch(_COUNTS + clause, params).rows
    return {str(row[0]): Counts(str(row[0]), *row[1:]) for row in rows}


def said(session: Session, person: str, first: date, last: date) -> dict[str, list[Said]]:
    """Return a person's turns in meetings, by the meeting's id."""
    found: dict[str, list[Said]] = defaultdict(list)
    for id_, *turn in session.fetch(_SAID, [person, first, last]).rows:
        found[str(id_)].append(Said(*turn))
    return found
