"""Find all names of one person for `forget`: aliases, and names that a build has merged."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from loader.errors import WarehouseError
from loader.maintenance.eraser import Eraser
from loader.parsing.people import People
from loader.parsing.spellings import stored_name
from loader.workspace.kinds import Kind

SPELLINGS = "bookkeeping.spellings"
_RAW, _FINAL = f"raw.{Kind.DAILY_REPORTS}", Kind.DAILY_REPORTS.value
_READ = f"select distinct team, author_name from {_RAW}"
_STORED = f"select distinct cast(team_id as text), author_name from {_FINAL}"
_BUILT = f"select cast(team_id as text), spelling, author_name from {SPELLINGS}"
_TEAMS = "select cast(id as text), name from teams"
_LOADED = "select distinct team, spelling from raw.people where spelling is not null"


@dataclass(frozen=True, slots=True)
class JoinedNames:
    """The names of a person.

    Args:
        names: The full name and all its spellings; empty if nobody has the name.
        of_others: Those that are another person's name in some team: the team's folder or id, a
            line feed and the name.
    """

    names: Sequence[str]
    of_others: Sequence[str]

    @property
    def unshared(self) -> list[str]:
        """The names that are nobody else's in any team."""
        shared = {each.partition("\n")[2] for each in self.of_others}
        return [name for name in self.names if name not in shared]


def joined_names(
    eraser: Eraser, people: People, teams: Mapping[str, str], name: str
) -> JoinedNames:
    """Find the spellings of a person. Call it before any deletion.

    Args:
        eraser: Reads the database.
        people: The people of the seed and of the mapping files.
        teams: Team names by folder name, from the seeds.
        name: A full name, or a spelling that belongs to one person.

    Raises:
        WarehouseError: Several people have this spelling.
    """
    uses = _uses(eraser, people, teams)
    whose = {full for fulls in uses.values() for full in fulls if _is_same(full, name)}
    if not whose:
        whose = {full for (_, use), fulls in uses.items() if _is_same(use, name) for full in fulls}
    if len({stored_name(full) for full in whose}) > 1:
        several = " and ".join(map(repr, sorted(whose)))
        raise WarehouseError(f"{name!r} is a spelling of {several}. Name one by the full name.")
    theirs = {use for (_, use), fulls in uses.items() if fulls & whose}
    theirs |= whose.union(*(p.spellings for p in people.seeded if p.full_name in whose))
    others = {
        f"{team}\n{use}"
        for (team, use), fulls in uses.items()
        if use in theirs - whose and not fulls & whose
    }
    return JoinedNames(sorted(theirs), sorted(others))


def _uses(
    eraser: Eraser, people: People, teams: Mapping[str, str]
) -> dict[tuple[str, str], set[str]]:
    """Return the full names of each name, by the team's folder or id: current and last built."""
    ids = {row[0]: row[1] for row in eraser.stream("teams", _TEAMS)}
    uses: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for table, query in ((_RAW, _READ), ("raw.people", _LOADED), (_FINAL, _STORED)):
        for team, name in eraser.stream(table, query):
            team_name = ids.get(team) or teams.get(team, team)
            uses[team, name].add(people.full_name(team_name, name))
    built = {
        (ids.get(team, team), spelling): author or spelling
        for team, spelling, author in eraser.stream(SPELLINGS, _BUILT)
    }
    for (team, name), fulls in uses.items():
        author = built.get((ids.get(team) or teams.get(team, team), name))
        fulls.update({author} if author else ())
    return uses


def _is_same(one: str, other: str) -> bool:
    return stored_name(one) == stored_name(other)
