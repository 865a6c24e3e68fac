"""Parse lines of a transcript that begin a turn: docs/workspace.md, "What the texts say"."""

import re
from typing import NamedTuple

from loader.parsing.markup import without_marks
from loader.parsing.names import LONGEST_NAME
from loader.parsing.person_names import person_name
from loader.parsing.text import WHITE_SPACE

CLOCK = r"(?:\d{1,3}:)?\d{1,3}:\d{2}(?:[.,]\d{1,6})?(?![\w:])"
_RANGE = rf"[ ]?(?:-+>?|\u2013|\u2014|to)[ ]?{CLOCK}"
_MARKS = r"[*_`]{0,3}"
_DASH = r"[-\u2013\u2014|\u00b7]"
_NAME = r"(?P<name>[^:\n]{1,100}?)"
_PREFIX = re.compile(r"(?:[-*+>\u2022][ ]{1,3}){1,3}")  # of a list item or a quote
_LONGEST = 300  # characters of a line's beginning that are checked
_LONGEST_NAME = 60
_MOST_WORDS = 6
# `[00:01:23] …`, `(0:37) …`, `@0:00 - …`, `[@0:00](https://…) - …`, `0:00 …`, `[0:01 --> 0:05] …`
_TIME_FIRST = re.compile(
    rf"{_MARKS}(?P<open>[\[(])?@?(?P<clock>{CLOCK})(?:{_RANGE})?[\])]?(?P<link>\([^()\s]{{1,300}}\))?{_MARKS}"
    rf"(?P<dash>[ ]{{0,3}}{_DASH}(?=[ ]|\Z)|:(?=[ ]|\Z))?(?P<rest>(?:[ ].*|\Z))",
    re.DOTALL,
)
# `**Ana** (0:37): …`, `Ana [0:37]: …`, `**Ana (0:37):** …`
_TIME_BEHIND = re.compile(
    rf"{_MARKS}{_NAME}{_MARKS}[ ]{{0,4}}[\[(](?P<clock>{CLOCK})(?:{_RANGE})?[\])]"
    rf"{_MARKS}[ ]?(?::{_MARKS}"
    r"(?P<rest>.*)|\Z)",
    re.DOTALL,
)
# `Ana Reyes  0:37`, `Ana Reyes - 0:37`, `[Ana Reyes] 14:00:01`
_TIME_LAST = re.compile(
    rf"{_MARKS}(?P<open>\[)?{_NAME}\]?{_MARKS}(?P<gap>[ \t]{{1,12}}{_DASH}?[ ]{{0,3}})"
    rf"{_MARKS}(?P<clock>{CLOCK}){_MARKS}:?"
)
# `Ana Reyes: …`, `**Ana Reyes:** …`, `[Ana Reyes]: …`, `- Ana: …`
_NAMED = re.compile(
    rf"(?:[-*+][ ]{{1,3}})?{_MARKS}\[?{_NAME}\]?{_MARKS}[ ]?:{_MARKS}(?P<rest>(?:[ ].*)?)",
    re.DOTALL,
)
_HEADING_TIME_FIRST = re.compile(
    rf"{_MARKS}[\[(]?@?(?P<clock>{CLOCK})(?:{_RANGE})?[\])]?{_MARKS}[ ]{{0,3}}"
    rf"(?P<dash>{_DASH}|:)?(?P<rest>.*)",
    re.DOTALL,
)
_NO_TIME = re.compile(rf"{_DASH}[ ]{{1,3}}(?P<rest>.*)", re.DOTALL)
_NO_NAMES = frozenset(
    {
        *("action", "action items", "agenda", "attendees", "author", "created", "date", "decision"),
        *("decisions", "due", "duration", "http", "https", "id", "invited", "link", "location"),
        *("meeting", "name", "next steps", "note", "notes", "owner", "participants", "priority"),
        *("project", "recording", "source", "speakers", "status", "subject", "summary", "time"),
        *("title", "todo", "topic", "topics", "transcript", "type", "updated", "url", "when"),
        *("where", "who"),
    }
)
_PARTICLES = frozenset(
    {
        *("af", "al", "and", "ap", "bin", "da", "das", "de", "del", "dela", "den", "der", "di"),
        *("do", "dos", "du", "e", "el", "la", "le", "ter", "van", "von", "y", "zu"),
    }
)
_SENTENCE = re.compile(r'[?!;"\u201c\u201d]|\.[ ]+[^\W\d_]{3}')


class TurnStart(NamedTuple):
    """The beginning of a turn.

    Args:
        speaker: The speaker; None if the line has none.
        offset_seconds: Seconds from the start of the meeting; None if the line has no time.
        text: The spoken text on the same line.
    """

    speaker: str | None
    offset_seconds: int | None
    text: str = ""


def heading_start(text: str) -> TurnStart | None:
    """Return the turn that a heading begins: `0:00 - Ana`, `- Ana`, `Ana (0:37)`."""
    if found := _HEADING_TIME_FIRST.match(text):
        name, offset = found["rest"].strip(WHITE_SPACE), seconds(found["clock"])
        if len(name) > LONGEST_NAME:
            return TurnStart(None, offset, name)
        is_turn = found["dash"] or not name or is_name(name)
        return TurnStart(person_name(name), offset) if is_turn else None
    if found := _NO_TIME.match(text):
        name = found["rest"]
        return TurnStart(person_name(name), None) if _may_be_name(name) else None
    is_short = len(text) <= _LONGEST
    found = (_TIME_BEHIND.fullmatch(text) or _TIME_LAST.fullmatch(text)) if is_short else None
    if found and is_name(found["name"]):
        return TurnStart(person_name(found["name"]), seconds(found["clock"]))
    return None


def timed_start(line: str) -> TurnStart | None:
    """Return the turn that a line with a time begins.

    A line with only a time begins a turn without speaker and text.
    """
    if ":" not in line[:_LONGEST]:
        return None
    if prefix := _PREFIX.match(line):
        line = line[prefix.end() :]
    if found := _TIME_FIRST.match(line):
        return _after_time(found)
    found = _TIME_BEHIND.match(line)
    if found and (line[0] in "*_" or _is_marked_name(found["name"])):
        rest = (found["rest"] or "").strip(WHITE_SPACE)
        return TurnStart(person_name(found["name"]), seconds(found["clock"]), rest)
    if len(line) <= _LONGEST and (found := _TIME_LAST.fullmatch(line)):
        is_marked = found["open"] or len(found["gap"]) > 1
        if (_may_be_name if is_marked else is_name)(found["name"]):
            return TurnStart(person_name(found["name"]), seconds(found["clock"]))
    return None


def named_start(line: str) -> TurnStart | None:
    """Return the turn that a line with a name begins: `Ana Reyes: …`, `**Ana:** …`."""
    found = _NAMED.fullmatch(line)
    if not found or not is_name(found["name"]):
        return None
    return TurnStart(person_name(found["name"]), None, found["rest"].strip(WHITE_SPACE))


def seconds(clock: str) -> int:
    """Return the seconds in `1:23:45`, `0:37` or `00:01:02.500`, without fractions."""
    total = 0
    for part in clock.replace(",", ".").partition(".")[0].split(":"):
        total = total * 60 + int(part)
    return total


def is_name(text: str) -> bool:
    """Return whether a text looks like a name: `Ana dela Cruz`, `Speaker 1`, `小龍`."""
    text = without_marks(text)
    if not _may_be_name(text) or text.lower() in _NO_NAMES:
        return False
    words = text.replace("(", " ").replace(")", " ").replace(",", " ").split()
    return all(
        word in _PARTICLES or word[:1].lower() != word[:1] or _is_uncased(word) for word in words
    )


def _after_time(found: re.Match[str]) -> TurnStart | None:
    """Return the turn of a line that begins with its time."""
    offset, rest = seconds(found["clock"]), found["rest"].strip(WHITE_SPACE)
    if not rest:
        return TurnStart(None, offset)
    is_marked = found["dash"] or found["open"] or found[0][0] in "*_"
    named = _NAMED.fullmatch(rest)
    if named and (_is_marked_name if is_marked else is_name)(named["name"]):
        return TurnStart(person_name(named["name"]), offset, named["rest"].strip(WHITE_SPACE))
    if is_marked and is_name(rest):
        return TurnStart(person_name(rest), offset)
    return TurnStart(None, offset, rest) if found["open"] and not found["link"] else None


def _is_marked_name(text: str) -> bool:
    """Return whether a text next to a time is a name: `ana`, but not `and so we say`."""
    is_word = len(text.split()) == 1 and without_marks(text).lower() not in _NO_NAMES
    return (is_word and _may_be_name(text)) or is_name(text)


def _may_be_name(text: str) -> bool:
    """Return whether a text may be a name, if other signs mark it as one."""
    text = text.strip(WHITE_SPACE)
    if not 0 < len(text) <= _LONGEST_NAME or len(text.split()) > _MOST_WORDS:
        return False
    return any(map(str.isalpha, text)) and not _SENTENCE.search(text)


def _is_uncased(word: str) -> bool:
    """Return whether a word begins with a letter without case, or with a digit or sign."""
    return word[0].lower() == word[0].upper()
