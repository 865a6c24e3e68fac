"""Meetings: participants and turns."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.mcp.items import Attendance, MeetingRef, Participant, Reference, Source, Turn
from loader.mcp.limits import Budget
from loader.mcp.results import Meeting
from loader.questions import meetings
from loader.questions.asked import Asked, Part
from loader.questions.origins import Origins

_MOST_CANDIDATES = 12


def find_meeting(session: Session, id_: str | None, asked: Asked, name: str | None) -> MeetingRef:
    """Return a meeting by its id, or by team, day and name.

    Args:
        session: Connects to the database.
        id_: The `id` in `meeting_transcripts`; None for any.
        asked: Filters for the team, the person and the days.
        name: A part of the file's name; None for any.

    Raises:
        WarehouseError: No meeting, or several, match; the message lists the candidates.
    """
    found = meetings.meetings(session, asked, Part(_MOST_CANDIDATES), id_=id_, name=name)
    if not found:
        raise WarehouseError("There is no such meeting. `search` or `team_week` may find it.")
    if len(found) > 1:
        listed = "; ".join(
            f"{each.filename} of {each.team}, {each.day}, id {each.id}"
            for each in found[:_MOST_CANDIDATES]
        )
        rest = "; and more" if len(found) > _MOST_CANDIDATES else ""
        raise WarehouseError(f"Several meetings fit: {listed}{rest}. Give the id.")
    return _refs(session, found)[0]


def meeting(session: Session, ref: MeetingRef, part: Part) -> Meeting:
    """Return a meeting with a part of its turns."""
    budget = Budget()
    rows = meetings.turns(session, ref.id, part)
    turns = [
        Turn(
            position=turn.position,
            offset_seconds=turn.offset_seconds,
            speaker=turn.speaker,
            person=turn.person,
            text=budget.text(turn.text),
        )
        for turn in rows[: part.limit]
    ]
    kept = budget.fitting(turns)
    first, last = (kept[0].position, kept[-1].position) if kept else (1, 0)
    more = budget.rest(len(rows), len(kept), part.offset)
    return Meeting(
        meeting=ref,
        participants=[
            Participant(name=each.name, person=each.person, turns=each.turns, words=each.words)
            for each in meetings.participants(session, ref.id)
        ],
        turns=kept,
        references=[
            Reference(**asdict(each)) for each in meetings.references(session, ref.id, first, last)
        ],
        truncated=bool(more),
        more=more,
    )


def attended(session: Session, person: str, first: date, last: date) -> list[Attendance]:
    """Return the meetings that a person spoke in or is listed in, by day."""
    found = meetings.attended(session, person, first, last)
    refs = _refs(session, [each.meeting for each in found])
    return [
        Attendance(meeting=ref, turns=each.turns, words=each.words)
        for ref, each in zip(refs, found, strict=True)
    ]


def _refs(session: Session, found: Sequence[meetings.Meeting]) -> list[MeetingRef]:
    origins = Origins(session, (each.blob_key for each in found))
    return [
        MeetingRef(
            id=each.id,
            team=each.team,
            filename=each.filename,
            day=each.day,
            started_at=each.started_at,
            source=Source(
                table="meeting_transcripts",
                id=each.id,
                path=origins.path(each.blob_key),
                blob_url=each.blob_url,
            ),
        )
        for each in found
    ]
