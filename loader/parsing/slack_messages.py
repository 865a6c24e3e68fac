"""Parse the messages of a sanitized Slack file. No other Slack file may be read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from loader.parsing.dates import AmbiguousDateError, ImpossibleDateError
from loader.parsing.headings import heading_date
from loader.parsing.markup import expanded, heading, lines_of, unescaped
from loader.parsing.person_names import person_name
from loader.parsing.text import WHITE_SPACE

_LONGEST_AUTHOR = 300  # characters, with "(thread replies: 1)"
_NOON = 12
_TITLE = re.compile(r"[ ]{0,3}Slack[ ]{0,3}:", re.IGNORECASE)  # also without Markdown marks
_ITEM = re.compile(r"[ ]*(?:[-*+\u2022]|\\\*)[ ]{1,4}")
# `05:06 Ana Reyes (thread replies: 1): text`
_MESSAGE = re.compile(
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:[ ]?(?P<half>[AaPp])\.?[Mm]\.?)?"
    r"[ ]{1,3}(?P<rest>.*)",
    re.DOTALL,
)
_AUTHOR = re.compile(
    rf"(?P<author>[^:\n]{{1,{_LONGEST_AUTHOR}}}?)(?:[ ]?\((?:thread )?repl(?:y|ies): ?\d{{1,9}}\))?"
    r":(?:[ ](?P<text>.*)|\Z)",
    re.DOTALL,
)
_REPLY = re.compile(r"\\?(?:\u21b3|\u2514|\u21aa|&#8627;|-+>)[ ]{0,3}")
_REACTIONS = re.compile(r"reactions?:[ ]*(?P<reactions>.*)", re.DOTALL | re.IGNORECASE)


class Message(NamedTuple):
    """A message.

    Args:
        position: Its place in the file, from 1.
        sent_at: The time in UTC; None if the file has no day or no time for it. A reply has only
            a time: it is dated after the message before it, at most a day later.
        author: The author; None if the line has none.
        thread_position: The position of the thread's first message, for a reply.
        text: The visible text, with the names of attachments.
        reactions: As written (`:tada:x4`); None for none.
    """

    position: int
    sent_at: datetime | None
    author: str | None
    thread_position: int | None
    text: str
    reactions: str | None


def parse_messages(text: bytes | str) -> list[Message]:
    """Parse a sanitized Slack file.

    Args:
        text: The file.

    Returns:
        The messages in order. A text without a message line belongs to the message above, or
        becomes a message without time and author. Never raises.
    """
    return _Capture(lines_of(text)).messages()


@dataclass(slots=True)
class _Draft:
    """An unfinished message; see `Message`.

    Args:
        indent: The indentation of its list item.
    """

    position: int
    indent: int
    sent_at: datetime | None = None
    author: str | None = None
    thread: "_Draft | None" = None
    lines: list[str] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)

    def message(self) -> Message:
        """Return the message."""
        text = "\n".join(self.lines).strip(WHITE_SPACE)
        thread = self.thread.position if self.thread else None
        reactions = " ".join(self.reactions) or None
        return Message(self.position, self.sent_at, self.author, thread, text, reactions)


class _Capture:
    """A Slack file that is parsed line by line.

    Args:
        lines: The lines of the file.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._drafts: list[_Draft] = []
        self._day: date | None = None
        self._root: _Draft | None = None  # the last message that is not a reply
        self._reply: _Draft | None = None  # the last reply to it

    def messages(self) -> list[Message]:
        """Parse all lines and return the messages."""
        is_first = True  # no title of the file yet
        for raw in self._lines:
            line = expanded(raw.rstrip(WHITE_SPACE))
            if title := heading(line):
                self._begin_day(title.text, is_title=is_first)
                is_first = False
                continue
            if is_first and _TITLE.match(line):
                is_first = False
                continue
            item = _ITEM.match(line)
            indent = len(line) - len(line.lstrip(" "))
            said = line[item.end() :] if item else line.strip(WHITE_SPACE)
            if item and self._add_message(indent, said):
                continue
            if item and self._root and (found := _REACTIONS.fullmatch(said)):
                self._owner(indent).reactions.append(_visible(found["reactions"]))
            else:
                self._add_text(indent, said)
        return [draft.message() for draft in self._drafts]

    def _begin_day(self, text: str, *, is_title: bool) -> None:
        """Begin a day. A heading without a date begins an unknown day and is kept as text."""
        self._root = self._reply = None
        try:
            self._day = heading_date(text)
        except (AmbiguousDateError, ImpossibleDateError):
            self._day = None
        if not self._day and not is_title:
            self._add_text(0, text)
            self._root = None

    def _add_message(self, indent: int, said: str) -> bool:
        """Add the message or reply of a list item; return False if it is part of a message."""
        arrow = _REPLY.match(said)
        body = said[arrow.end() :] if arrow else said
        found = _MESSAGE.fullmatch(body)
        if not found and not arrow:
            return False
        if not arrow and self._root and indent > self._root.indent:
            return False  # a list inside a message
        rest = found["rest"] if found else body
        written = _AUTHOR.fullmatch(rest)
        thread = self._root if arrow else None
        draft = self._begin(indent, thread)
        draft.sent_at = self._sent_at(found, thread) if found else None
        draft.author = person_name(written["author"]) if written else None
        draft.lines.append(_visible((written["text"] or "") if written else rest))
        if thread:
            self._reply = draft
        else:
            self._root, self._reply = draft, None
        return True

    def _sent_at(self, found: re.Match[str], thread: _Draft | None) -> datetime | None:
        """Return the time of a message. A reply has no day: date it after the message before."""
        at = _time(found)
        before = (self._reply or thread) if thread else None
        day = before.sent_at.date() if before and before.sent_at else self._day
        if at is None or day is None:
            return None
        moment = datetime.combine(day, at, UTC)
        is_later = before is not None and before.sent_at is not None and moment < before.sent_at
        return moment + timedelta(days=1) if is_later else moment

    def _begin(self, indent: int, thread: _Draft | None) -> _Draft:
        draft = _Draft(len(self._drafts) + 1, indent, thread=thread)
        self._drafts.append(draft)
        return draft

    def _owner(self, indent: int) -> _Draft:
        """Return the message to which a line with this indentation belongs."""
        if self._reply and indent > self._reply.indent:
            return self._reply
        if not self._root:
            self._root = self._begin(0, None)
        return self._root

    def _add_text(self, indent: int, said: str) -> None:
        if said or self._root:
            self._owner(indent).lines.append(_visible(said))


def _time(found: re.Match[str]) -> time | None:
    """Return the time of day; None if it does not exist."""
    hour, half = int(found["hour"]), (found["half"] or "").lower()
    if half:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if half == "p" else 0)
    try:
        return time(hour, int(found["minute"]), int(found["second"] or 0))
    except ValueError:
        return None


def _visible(text: str) -> str:
    """Return the visible text."""
    return unescaped(text).strip(WHITE_SPACE)
