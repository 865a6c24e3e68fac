"""Parse the turns and participants of a transcript: docs/workspace.md, "What the texts say".

Supported are the forms of the orchestrator, Fathom, Zoom, Teams, Meet and Otter. A text in another
form is one turn without a speaker.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from loader.parsing.author_lines import KEY_VALUE
from loader.parsing.cues import has_cues, parse_cues
from loader.parsing.headings import read_heading
from loader.parsing.markup import heading, html_text, lines_of
from loader.parsing.person_names import person_name
from loader.parsing.text import WHITE_SPACE
from loader.parsing.turn_lines import (
    TurnStart,
    heading_start,
    is_name,
    named_start,
    timed_start,
)

_DEEPEST = 20  # the deepest heading level
_FIRST_LINES = 30
_MARKS = "#*_>~` \t"
_OF_RULES = "-*_="
_RULE = re.compile(r"[-*_=]{3,}")
# Lines that a tool writes and nobody says.
_TOOL = re.compile(
    r"transcript processed on .{0,100}|transcription ended after .{0,40}"
    r"|this editable transcript was computer generated.{0,200}"
    r"|people can also change the text after it was created\.?"
    r"|transcribed by https?://otter\.ai/?|\[?\W{0,3}view recording\b.{0,300}"
    r"|.{1,100} (?:started|stopped) transcription",
    re.IGNORECASE,
)
_TOOL_WORDS = (
    "ranscri",
    "ecording",
    "ECORDING",
    "eople can also",
)  # each of those lines has one of these words
_DURATION = re.compile(
    r"(?:\d{1,3} ?(?:h|hrs?|hours?|m|mins?|minutes?|s|secs?|seconds?)\b[ ,]{0,2}){1,3}"
)
_PEOPLE = re.compile(
    r"(?P<marks>[#*_]{0,6})[ ]{0,3}[*_]{0,3}(?:meeting )?"
    r"(?:participants|attendees|speakers|invitees|invited)(?: list)?(?: ?\(\d{1,4}\))?"
    r"(?:[*_ ]{0,3}:[*_ ]{0,3}(?P<names>.*)|[*_ ]{0,3})",
    re.IGNORECASE | re.DOTALL,
)
_PEOPLE_BEGIN = frozenset("#*_ MPASImpasi")
_TITLE = re.compile(r"\btranscript\b", re.IGNORECASE)
_ITEM = re.compile(r"(?:[-*+\u2022]|\d{1,4}[.)])[ \t]+")
_HAS_LETTER = re.compile(r"[^\W_]").search


class Turn(NamedTuple):
    """The words of one person until another one speaks.

    Args:
        position: Its place in the file, from 1. Times may go backward.
        speaker: The speaker as written; None if unknown.
        offset_seconds: Seconds from the start of the meeting; None if unknown.
        text: The visible text.
    """

    position: int
    speaker: str | None
    offset_seconds: int | None
    text: str


class Participant(NamedTuple):
    """A participant of a meeting.

    Args:
        name: The name as written.
        turns: Number of the person's turns; 0 if the name is only listed.
        words: Number of words in these turns.
    """

    name: str
    turns: int
    words: int


def parse_turns(filename: str, text: bytes | str) -> list[Turn]:
    """Parse a transcript.

    Args:
        filename: The file's path: `.vtt` and `.srt` files have cues.
        text: The file.

    Returns:
        The turns in the file's order. Never raises.
    """
    lines = lines_of(text)
    is_subtitle = filename.lower().endswith((".vtt", ".srt"))
    transcript = _Transcript(lines)
    if has_cues(lines) and (is_subtitle or not transcript.has_headings):
        starts: Iterable[TurnStart] = parse_cues(lines)
    else:
        starts = transcript.turns()
    found = [(start, _visible(start.text)) for start in starts]
    kept = [(start, said) for start, said in found if said or start.speaker]
    return [
        Turn(position, start.speaker, start.offset_seconds, said)
        for position, (start, said) in enumerate(kept, 1)
    ]


def parse_participants(text: bytes | str, turns: Iterable[Turn]) -> list[Participant]:
    """Return the participants: first the people that the file lists, then the other speakers.

    Args:
        text: The file.
        turns: The turns of the file.

    Returns:
        Each name once. Never raises.
    """
    counts: Counter[str] = Counter()
    words: Counter[str] = Counter()
    for turn in turns:
        if turn.speaker:
            counts[turn.speaker] += 1
            said = turn.text.split()
            marked = [word for word in said if not word.isalnum()]
            words[turn.speaker] += len(said) - sum(not _HAS_LETTER(word) for word in marked)
    listed, _ = _listed(lines_of(text))
    return [
        Participant(name, counts[name], words[name]) for name in dict.fromkeys([*listed, *counts])
    ]


class _Transcript:
    """A transcript without cues.

    Args:
        lines: The lines of the file.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = [line.strip(WHITE_SPACE) for line in lines]
        # Fences do not hide turns, because nobody speaks code.
        self._headings = {
            number: found for number, line in enumerate(lines) if (found := heading(line))
        }
        self._starts: dict[int, TurnStart] = {}
        for number, found in self._headings.items():
            if start := heading_start(found.text):
                self._starts[number] = start
        self.has_headings = any(each.speaker for each in self._starts.values())
        self._people: frozenset[int] = frozenset()

        text = "\n".join(self._lines)
        self._has_tools = any(word in text for word in _TOOL_WORDS)

    def turns(self) -> Iterator[TurnStart]:
        """Yield the turns; other text becomes turns without a speaker."""
        names, self._people = _listed(self._lines)
        if not self.has_headings:
            self._add_timed_lines()
            if not any(each.speaker for each in self._starts.values()):
                self._add_named_lines(frozenset(names))
        first = min(self._starts, default=len(self._lines))
        yield from self._text_above(first)
        self._add_titles(first)
        yield from self._with_text(first)

    def _with_text(self, first: int) -> Iterator[TurnStart]:
        """Yield each turn with the lines below it. A line with only a time dates those lines."""
        clock: int | None = None
        current = TurnStart(None, None)
        block: list[str] = []
        for number in range(first, len(self._lines)):
            line = self._lines[number]
            if start := self._starts.get(number):
                yield TurnStart(current.speaker, current.offset_seconds, "\n".join(block))
                if not start.speaker:
                    clock = start.offset_seconds
                elif start.offset_seconds is None and not self.has_headings:
                    start = start._replace(offset_seconds=clock)
                current, block = start, [start.text]
            elif number not in self._people and not self._is_tool(line):
                block.append(line)
        yield current._replace(text="\n".join(block))

    def _add_titles(self, first: int) -> None:
        """Add the headings that end a turn: the text below them has no speaker."""
        levels = [self._headings[each].level for each in self._starts if each in self._headings]
        level = min(levels, default=0) if self.has_headings else _DEEPEST
        for number, found in self._headings.items():
            is_title = number > first and number not in self._starts and found.level <= level
            if is_title and number not in self._people and not self._is_tool(found.text):
                self._starts[number] = TurnStart(None, None, found.text)

    def _add_timed_lines(self) -> None:
        for number, line in enumerate(self._lines):
            if number not in self._headings and (start := timed_start(line)):
                self._starts[number] = start
        if any(each.speaker for each in self._starts.values()):
            # A line with only a time is spoken text, or belongs to a form without names.
            starts = self._starts.items()
            self._starts = {at: each for at, each in starts if each.speaker or each.text}

    def _add_named_lines(self, listed: frozenset[str]) -> None:
        """Add lines with a name but no time, if other signs prove a transcript.

        `Decision: we wait` is not a turn. A name must repeat, the name must be listed, or a time or
        a heading "Transcript" must be above.
        """
        found = {
            number: start
            for number, line in enumerate(self._lines)
            if ":" in line[:120] and (start := named_start(line))
        }
        counts = Counter(start.speaker for start in found.values())
        is_talk = any(count > 1 for count in counts.values())
        titles = [number for number, each in self._headings.items() if _TITLE.search(each.text)]
        begin = min([*self._starts, *titles], default=len(self._lines))
        for number, start in found.items():
            if is_talk or number > begin or start.speaker in listed:
                self._starts[number] = start

    def _is_tool(self, line: str) -> bool:
        """Return whether a line is a rule or written by a tool."""
        if line and line[0] in _OF_RULES and _RULE.fullmatch(line):
            return True
        return self._has_tools and _TOOL.fullmatch(line.strip(_MARKS)) is not None

    def _text_above(self, end: int) -> Iterator[TurnStart]:
        """Yield the text above the first turn, unless it has only a title, dates and the like.

        Without any turn, yield the whole text.
        """
        has_turns = end < len(self._lines)
        filled = [number for number in range(end) if self._lines[number]]
        kept = []
        is_text = False
        for number in filled:
            line = self._lines[number]
            title = self._headings.get(number)
            is_title = number == filled[0] and (title or has_turns)
            if is_title or number in self._people or self._is_tool(line):
                continue
            kept.append(title.text if title else line)
            is_text |= not title and not (has_turns and _is_metadata(line))
        if is_text:
            yield TurnStart(None, None, "\n".join(kept))


def _listed(lines: Sequence[str]) -> tuple[list[str], frozenset[int]]:
    """Return the people that a text lists, and the indexes of the list's lines."""
    names: list[str] = []
    used: set[int] = set()
    is_list = is_new = False  # below `## Participants`; no item of the list yet
    for number, raw in enumerate(lines):
        line = raw.strip(WHITE_SPACE)
        if not line:
            continue
        found = _PEOPLE.fullmatch(line) if line[0] in _PEOPLE_BEGIN else None
        if found and (found["marks"] or (number < _FIRST_LINES and line.find(":") > 0)):
            new = (found["names"] or "").split(",")
            is_list = is_new = not found["names"]
        elif is_list and (item := _ITEM.match(line)):
            new, is_new = [line[item.end() :]], False
        elif is_new and all(map(is_name, line.split(","))):
            new, is_list, is_new = line.split(","), False, False
        else:
            is_list = is_new = False
            continue
        used.add(number)
        names += new
    return [name for each in names if (name := person_name(each))], frozenset(used)


def _visible(text: str) -> str:
    """Return the visible text of a turn."""
    text = text.strip(WHITE_SPACE)
    if "\n" not in text and "<" not in text and "&" not in text:  # the usual case
        return text.replace("\N{NO-BREAK SPACE}", " ")
    lines = html_text(text).split("\n")
    return "\n".join(line.strip(WHITE_SPACE) for line in lines).strip(WHITE_SPACE)


def _is_metadata(line: str) -> bool:
    """Return whether a line describes the meeting: a date, its length, `Key: value`."""
    plain = line.strip(_MARKS)
    if KEY_VALUE.fullmatch(line) or _DURATION.fullmatch(plain):
        return True
    return read_heading(plain).is_only_date
