"""The final tables on the oldest PostgreSQL, and after its dump is restored on the newest."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from loader.schema.connection import connected
from loader.schema.migrations import Migrations
from loader.settings import Target, load_settings
from tests.support.contracts import execute
from tests.support.postgres import OLDEST, Postgres

VIEW = """
    create view names_of_teams as select name from teams;
    create index teams_by_name on teams (name);
    comment on column teams.name is 'of a DBA';
"""


@pytest.fixture
def oldest() -> Iterator[Postgres]:
    server = Postgres(OLDEST)
    yield server
    server.stop()


def test_no_false_lines(
    oldest: Postgres, postgres: Postgres, contracts: sa.MetaData, tmp_path: Path
) -> None:
    """PostgreSQL 18 lists each `not null` as a constraint; 15 does not."""
    url = oldest.create_database("finals")
    settings = load_settings(Target.PROD, {"DATABASE_URL": url})
    with connected(settings) as connection:
        assert connection.scalars(sa.text("show server_version_num")).one()[:2] == str(OLDEST)
        contracts.create_all(connection)
        execute(connection, VIEW)
        connection.commit()
    dump = tmp_path / "dump.sql"
    subprocess.run([oldest.program("pg_dump"), "-f", str(dump), url], check=True)
    restored = postgres.create_database("restored")
    psql = [postgres.program("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
    subprocess.run([*psql, "-f", str(dump), restored], check=True, capture_output=True)
    for address in (url, restored):
        with connected(load_settings(Target.PROD, {"DATABASE_URL": address})) as connection:
            made = Migrations(connection, contracts, target=Target.PROD, versions=tmp_path)
            assert made.drift() == []
            assert made.extras() == ["teams: the contract has no index teams_by_name"]
