"""Find names of a team that are probably one person's: same words, or one letter apart."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations

from loader.parsing.people import People, Person, is_nobody, person_key
from loader.parsing.spellings import folded
from loader.workspace.people import SEPARATOR, seed_line

_SHORTEST_TYPO = 4  # letters; short names of different people are often one letter apart


@dataclass(frozen=True, slots=True)
class LikelyDuplicate:
    """Names of a team that are probably one person's.

    Args:
        team: The team's name.
        names: The names, starting with the one that the seed line keeps.
        days: The number of days that each name has.
        seed_line: The line of seeds/seed_people.csv that merges them.
        replaces: File and line of the seed line to replace; empty if the line is new.
    """

    team: str
    names: tuple[str, ...]
    days: tuple[int, ...]
    seed_line: str
    replaces: str


def likely_duplicates(
    authors: Iterable[tuple[str, str, int]], people: People
) -> list[LikelyDuplicate]:
    """Find names that are probably one person's.

    Two people of the seed stay two people. Names that are already merged are left out.

    Args:
        authors: Team, name and number of days of each author in the final tables.
        people: The people of the seed and the mapping files.
    """
    teams: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for team, name, days in authors:
        if SEPARATOR not in name and not is_nobody(name):
            teams[team][name] = days
    return [
        _duplicate(team, group, teams[team], people)
        for team in sorted(teams)
        for group in _groups(team, teams[team], people)
    ]


def _duplicate(
    team: str, names: set[str], days: Mapping[str, int], people: People
) -> LikelyDuplicate:
    """Return the duplicate for a group of names, with its seed line."""
    seeded = {name: person for name in names if (person := _seeded(people, team, name))}
    ordered = sorted(
        names, key=lambda name: (name not in seeded, -days[name], _is_plain(name), name)
    )
    first = ordered[0]
    person = seeded.get(first) or Person(first, key=first, team=team)
    # A spelling that differs from a known one only in letter case and word order needs no alias.
    known = {person_key(name): name for name in person.spellings}
    aliases = {person_key(name): name for name in reversed(ordered)}
    added = [alias for key, alias in reversed(aliases.items()) if key not in known]
    whole = replace(person, aliases=(*person.aliases, *added))
    return LikelyDuplicate(
        team=team,
        names=tuple(ordered),
        days=tuple(days[name] for name in ordered),
        seed_line=seed_line(whole),
        replaces=person.place,
    )


def _is_plain(name: str) -> bool:
    """Return whether a name has a single letter case, or no accents."""
    return name.isascii() or name in {name.lower(), name.upper()}


def _seeded(people: People, team: str, name: str) -> Person | None:
    person = people.find(team, name)
    return person if person and person.place else None


def _groups(team: str, names: Iterable[str], people: People) -> Iterator[set[str]]:
    """Yield the groups of names that are probably one person's, ordered by their first name."""
    group_of: dict[str, set[str]] = {name: {name} for name in names}
    for one, other in _pairs(group_of):
        first, second = people.find(team, one), people.find(team, other)
        is_joined = first and second and first.full_name == second.full_name
        are_two = first and second and first.place and second.place
        if is_joined or are_two or group_of[one] is group_of[other]:
            continue
        group_of[one] |= group_of[other]
        for name in group_of[other]:
            group_of[name] = group_of[one]
    groups = {id(group): group for group in group_of.values() if len(group) > 1}
    yield from sorted(groups.values(), key=min)


def _pairs(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of names with the same words, or one letter apart, in a fixed order.

    Two texts one letter apart become equal if at most one letter is deleted from each.
    """
    alike: defaultdict[tuple[str, str], dict[str, set[str]]] = defaultdict(dict)
    for name in sorted(names):
        digits = "".join(filter(str.isdigit, name))  # numbers distinguish people
        for form in _forms(name):
            for shorter in {form, *(form[:at] + form[at + 1 :] for at in range(len(form)))}:
                alike[digits, shorter].setdefault(name, set()).add(form)
    for found in alike.values():
        for one, other in combinations(found, 2):
            if any(_is_one_edit(a, b) for a in found[one] for b in found[other]):
                yield one, other


def _forms(name: str) -> set[str]:
    """Return a name in lower case without accents: as written, and with its words sorted."""
    words = [word for word in folded(name).replace("-", " ").split() if word]
    return {" ".join(words), person_key(" ".join(words))}


def _is_one_edit(one: str, other: str) -> bool:
    """Return whether two texts differ by one letter, or by two swapped letters."""
    if one == other:
        return True
    if max(len(one), len(other)) < _SHORTEST_TYPO:
        return False
    while one and other and one[0] == other[0]:
        one, other = one[1:], other[1:]
    while one and other and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return max(len(one), len(other)) == 1 or (len(one) == len(other) == 2 and one == other[::-1])  # noqa: PLR2004
