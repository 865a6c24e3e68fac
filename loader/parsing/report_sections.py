"""Classify the sections of a daily report: docs/workspace.md, "What the texts say"."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from loader.parsing.markup import without_marks
from loader.parsing.names import NAMES, RejectedDayError, split_entry
from loader.parsing.text import WHITE_SPACE, folded

_LONGEST = 100  # characters of a name


class SectionKind(StrEnum):
    """The kind of a section's entries."""

    DONE = "done"
    TODO = "todo"
    BLOCKER = "blocker"
    OTHER = "other"


_WORDS = {
    **dict.fromkeys(
        ("done", "completed", "complete", "finished", "accomplished", "accomplishments"),
        SectionKind.DONE,
    ),
    **dict.fromkeys(
        ("todo", "todos", "plan", "plans", "planned", "next", "upcoming"), SectionKind.TODO
    ),
    **dict.fromkeys(
        ("blocker", "blockers", "blocked", "blocking", "issues", "impediment", "impediments"),
        SectionKind.BLOCKER,
    ),
}
# Days decide only without another word: "Done today" is done, "Plan for today" is not.
_DAYS = {
    "yesterday": SectionKind.DONE,
    "today": SectionKind.TODO,
    "tomorrow": SectionKind.TODO,
}
_FILLERS = frozenset(
    {
        *("a", "am", "and", "any", "are", "by", "current", "daily", "did", "do", "for", "going"),
        *("have", "i", "is", "item", "items", "list", "main", "my", "of", "on", "our", "s"),
        *("step", "steps", "task", "tasks", "the", "things", "this", "to", "was", "we", "week"),
        *("what", "will", "work", "worked"),
    }
)
_TO_DO = re.compile(r"\bto[ _-]?do(s?)\b")
# "Done - backend", "To Do (Rocks)": the text after the kind only adds detail.
_SEPARATOR = re.compile(r"[:(\[,/|&\u2013\u2014]|[ ]-+[ ]")
_WORD = re.compile(r"[^\W\d_]+")
_GENERATED = ("**Template**:", "**Generated**:")  # lines that the orchestrator writes
_PROJECT = re.compile(
    r"(?:\*\*|__)project(?:(?:\*\*|__)[ ]?:|:(?:\*\*|__))(?P<value>.*)", re.IGNORECASE
)
_BOLD_LABEL = re.compile(
    r"(?P<bold>\*\*|__)(?P<name>[^*_:]{1,60})(?::[ ]?(?P=bold)|(?P=bold)[ ]?(?::|\Z))(?P<rest>.*)"
)
_PLAIN_LABEL = re.compile(r"(?P<name>[^*_:]{1,60}):(?:[ ](?P<rest>.*))?")
_RULE = "-*_=.\u2013\u2014\u2026 \t\n"
_BRACKETS = "()[]{}<>`\"'!" + _RULE
_NOTHING = frozenset({"", "none", "n/a", "na", "nil", "null", "undefined", "nothing"})
_SAID = re.compile(r"[^\W_]|[-\u2013\u2014]")
_LONGEST_NOTHING = 20


class EntryGroup(NamedTuple):
    """Consecutive entries below the same headings. Most reports have few groups.

    Args:
        project: The project of all entries.
        section: The section of all entries, as written.
        section_kind: The kind of the section.
        texts: One text for each entry.
    """

    project: str | None
    section: str | None
    section_kind: SectionKind
    texts: list[str]


class OpenSection(NamedTuple):
    """A section to which the following lines belong.

    Args:
        level: The level of its heading.
        name: The name as written.
        kind: The section's own kind, or the outer section's.
    """

    level: int
    name: str | None
    kind: SectionKind


NO_SECTION = OpenSection(0, None, SectionKind.OTHER)


@lru_cache(maxsize=4096)
def section_kind(name: str, *, is_whole: bool = False) -> SectionKind | None:
    """Return the kind that a section's name states.

    Args:
        name: A heading (`Tasks Done`, `What I did yesterday`), in any letter case.
        is_whole: Whether to refuse text after the kind (`Done - backend`).

    Returns:
        The kind; None if the name has another word, no word of a kind, or words of several
        kinds.
    """
    plain = _TO_DO.sub(r"todo\1", folded(name[: _LONGEST + 1]))
    if len(plain) > _LONGEST:
        return None
    if separator := _SEPARATOR.search(plain):
        if is_whole:
            return None
        plain = plain[: separator.start()]
    words = [word for word in _WORD.findall(plain) if word not in _FILLERS]
    if not all(word in _WORDS or word in _DAYS for word in words):
        return None
    kinds = {_WORDS[word] for word in words if word in _WORDS}
    kinds = kinds or {_DAYS[word] for word in words}
    return kinds.pop() if len(kinds) == 1 else None


class SectionName(NamedTuple):
    """The name of a section.

    Args:
        name: The name as written, without marks.
        kind: The kind that the name states; None without one.
        is_whole: Whether the name has no other text.
    """

    name: str
    kind: SectionKind | None
    is_whole: bool


@lru_cache(maxsize=4096)
def section_name(heading: str) -> SectionName:
    """Return the section name in a heading."""
    name = without_marks(heading)
    is_whole = section_kind(name, is_whole=True) is not None
    return SectionName(name, section_kind(name), is_whole)


def project_line(text: str) -> str | None:
    """Return the project on a `**Project**: X` line; None for another line."""
    match = _PROJECT.fullmatch(text)
    return match["value"].strip(WHITE_SPACE) if match else None


def kind_label(text: str, *, may_be_other: bool) -> tuple[str, str] | None:
    """Return a section's name and the text after it: `**Done**`, `Blockers: waiting for QA`.

    Args:
        text: A line, trimmed.
        may_be_other: Whether to accept `**Notes**` too, a bold name without a kind.
    """
    bold = _BOLD_LABEL.fullmatch(text)
    label = bold or _PLAIN_LABEL.fullmatch(text)
    if not label:
        return None
    name, rest = label["name"], (label["rest"] or "").strip(WHITE_SPACE)
    has_kind = section_kind(name, is_whole=True) is not None
    return (name, rest) if has_kind or (may_be_other and bold and not rest) else None


def is_generated(text: str) -> bool:
    """Return whether the orchestrator writes this line above a report."""
    return text.startswith(_GENERATED)


def is_nothing(text: str) -> bool:
    """Return whether a text means "nothing": `(none)`, `N/A`, `-`, or only a comment."""
    if len(text) > _LONGEST_NOTHING and text[0].isalnum():  # the usual case
        return False
    start = 0
    while text.startswith("<!--", start) and (end := text.find("-->", start + 4)) >= 0:
        start = end + 3
        while text.startswith(("\n", " "), start):
            start += 1
    text = text[start:]
    if len(text) > _LONGEST_NOTHING:
        return not text.strip(_RULE)
    return text.strip(_BRACKETS).lower() in _NOTHING


def says_something(text: str) -> bool:
    """Return whether a text has content; `(none)` and `-` count as content."""
    return _SAID.search(text) is not None


def is_name(value: str) -> bool:
    """Return whether a text is a person's name."""
    try:
        return NAMES[value.encode(errors="replace")] is not None
    except RejectedDayError:
        return False


def entry_project(text: str) -> str | None:
    """Return the project of an entry heading; None for another heading."""
    entry = split_entry(text)
    return entry[1] if entry and is_name(entry[0]) else None
