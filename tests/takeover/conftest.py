import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from loader.schema.migrations import VERSIONS
from tests.support.project import Project


@pytest.fixture
def connection(project: Project) -> Iterator[psycopg.Connection]:
    assert project.url
    with psycopg.connect(project.url, autocommit=True) as connection:
        yield connection


@pytest.fixture(autouse=True)
def _own_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return a copy of the project's migrations, for takeovers to add to."""
    copy = tmp_path / "migrations"
    shutil.copytree(VERSIONS.parent, copy)
    monkeypatch.setattr("loader.schema.migrations.VERSIONS", copy / VERSIONS.name)
