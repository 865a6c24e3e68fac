"""Databases that take long to create: one per engine and test process, then copied."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.vercel.server import BlobServer


@dataclass
class Scenes:
    """Creates scenes on first use.

    Args:
        request: Provides the servers, which DuckDB tests do not need.
        folders: The folders of the scenes.
        dbt_dir: The folder of dbt's parsed projects, shared between tests.
        patch: Lives as long as the scenes.
    """

    request: pytest.FixtureRequest
    folders: pytest.TempPathFactory
    dbt_dir: Path
    patch: pytest.MonkeyPatch
    _made: dict[tuple[str, str], Project] = field(default_factory=dict)

    def empty(self, engine: str, folder: Path, patch: pytest.MonkeyPatch) -> Project:
        """Return an empty workspace and an empty database."""
        (folder / "workspace").mkdir(exist_ok=True)
        project = Project(folder, self.dbt_dir, patch)
        if engine == "postgres":
            # With a fixed name, for which dbt has parsed the project.
            project.url = self._postgres.create_database("work")
            project.store = self._blobs.new_store()
        return project

    def made(self, engine: str, name: str, make: Callable[[Project], None]) -> Project:
        """Return the scene of a name, read-only."""
        if (engine, name) not in self._made:
            folder = self.folders.mktemp(f"{name}-{engine}")
            project = self.empty(engine, folder, self.patch)
            make(project)
            if project.url:
                project.url = self._postgres.create_database(name, template="work")
            self._made[engine, name] = project
        return self._made[engine, name]

    def copied(self, scene: Project, folder: Path, patch: pytest.MonkeyPatch) -> Project:
        """Return a copy of a scene, to be changed."""
        ignored = shutil.ignore_patterns("dlt")
        shutil.copytree(scene.folder, folder, ignore=ignored, dirs_exist_ok=True)
        project = Project(folder, self.dbt_dir, patch)
        if scene.url and scene.store:
            name = scene.url.rpartition("/")[2]
            project.url = self._postgres.create_database("work", template=name)
            project.store = self._blobs.copy_store(scene.store)
        return project

    @property
    def _postgres(self) -> Postgres:
        server: Postgres = self.request.getfixturevalue("postgres")
        return server

    @property
    def _blobs(self) -> BlobServer:
        server: BlobServer = self.request.getfixturevalue("blob_server")
        return server
