"""Find the person of a spelling.

Spellings are compared by a key: the words of the name in lower case, sorted. So letter case, NFC or
NFD, `Last, First` and `First-Last` make no difference, but accents do. dbt computes the same keys
in SQL (dbt_project/macros/person_key.sql).
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from loader.parsing.text import WHITE_SPACE

_ALPHABETS = (range(0x41, 0x250), range(0x370, 0x590), range(0x1E00, 0x2000))
_BETWEEN_WORDS = (
    WHITE_SPACE.replace("\N{ZERO WIDTH NO-BREAK SPACE}", "")
    + ",.;:_-\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}"
)
_APOSTROPHES = (
    "\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}"
    "\N{MODIFIER LETTER APOSTROPHE}\N{GRAVE ACCENT}\N{ACUTE ACCENT}\N{PRIME}"
)
_UNSEEN = (
    "\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}"
    "\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
)
_TRANSLATION: Mapping[int, str | None] = {
    **{
        code: chr(code).lower()
        for alphabet in _ALPHABETS
        for code in alphabet
        if len(chr(code).lower()) == 1
    },
    **{ord(each): " " for each in _BETWEEN_WORDS},
    **{ord(each): "'" for each in _APOSTROPHES},
    **{ord(each): None for each in _UNSEEN},
}
_WORDS_OF_NOBODY = frozenset({"undefined", "null", "none", "nan", "n/a"})


def person_key(name: str) -> str:
    """Return a key that ignores letter case and the order of words."""
    words = unicodedata.normalize("NFC", name).translate(_TRANSLATION).split(" ")
    return " ".join(sorted(filter(None, words)))


def is_nobody(name: str) -> bool:
    """Return whether a text is a placeholder for a name: `undefined`, `N/A`, U+FFFD, no letter."""
    if "\N{REPLACEMENT CHARACTER}" in name or not any(map(str.isalpha, name)):
        return True
    words = person_key(name).split(" ")
    return _WORDS_OF_NOBODY.issuperset(filter(None, words))


@dataclass(frozen=True, slots=True)
class Person:
    """A person and the spellings of the person's name.

    Args:
        full_name: The name in the final tables.
        aliases: Other spellings.
        key: The stable key, which stays if the full name changes; empty for the full name.
        team: The team's name; empty for all teams.
        place: File and line of the seed; empty for a person from a mapping file.
    """

    full_name: str
    aliases: tuple[str, ...] = ()
    key: str = ""
    team: str = ""
    place: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Return all names of the person, the full name first."""
        return tuple(dict.fromkeys(filter(None, (self.full_name, self.key, *self.aliases))))


@dataclass(slots=True)
class People:
    """Find the person of a spelling, first in the seed, then in the mapping files.

    Args:
        seeded: The people of the seed.
        mapped: The people of the mapping files, by the team's name.
    """

    seeded: Iterable[Person] = ()
    mapped: Mapping[str, Iterable[Person]] = field(default_factory=dict)
    _names: dict[str, list[dict[str, set[Person]]]] = field(default_factory=dict, init=False)

    def find(self, team: str, spelling: str) -> Person | None:
        """Return the team's person with a spelling; None unless exactly one person matches.

        Args:
            team: The team's name.
            spelling: The name as written.
        """
        known, key = self._of_team(team), person_key(spelling)
        seeded = _first(known[:4], key)
        if seeded or not (mapped := _first(known[4:], key)):
            return seeded
        return _first(known[:4], person_key(mapped.full_name)) or mapped

    def full_name(self, team: str, spelling: str) -> str:
        """Return a spelling's name in the final tables: the full name, else the spelling."""
        person = self.find(team, spelling)
        return person.full_name if person else spelling

    def _of_team(self, team: str) -> list[dict[str, set[Person]]]:
        """Return the people of a team by key, in dictionaries of decreasing priority."""
        if team not in self._names:
            found: list[dict[str, set[Person]]] = [{} for _ in range(6)]
            for person in self.seeded:
                if person.team in {team, ""}:
                    first = 0 if person.team else 2
                    _add(found[first], (person.full_name, person.key), person)
                    _add(found[first + 1], person.aliases, person)
            for person in self.mapped.get(team, ()):
                _add(found[4], (person.full_name,), person)
                _add(found[5], person.aliases, person)
            self._names[team] = found
        return self._names[team]


def _add(names: dict[str, set[Person]], spellings: Iterable[str], person: Person) -> None:
    for key in filter(None, map(person_key, spellings)):
        names.setdefault(key, set()).add(person)


def _first(known: list[dict[str, set[Person]]], key: str) -> Person | None:
    """Return the person in the first dictionary with the key, if it has only one person."""
    found = next((names[key] for names in known if key in names), set[Person]())
    return next(iter(found)) if len({person.full_name for person in found}) == 1 else None
