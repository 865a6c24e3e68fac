"""A test's own seeds, which both dbt and the loader read."""

import csv
from pathlib import Path

import pytest

from tests.support.checkout import Checkout
from tests.support.project import NO_CONTENTS, Ended, Project

BUILD = ("build", "--exclude-resource-type", "test", "unit_test", *NO_CONTENTS)


class Seeds:
    """The seeds of a checkout, used by a project's commands.

    Args:
        checkout: The copy that dbt builds.
        patch: Points the loader to it.
    """

    def __init__(self, checkout: Checkout, patch: pytest.MonkeyPatch) -> None:
        self.checkout = checkout
        self.folder = checkout.folder / "seeds"
        for function in ("load_teams", "load_names"):
            patch.setattr(f"loader.workspace.teams.{function}.__defaults__", (self.folder,))

    def edit(self, seed: str, row: str, **cells: str) -> None:
        """Change cells of the row with this key, or with this name if no row has the key."""
        rows = self.rows(seed)
        (found,) = [each for each in rows if row == (each["key"] or each["name"])]
        found.update(cells)
        self.write(seed, rows)

    def rows(self, seed: str) -> list[dict[str, str]]:
        with self._path(seed).open(newline="") as file:
            return list(csv.DictReader(file))

    def write(self, seed: str, rows: list[dict[str, str]]) -> None:
        with self._path(seed).open("w", newline="") as file:
            writer = csv.DictWriter(file, [*rows[0]], restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)

    def _path(self, seed: str) -> Path:
        return self.folder / f"seed_{seed}.csv"

    def build(self, project: Project, *args: str) -> None:
        """Seed and build all tables successfully."""
        ended = self.checkout.dbt(project, *BUILD, *args)
        assert ended.code == 0, ended.out

    def refused(self, project: Project) -> Ended:
        """Seed and build all tables; this must fail."""
        ended = self.checkout.dbt(project, *BUILD)
        assert ended.code == 1, ended.out
        return ended
