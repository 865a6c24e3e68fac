"""Which team a folder belongs to, from the seeds: the first run comes before any `dbt seed`."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from loader.errors import SettingsError
from loader.workspace.regular import SMALL, read_regular

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


@dataclass(frozen=True, slots=True)
class SeedNames:
    """The names of the seeds.

    Args:
        organizations: Names.
        teams: A team's name by its own name and by each alias.
        report_types: Names.
    """

    organizations: list[str]
    teams: dict[str, str]
    report_types: list[str]


def load_names(seeds: Path = SEEDS) -> SeedNames:
    """The names of the seeds.

    Raises:
        SettingsError: A seed is missing or lacks a column.
    """
    return SeedNames(
        organizations=_column(seeds / "seed_organizations.csv", "name"),
        teams=load_teams(seeds),
        report_types=_column(seeds / "seed_report_types.csv", "name"),
    )


def load_teams(seeds: Path = SEEDS) -> dict[str, str]:
    """Team names by the names that their folders may have: the team's own, and its aliases.

    Raises:
        SettingsError: A seed is missing or lacks a column.
    """
    teams = {name: name for name in _column(seeds / "seed_teams.csv", "name")}
    aliases = seeds / "seed_team_aliases.csv"
    return dict(zip(_column(aliases, "alias"), _column(aliases, "team"), strict=True)) | teams


def other_names(folder: str, teams: dict[str, str]) -> list[str]:
    """Return the other names of a folder's team: its name and its aliases, sorted.

    Args:
        folder: The team's folder.
        teams: Team names by the names that their folders may have.
    """
    team = teams.get(folder)
    return sorted(name for name, each in teams.items() if each == team and name != folder)


def _column(path: Path, column: str) -> list[str]:
    try:
        text = read_regular(str(path), SMALL).decode("utf-8-sig")
        return [row[column] for row in csv.DictReader(io.StringIO(text, newline=""))]
    except (OSError, UnicodeDecodeError, KeyError, csv.Error) as error:
        message = (
            f"{path} cannot be read ({error!r}). It comes with the repository: git checkout seeds"
        )
        raise SettingsError(message) from error
