"""The people of seeds/seed_people.csv, and those of the workspace's mapping files."""

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path

from loader.errors import SettingsError
from loader.parsing.names import LONGEST_NAME
from loader.parsing.people import Person, is_nobody, person_key
from loader.workspace.regular import SMALL, read_regular
from loader.workspace.teams import SEEDS, load_teams

FILE = "seed_people.csv"
COLUMNS = ("key", "full_name", "team", "aliases")
SEPARATOR = ";"


def load_people(seeds: Path = SEEDS) -> list[Person]:
    """Read the people of the seed.

    Args:
        seeds: The folder of the seeds.

    Raises:
        SettingsError: The seed cannot be read, or a line of it is not clear; it names the line.
    """
    path = seeds / FILE
    teams = load_teams(seeds)
    people: list[Person] = []
    owners: dict[tuple[str, str], Person] = {}
    for line, cells in _rows(path):
        person = _person(cells, teams, f"{path}:{line}", line)
        for spelling in person.spellings:
            owner = owners.setdefault((person.team, person_key(spelling)), person)
            if owner is not person:
                raise SettingsError(
                    f"{path}:{line}: {spelling!r} names two people"
                    f" {f'of {person.team}' if person.team else 'of all teams'}:"
                    f" {person.full_name!r}, and {owner.full_name!r} on line {owner.line_number}."
                    " Leave it in one line, or make both lines one."
                )
        people.append(person)
    return people


def seed_line(person: Person) -> str:
    """Return the line of the seed that a person has, or would have."""
    line = io.StringIO()
    cells = (person.key, person.full_name, person.team, SEPARATOR.join(person.aliases))
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each line after the header, with its number."""
    try:
        text = read_regular(str(path), SMALL).decode("utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read ({error!r}). It comes with the repository: git checkout"
        raise SettingsError(f"{message} seeds") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{path}:{line}: not UTF-8. Save the file as UTF-8.") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    columns, line = ",".join(COLUMNS), 1
    try:
        for cells in reader:
            first, line = line, reader.line_num + 1
            if first == 1:
                if tuple(cells) != COLUMNS:
                    message = f"{path}:1: the header is {','.join(cells)!r}. Write: {columns}"
                    raise SettingsError(message)
            elif cells and len(cells) != len(COLUMNS):
                raise SettingsError(
                    f"{path}:{first}: {len(cells)} fields instead of {len(COLUMNS)} ({columns})."
                    f" Separate fields by ',' and aliases by '{SEPARATOR}'."
                )
            elif cells:
                yield first, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise SettingsError(f"{path}:{reader.line_num}: not CSV ({error}).") from error
    if line == 1:
        raise SettingsError(f"{path}:1: the header is missing. Write: {columns}")


def _person(cells: list[str], teams: Mapping[str, str], place: str, line: int) -> Person:
    """Return the person of a line.

    Raises:
        SettingsError: The line names nobody, or a team that is in no seed.
    """
    key, full_name, team, listed = cells
    aliases = tuple(filter(None, (alias.strip() for alias in listed.split(SEPARATOR))))
    for name in (full_name, *aliases):
        if is_nobody(name) or len(name) > LONGEST_NAME:
            raise SettingsError(f"{place}: {name!r} is not a person's name.")
    if team and team not in teams:
        known = ", ".join(sorted(set(teams.values())))
        message = f"{place}: no team {team!r} in {SEEDS.name}/seed_teams.csv. There are: {known}"
        raise SettingsError(message)
    return Person(full_name, aliases, key, teams.get(team, ""), line)
