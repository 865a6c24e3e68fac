"""A takeover on the oldest available PostgreSQL; other tests run on the newest."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.support.old_system import STATES, prepare
from tests.support.postgres import OLDEST, Postgres
from tests.support.project import Project
from tests.support.scenes import Scenes
from tests.support.takeover import check_fresh_load


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres(OLDEST)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def scenes(
    tmp_path_factory: pytest.TempPathFactory, dbt_dir: Path, request: pytest.FixtureRequest
) -> Iterator[Scenes]:
    """Return scenes on this server, because those of the session are on the newest."""
    with pytest.MonkeyPatch.context() as patch:
        yield Scenes(request, tmp_path_factory, dbt_dir, patch)


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_the_first_schema_on_the_oldest_server(
    project: Project, twin: Project, connection: psycopg.Connection
) -> None:
    assert connection.info.server_version // 10_000 == OLDEST
    project.copy_example()
    system = prepare(connection, replace(STATES["the first schema"], has_blobs=False))
    check_fresh_load(project, twin, system)
