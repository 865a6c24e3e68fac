"""A takeover on the oldest available PostgreSQL; other tests run on the newest."""

from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from tests.support.old_system import STATES, prepare
from tests.support.postgres import OLDEST, Postgres
from tests.support.project import Project
from tests.support.takeover import check_fresh_load


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres(OLDEST)
    yield server
    server.stop()


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_the_first_schema_on_the_oldest_server(
    project: Project, twin: Project, connection: psycopg.Connection
) -> None:
    assert connection.info.server_version // 10_000 == OLDEST
    project.copy_example()
    system = prepare(connection, replace(STATES["the first schema"], has_blobs=False))
    check_fresh_load(project, twin, system)
