"""A copy of the project whose contracts and migrations a test changes."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.project import ROOT, Ended, Project

if TYPE_CHECKING:
    from loader.settings import Target

MARTS = "dbt_project/models/marts/_marts__models.yml"
TEAM_NAME = """      - name: name
        description: Name of the team.
"""
IS_ACTIVE = """      - name: is_active
        description: Whether it still works.
        data_type: boolean
        constraints: [{type: not_null}, {type: custom, expression: default true}]
"""
RUN = ("run", "--select", "organizations teams")
_COPIED = ("dbt_project", "seeds", "dbt_project.yml", "profiles.yml")


class Checkout:
    """A copy of the files that dbt and `schema` read, used by a project's commands.

    Args:
        folder: The folder for the copy.
        patch: Points `schema` to the copy.
    """

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        for name in _COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, folder / name)
            else:
                shutil.copy(source, folder)
        self.versions = folder / "dbt_project/migrations/versions"
        self._manifests: dict[Target, object] = {}
        patch.setattr("loader.schema.contracts.link_package", lambda: folder)
        patch.setattr("loader.schema.contracts._manifests", self._manifests)
        patch.setattr("loader.schema.migrations.VERSIONS", self.versions)

    def change(self, path: str, old: str, new: str) -> None:
        """Replace a text that occurs once."""
        file = self.folder / path
        text = file.read_text()
        assert text.count(old) == 1, (path, old, text.count(old))
        file.write_text(text.replace(old, new))
        self._manifests.clear()

    def dbt(self, project: Project, *args: str) -> Ended:
        """Run dbt in this checkout."""
        own = {"DBT_PROJECT_DIR": str(self.folder), "DBT_PROFILES_DIR": str(self.folder)}
        target = self.folder / f"target-{project.target}"
        own["DBT_TARGET_PATH"] = str(target)
        if not target.exists():
            own |= project.parsed_before()
        return project.dbt(*args, environ=own)


def add_is_active(checkout: Checkout) -> None:
    """Declare a column that is not null, and fill it."""
    checkout.change(MARTS, TEAM_NAME, IS_ACTIVE + TEAM_NAME)
    model = "dbt_project/models/marts/teams.sql"
    checkout.change(
        model, "seed_teams.name,\n", "true as is_active,\n            seed_teams.name,\n"
    )


def said(project: Project, *args: str) -> str:
    """Run an action of `schema` successfully; return its output."""
    ended = project.loader("schema", *args)
    assert ended.code == 0, ended
    return ended.out.removeprefix(f"{project.target}: {project.place}\n")
