"""Find misspelled keys in config files.

A config has many keys that only the orchestrator reads. So note a key only if it is close to one
that the loader reads.
"""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import islice
from typing import Any

from loader.parsing.rejections import Reason, Rejection

_KEYS = (
    "jira.start_date",
    "jira.end_date",
    "slack.dateFilter.start_date",
    "slack.dateFilter.end_date",
    "dates.order",
)
_LIKENESS = 0.85  # minimum similarity: allows one slip in a short key
_LONGEST_KEY = 30  # characters
_MOST_NOTES = 20  # notes per file
_NO_LETTERS = re.compile("[^a-z]+")


def _sections() -> dict[str, list[str]]:
    """Return the keys of each section by the section's dotted name; `""` is the whole file."""
    sections: dict[str, list[str]] = {}
    for key in _KEYS:
        parts = key.split(".")
        for depth, part in enumerate(parts):
            names = sections.setdefault(".".join(parts[:depth]), [])
            if part not in names:
                names.append(part)
    return sections


_SECTIONS = _sections()


def misspelled_keys(config: dict[str, Any]) -> list[Rejection]:
    """Return a note for each unknown key that looks like a known one.

    Args:
        config: A config file.
    """
    return list(islice(_notes(config), _MOST_NOTES))


def _notes(config: dict[str, Any]) -> Iterator[Rejection]:
    for section, names in _SECTIONS.items():
        values = _value(config, section)
        for key in values if isinstance(values, dict) else ():
            if key in names or len(key) > _LONGEST_KEY:
                continue
            meant = _suggestion(section, key, is_section=isinstance(values[key], dict))
            if meant and _value(config, meant) is None:
                written = f"{section}.{key}".lstrip(".")
                detail = f"{written} is not read; did you mean {meant}?"
                yield Rejection(Reason.UNKNOWN_KEY, detail)


def _value(config: dict[str, Any], dotted: str) -> Any:  # noqa: ANN401 - as JSON has it
    value: Any = config
    for part in filter(None, dotted.split(".")):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _suggestion(section: str, key: str, *, is_section: bool) -> str | None:
    """Return the dotted key that was probably meant; None if no known key is similar."""
    for dotted in (*_KEYS, *filter(None, _SECTIONS)):
        parent, _, name = dotted.rpartition(".")
        if (dotted in _SECTIONS) != is_section:
            continue
        if parent == section and _is_similar(key, name):
            return dotted
        if f"{parent}.".startswith(f"{section}." if section else "") and _letters(key) == _letters(
            name
        ):
            return dotted  # the right key in the wrong section
    return None


def _is_similar(key: str, name: str) -> bool:
    key, name = _letters(key), _letters(name)
    if len(key) == len(name):  # a wrong letter, or two swapped letters
        differing = [pair for pair in zip(key, name, strict=True) if len(set(pair)) > 1]
        return len(differing) <= 1 or sorted(key) == sorted(name)
    return SequenceMatcher(None, key, name, autojunk=False).ratio() >= _LIKENESS


def _letters(key: str) -> str:
    """Return only the letters of a key: `startDate` and `start-date` equal `start_date`."""
    return _NO_LETTERS.sub("", key.lower())
