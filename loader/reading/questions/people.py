"""What is known of a person."""

from datetime import date

from loader.database.sessions import Session
from loader.reading.questions.asked import Asked
from loader.reading.questions.days import missing_days
from loader.reading.questions.names import Person

_LAST_SEEN = "select last_seen from content.people where id = cast(%s as uuid)"
_NAMES = """
    select distinct alias from content.people_aliases where person_id = cast(%s as uuid)
    union
    select full_name from content.people where id = cast(%s as uuid)
"""
# Each run appends a capture of the same week and channel: the latest one counts.
_MESSAGES = """
    select count(*)
    from content.slack_messages as messages
    inner join slack_captures as captures on messages.slack_capture_id = captures.id
    where
        messages.person_id = cast(%s as uuid)
        and captures.collected_week_start <= %s
        and captures.collected_week_end >= %s
        and not exists (
            select 1
            from slack_captures as later
            where
                later.team_id = captures.team_id
                and later.collected_week_start = captures.collected_week_start
                and later.channel is not distinct from captures.channel
                and (later.loaded_at, later.id) > (captures.loaded_at, captures.id)
        )
"""


def last_seen(session: Session, person: Person) -> date | None:
    """Return the last day on which a person was seen in any text."""
    day: date | None = session.fetch(_LAST_SEEN, [person.id]).rows[0][0]
    return day


def days_missing(session: Session, person: Person, asked: Asked) -> list[date]:
    """Return the days of a range on which a report of a person is missing."""
    names = {name for (name,) in session.fetch(_NAMES, [person.id, person.id]).rows}
    missing = missing_days(session, asked)
    return sorted({day for each in missing if each.author in names for day in each.days})


def messages(session: Session, person: Person, first: date, last: date) -> int:
    """Return how many Slack messages of a person the latest captures of a week have."""
    return int(session.fetch(_MESSAGES, [person.id, last, first]).rows[0][0])
