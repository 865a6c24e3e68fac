"""Find the team of a folder in the seeds, because the first run precedes any `dbt seed`.

A key stays when a name changes. If a text is both a key and a name, the key wins: an edit of names
never moves a folder to another team.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from loader.errors import SettingsError
from loader.project import find_seeds
from loader.workspace.seeds import SeedRow, read_seed


@dataclass(frozen=True, slots=True)
class SeedNames:
    """The names of the seeds.

    Args:
        organizations: An organization's name by its key and by its name.
        teams: A team's name by its key, its name and each alias.
        report_types: The names of the report types.
    """

    organizations: dict[str, str]
    teams: dict[str, str]
    report_types: list[str]


def load_names(seeds: Path | None = None) -> SeedNames:
    """Return the names of the seeds.

    Args:
        seeds: The folder of the seeds; by default the project's.

    Raises:
        SettingsError: A seed cannot be read, or a line is invalid; with file and line.
    """
    seeds = seeds or find_seeds()
    return SeedNames(
        organizations=_names(read_seed(seeds / "seed_organizations.csv", ["name"])),
        teams=load_teams(seeds),
        report_types=[*_names(read_seed(seeds / "seed_report_types.csv", ["name"]))],
    )


def load_teams(seeds: Path | None = None) -> dict[str, str]:
    """Return team names by folder name: a folder has the team's key, alias or name.

    Args:
        seeds: The folder of the seeds; by default the project's.

    Raises:
        SettingsError: A seed cannot be read, or a line is invalid; with file and line.
    """
    seeds = seeds or find_seeds()
    teams = _names(read_seed(seeds / "seed_teams.csv", ["name", "organization"]))
    aliases: dict[str, str] = {}
    for row in read_seed(seeds / "seed_team_aliases.csv", ["alias", "team"]):
        alias, name = row["alias"], teams.get(row["team"])
        if name is None:
            known = ", ".join(sorted(set(teams.values()))) or "none"
            message = f"{row.place}: no team {row['team']!r} in seed_teams.csv. There are: {known}."
            raise SettingsError(message)
        if alias in aliases:
            raise SettingsError(
                f"{row.place}: the alias {alias!r} is there twice. Remove one of the lines."
            )
        if teams.get(alias, name) != name:
            message = (
                f"{row.place}: the folder {alias!r} is that of the team {teams[alias]!r} in"
                " seed_teams.csv. Remove this line, or change that one."
            )
            raise SettingsError(message)
        aliases[alias] = name
    return aliases | teams


def other_names(folder: str, teams: dict[str, str]) -> list[str]:
    """Return the other names of a folder's team: its name and its aliases, sorted.

    Args:
        folder: The team's folder.
        teams: Team names by folder name.
    """
    team = teams.get(folder)
    return sorted(name for name, each in teams.items() if each == team and name != folder)


def _names(rows: Iterable[SeedRow]) -> dict[str, str]:
    """Return each row's name by its name and by its key; a key wins over a name."""
    by_key: dict[str, SeedRow] = {}
    by_name: dict[str, SeedRow] = {}
    for row in rows:
        for known, text in ((by_key, row.key), (by_name, row["name"])):
            if text in known:
                what = "key" if known is by_key else "name"
                message = (
                    f"{row.place}: the {what} {text!r} is there already, in {known[text].place}."
                )
                raise SettingsError(message)
            known[text] = row
    return {text: row["name"] for text, row in (by_name | by_key).items()}
