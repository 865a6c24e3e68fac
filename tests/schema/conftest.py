"""Shared fixtures of the schema tests: dbt takes seconds to read the contracts."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from loader.schema.connection import connected
from loader.schema.contracts import read_contracts
from loader.schema.migrations import Migrations
from loader.settings import Target, load_settings
from tests.support.postgres import Postgres
from tests.support.project import ROOT

Chain = Callable[..., Migrations]
_ROWS = """
    create schema bookkeeping;
    create table bookkeeping.applied_loads (model text, load_id text, applied_at timestamptz);
    insert into bookkeeping.applied_loads values ('teams', '1', now());
    insert into organizations (id, name)
    values
        ('00000000-0000-0000-0000-000000000001', 'Full Scale'),
        ('00000000-0000-0000-0000-000000000002', 'Ventures');
    insert into teams (id, organization_id, name, description)
    select id, id, 'team of ' || name, case name when 'Ventures' then '12' end
    from organizations;
    insert into daily_reports (id, team_id, report_date, content, author_name, created_at)
    select
        ('00000000-0000-0000-0000-00000000001' || number)::uuid,
        '00000000-0000-0000-0000-000000000001',
        date '2025-10-27' + number,
        'text',
        'Ana Reyes',
        timestamp with time zone '2025-10-27 10:00:00+00'
    from generate_series(1, 5) as numbers (number)
"""
_TABLES = ("organizations", "teams", "report_types", "daily_reports")  # fewer than nine are faster


@pytest.fixture(scope="session")
def contracts() -> sa.MetaData:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
        return read_contracts(Target.PROD)


@pytest.fixture
def changed(contracts: sa.MetaData) -> sa.MetaData:
    """Return a copy of the contracts, to be changed."""
    copy = sa.MetaData()
    for table in contracts.tables.values():
        table.to_metadata(copy)
    return copy


@pytest.fixture(scope="session")
def url(postgres: Postgres, contracts: sa.MetaData) -> str:
    """Return a database with the final tables and a few rows, made without dbt."""
    made = postgres.create_database("finals")
    with connected(load_settings(Target.PROD, {"DATABASE_URL": made})) as connection:
        contracts.create_all(connection)
        connection.execute(sa.text(_ROWS))
        connection.commit()
    return made


@pytest.fixture
def connection(url: str) -> Iterator[sa.Connection]:
    """Yield a transaction that is rolled back."""
    with connected(load_settings(Target.PROD, {"DATABASE_URL": url})) as connection:
        yield connection


@pytest.fixture
def chain(connection: sa.Connection, tmp_path: Path) -> Chain:
    """Return migrations in a separate folder."""
    return lambda contracts, tables=_TABLES: Migrations(
        connection, contracts, target=Target.PROD, tables=tables, versions=tmp_path / "versions"
    )
