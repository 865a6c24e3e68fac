"""Meetings: who was there, and what was said when."""

from datetime import date, datetime
from typing import Any

from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.mcp.asked import Asked, Part
from loader.mcp.conditions import BY_ID, PAGE, where
from loader.mcp.items import Attendance, MeetingRef, Participant, Reference, Source, Turn
from loader.mcp.limits import Budget
from loader.mcp.results import Meeting
from loader.mcp.sources import Origins

_MOST_CANDIDATES = 12
MEETINGS = """
    select
        meetings.id,
        teams.name,
        meetings.filename,
        meetings.transcript_date,
        meetings.started_at,
        meetings.blob_key,
        meetings.blob_url
    from meeting_transcripts as meetings
    inner join teams on meetings.team_id = teams.id
"""
_PARTICIPANTS = """
    select listed.name, people.full_name, listed.turns, listed.words
    from content.meeting_participants as listed
    left join content.people as people on listed.person_id = people.id
    where listed.meeting_transcript_id = cast(%s as uuid)
    order by listed.position
"""
_TURNS = """
    select turns.position, turns.offset_seconds, turns.speaker, people.full_name, turns.text
    from content.transcript_turns as turns
    left join content.people as people on turns.person_id = people.id
    where turns.meeting_transcript_id = cast(%s as uuid)
    order by turns.position
"""
_REFERENCES = """
    select turns.position, mentions.ref_kind, mentions.ref
    from content.mentions as mentions
    inner join content.transcript_turns as turns on mentions.source_id = turns.id
    where
        mentions.meeting_transcript_id = cast(%s as uuid)
        and turns.position >= %s
        and turns.position <= %s
    order by turns.position, mentions.position
"""
_ATTENDED = """
    select listed.meeting_transcript_id, sum(listed.turns), sum(listed.words)
    from content.meeting_participants as listed
    inner join meeting_transcripts as meetings on listed.meeting_transcript_id = meetings.id
    where
        listed.person_id = cast(%s as uuid)
        and cast(meetings.transcript_date as date) >= %s
        and cast(meetings.transcript_date as date) <= %s
    group by listed.meeting_transcript_id
"""


def find_meeting(session: Session, id_: str | None, asked: Asked, name: str | None) -> MeetingRef:
    """Return the meeting of an id, or of a team, day and name.

    Args:
        session: To the database.
        id_: Of `meeting_transcripts`; None for any.
        asked: Whose meeting it is, and when it was.
        name: A part of the file's name; None for any.

    Raises:
        WarehouseError: There is none, or there are several; the message lists the candidates.
    """
    clause, params = where(
        ("cast(meetings.id as text) = lower(%s)", id_),
        (BY_ID.format("meetings.team_id"), asked.team_id),
        ("cast(meetings.transcript_date as date) >= %s", asked.since),
        ("cast(meetings.transcript_date as date) <= %s", asked.until),
        ("strpos(lower(meetings.filename), lower(%s)) > 0", name),
    )
    order = " order by meetings.transcript_date desc, meetings.filename, meetings.id"
    rows = session.fetch(MEETINGS + clause + order + PAGE, [*params, _MOST_CANDIDATES + 1, 0]).rows
    if not rows:
        raise WarehouseError("there is no such meeting. `search` or `team_week` may find it.")
    if len(rows) > 1:
        listed = "; ".join(
            f"{row[2]} of {row[1]}, {_day(row[3])}, id {row[0]}" for row in rows[:_MOST_CANDIDATES]
        )
        rest = "; and more" if len(rows) > _MOST_CANDIDATES else ""
        raise WarehouseError(f"several meetings fit: {listed}{rest}. Give the id.")
    return _refs(session, rows)[0]


def meeting(session: Session, ref: MeetingRef, part: Part) -> Meeting:
    """Return a meeting with a part of its turns."""
    budget = Budget()
    rows = session.fetch(_TURNS + PAGE, [ref.id, *part.params]).rows
    turns = [
        Turn(
            position=position,
            offset_seconds=seconds,
            speaker=speaker,
            person=person,
            text=budget.text(text),
        )
        for position, seconds, speaker, person, text in rows[: part.limit]
    ]
    kept = budget.fitting(turns)
    span = [kept[0].position, kept[-1].position] if kept else [1, 0]
    more = budget.rest(len(rows), len(kept), part.offset)
    return Meeting(
        meeting=ref,
        participants=[
            Participant(name=name, person=person, turns=number, words=words)
            for name, person, number, words in session.fetch(_PARTICIPANTS, [ref.id]).rows
        ],
        turns=kept,
        references=[
            Reference(position=position, kind=kind, ref=text)
            for position, kind, text in session.fetch(_REFERENCES, [ref.id, *span]).rows
        ],
        truncated=bool(more),
        more=more,
    )


def attended(session: Session, person: str, first: date, last: date) -> list[Attendance]:
    """Return the meetings that a person spoke in or is listed in, by day."""
    found = session.fetch(_ATTENDED, [person, first, last]).rows
    numbers = {str(id_): (int(turns), int(words)) for id_, turns, words in found}
    order = " where meetings.id = any(cast(%s as uuid[])) order by meetings.transcript_date, 3, 1"
    refs = _refs(session, session.fetch(MEETINGS + order, [list(numbers)]).rows)
    return [
        Attendance(meeting=ref, turns=numbers[ref.id][0], words=numbers[ref.id][1]) for ref in refs
    ]


def _refs(session: Session, rows: list[tuple[Any, ...]]) -> list[MeetingRef]:
    origins = Origins(session, (row[5] for row in rows))
    return [
        MeetingRef(
            id=str(id_),
            team=team,
            filename=filename,
            day=_day(moment),
            started_at=started,
            source=Source(
                table="meeting_transcripts", id=str(id_), path=origins.path(key), blob_url=url
            ),
        )
        for id_, team, filename, moment, started, key, url in rows
    ]


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
