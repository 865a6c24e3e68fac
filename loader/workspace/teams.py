"""Which team a folder belongs to, from the seeds: the first run comes before any `dbt seed`."""

import csv
from pathlib import Path

from loader.errors import SettingsError

SEEDS = Path(__file__).resolve().parents[2] / "seeds"


def load_teams(seeds: Path = SEEDS) -> dict[str, str]:
    """Team names by the names that their folders may have: the team's own, and its aliases.

    Raises:
        SettingsError: A seed is missing or lacks a column.
    """
    teams = {name: name for name in _column(seeds / "seed_teams.csv", "name")}
    aliases = seeds / "seed_team_aliases.csv"
    return dict(zip(_column(aliases, "alias"), _column(aliases, "team"), strict=True)) | teams


def _column(path: Path, column: str) -> list[str]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row[column] for row in csv.DictReader(file)]
    except (OSError, KeyError, csv.Error) as error:
        message = (
            f"{path} cannot be read ({error!r}). It comes with the repository: git checkout seeds"
        )
        raise SettingsError(message) from error
