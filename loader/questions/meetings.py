"""Meetings: participants, turns and references."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from loader.database.sessions import Session
from loader.questions.asked import Asked, Part
from loader.questions.conditions import BY_ID, PAGE, where

_MEETINGS = """
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
    select listed.name, people.full_name, listed.turns, listed.words, people.id
    from content.meeting_participants as listed
    left join content.people as people on listed.person_id = people.id
    where listed.meeting_transcript_id = cast(%s as uuid)
    order by listed.position
"""
_TURNS = """
    select
        turns.position,
        turns.offset_seconds,
        turns.speaker,
        people.full_name,
        turns.text,
        people.id
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
_BY_IDS = " where meetings.id = any(cast(%s as uuid[])) order by meetings.transcript_date, 3, 1"
_TEXT = "select transcript_text from meeting_transcripts where id = cast(%s as uuid)"


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting.

    Args:
        id: The `id` in `meeting_transcripts`.
        team: The team's name.
        filename: The transcript's file name.
        day: The day of the meeting.
        started_at: The start time, if the file's name gives it.
        blob_key: The name of the blob that has the transcript, or None.
        blob_url: Its address.
    """

    id: str
    team: str
    filename: str
    day: date
    started_at: datetime | None
    blob_key: str | None
    blob_url: str | None


@dataclass(frozen=True, slots=True)
class Participant:
    """A person or name in a meeting.

    Args:
        name: The name as written.
        person: The person's full name, if known.
        turns: The number of the person's turns; 0 if the name is only listed.
        words: The number of words in these turns.
        person_id: The person's id, if known.
    """

    name: str
    person: str | None
    turns: int
    words: int
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of a meeting.

    Args:
        position: Its place in the transcript, from 1.
        offset_seconds: Seconds from the start of the meeting.
        speaker: The name as written.
        person: The person's full name, if known.
        text: The text of the turn.
        person_id: The person's id, if known.
    """

    position: int
    offset_seconds: int | None
    speaker: str | None
    person: str | None
    text: str
    person_id: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A reference in a turn.

    Args:
        position: The turn's place in the transcript, from 1.
        kind: `jira_issue`, `pull_request` or `url`.
        ref: The issue key, pull request or URL.
    """

    position: int
    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """A meeting that a person took part in.

    Args:
        turns: The number of the person's turns in it.
        words: The number of words in these turns.
    """

    meeting: Meeting
    turns: int
    words: int


def meetings(
    session: Session, asked: Asked, part: Part, *, id_: str | None = None, name: str | None = None
) -> list[Meeting]:
    """Return meetings, the latest first; one more than the limit if there are more.

    Args:
        session: Connects to the database.
        asked: Filters for the meetings.
        part: The page.
        id_: Only the meeting of this id; None for any.
        name: A part of the file's name; None for any.
    """
    clause, params = where(
        ("cast(meetings.id as text) = lower(%s)", id_),
        (BY_ID.format("meetings.team_id"), asked.team_id),
        ("cast(meetings.transcript_date as date) >= %s", asked.since),
        ("cast(meetings.transcript_date as date) <= %s", asked.until),
        ("strpos(lower(meetings.filename), lower(%s)) > 0", name),
    )
    order = " order by meetings.transcript_date desc, meetings.filename, meetings.id"
    rows = session.fetch(_MEETINGS + clause + order + PAGE, [*params, *part.params]).rows
    return [_meeting(*row) for row in rows]


def text_of(session: Session, id_: str) -> str:
    """Return a transcript's original text."""
    return str(session.fetch(_TEXT, [id_]).rows[0][0])


def turns(session: Session, meeting: str, part: Part) -> list[Turn]:
    """Return the turns of a meeting; one more than the limit if there are more."""
    rows = session.fetch(_TURNS + PAGE, [meeting, *part.params]).rows
    return [Turn(*(*row[:-1], _text(row[-1]))) for row in rows]


def participants(session: Session, meeting: str) -> list[Participant]:
    """Return the participants of a meeting."""
    rows = session.fetch(_PARTICIPANTS, [meeting]).rows
    return [Participant(*(*row[:-1], _text(row[-1]))) for row in rows]


def references(session: Session, meeting: str, first: int, last: int) -> list[Reference]:
    """Return the references in some turns.

    Args:
        session: Connects to the database.
        meeting: The meeting's id.
        first: The position of the first turn.
        last: The position of the last turn.
    """
    return [Reference(*row) for row in session.fetch(_REFERENCES, [meeting, first, last]).rows]


def attended(session: Session, person: str, first: date, last: date) -> list[Attendance]:
    """Return the meetings that a person spoke in or is listed in, by day."""
    found = session.fetch(_ATTENDED, [person, first, last]).rows
    numbers = {str(id_): (int(turns), int(words)) for id_, turns, words in found}
    return [Attendance(each, *numbers[each.id]) for each in _of_ids(session, numbers)]


def _of_ids(session: Session, ids: Collection[str]) -> list[Meeting]:
    return [_meeting(*row) for row in session.fetch(_MEETINGS + _BY_IDS, [list(ids)]).rows]


def _meeting(  # noqa: PLR0913, PLR0917 - the columns of a row
    id_: object,
    team: str,
    filename: str,
    moment: datetime | date,
    started_at: datetime | None,
    blob_key: str | None,
    blob_url: str | None,
) -> Meeting:
    day = moment.date() if isinstance(moment, datetime) else moment
    return Meeting(str(id_), team, filename, day, started_at, blob_key, blob_url)


def _text(id_: object) -> str | None:
    return None if id_ is None else str(id_)
