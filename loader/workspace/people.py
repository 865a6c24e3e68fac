"""Read the people of seeds/seed_people.csv."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path

from loader.errors import SettingsError
from loader.parsing.names import LONGEST_NAME
from loader.parsing.people import Person, is_nobody, person_key
from loader.project import find_seeds
from loader.workspace.seeds import SeedRow, read_seed
from loader.workspace.teams import load_teams

SEPARATOR = ";"
_COLUMNS = ("key", "full_name", "team", "aliases")


def load_people(seeds: Path | None = None) -> list[Person]:
    """Return the people of the seed.

    Args:
        seeds: The folder of the seeds; by default the project's.

    Raises:
        SettingsError: The seed cannot be read, or a line is invalid; with file and line.
    """
    seeds = seeds or find_seeds()
    teams = load_teams(seeds)
    people: list[Person] = []
    owners: dict[tuple[str, str], Person] = {}
    for row in read_seed(seeds / "seed_people.csv", ["full_name"]):
        person = _person(row, teams)
        for spelling in person.spellings:
            owner = owners.setdefault((person.team, person_key(spelling)), person)
            if owner is not person:
                whose = f"of the team {person.team!r}" if person.team else "of all teams"
                message = (
                    f"{row.place}: {spelling!r} is a spelling of two people {whose}. The other one"
                    f" is {owner.full_name!r}: {owner.place}. Remove it from one of the lines."
                )
                raise SettingsError(message)
        people.append(person)
    return people


def seed_line(person: Person) -> str:
    """Return the line of the seed for a person."""
    line = io.StringIO()
    cells = (person.key, person.full_name, person.team, SEPARATOR.join(person.aliases))
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _person(row: SeedRow, teams: Mapping[str, str]) -> Person:
    """Return the person of a row.

    Raises:
        SettingsError: The row has other columns, no name, or an unknown team.
    """
    if set(row.cells) != {*_COLUMNS}:
        found, columns = ",".join(row.cells), ",".join(_COLUMNS)
        raise SettingsError(f"{row.place}: the header is {found!r}. Write: {columns}")
    team, listed = row["team"], row["aliases"].split(SEPARATOR)
    aliases = tuple(filter(None, map(str.strip, listed)))
    for name in (row["full_name"], *aliases):
        if is_nobody(name) or len(name) > LONGEST_NAME:
            raise SettingsError(f"{row.place}: {name!r} is not a person's name. Remove it.")
    if team and team not in teams:
        known = ", ".join(sorted(set(teams.values()))) or "none"
        message = f"{row.place}: no team {team!r} in seed_teams.csv. There are: {known}."
        raise SettingsError(message)
    return Person(row["full_name"], aliases, row["key"], teams.get(team, ""), row.place)
