"""Migrations remove and narrow nothing unless its name is given, and fail on no row."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from loader.errors import SchemaError
from loader.schema.connection import connected
from loader.schema.migrations import Migrations
from loader.settings import Target, load_settings
from tests.support.contracts import without
from tests.support.postgres import Postgres

ROWS = """
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
Chain = Callable[..., Migrations]


@pytest.fixture(scope="module")
def url(postgres: Postgres, contracts: sa.MetaData) -> str:
    """A database with the final tables and a few rows, without dbt."""
    made = postgres.create_database("finals")
    with connected(load_settings(Target.PROD, {"DATABASE_URL": made})) as connection:
        contracts.create_all(connection)
        connection.execute(sa.text(ROWS))
        connection.commit()
    return made


@pytest.fixture
def connection(url: str) -> Iterator[sa.Connection]:
    """A transaction that is rolled back."""
    with connected(load_settings(Target.PROD, {"DATABASE_URL": url})) as connection:
        yield connection


@pytest.fixture
def chain(connection: sa.Connection, tmp_path: Path) -> Chain:
    """Migrations in a folder of their own."""
    return lambda contracts, tables=None: Migrations(
        connection, contracts, target=Target.PROD, tables=tables, versions=tmp_path / "versions"
    )


def execute(connection: sa.Connection, statements: str) -> None:
    connection.execute(sa.text(statements))


def test_tables_without_dbt_are_as_the_contracts_say(chain: Chain, contracts: sa.MetaData) -> None:
    assert (chain(contracts).drift(), chain(contracts).extras()) == ([], [])
    with pytest.raises(SchemaError, match="there is nothing to do"):
        chain(contracts).generate("nothing")


def add_column(tables: sa.MetaData) -> None:
    tables.tables["teams"].append_column(sa.Column("slug", sa.Text()))


OTHERS = """
    alter table teams add column mood text;
    alter table teams add column rank integer not null default 0;
    alter table teams add column place point;
    alter table teams add constraint teams_mood_check check (mood <> '');
    alter table teams add constraint teams_mood_key unique (mood);
    alter table teams add column lead_id uuid
        constraint teams_lead_id_fkey references organizations (id);
    create index teams_by_name on teams (name);
    create index teams_by_lower_name on teams (lower(name));
    create unique index teams_by_mood on teams (mood) where rank > 0;
    comment on column teams.name is 'as on the door';
    comment on table teams is 'of a DBA';
    update teams set mood = 'fine ' || name;
"""


def test_what_only_the_database_has_stays_and_blocks_nothing(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    execute(connection, OTHERS)
    migrations = chain(changed)
    assert migrations.drift() == []
    extras = migrations.extras()
    assert {each.split()[-1] for each in extras if "has no such column" not in each} == {
        *("teams_mood_check", "teams_mood_key", "teams_lead_id_fkey"),
        *("teams_by_name", "teams_by_lower_name", "teams_by_mood"),
    }
    assert {each.split(":")[0] for each in extras if "has no such column" in each} == {
        *("teams.mood", "teams.rank", "teams.place", "teams.lead_id"),
    }
    assert migrations.migrate() == []
    with pytest.raises(SchemaError) as refused:
        migrations.generate("nothing")
    assert "teams.mood: the column; 2 rows have a value in it. To do it: --allow-drop teams.mood" in str(
        refused.value
    )
    add_column(changed)
    path, plan = chain(changed).generate("slugs")
    assert "drop" not in path.read_text().split("def downgrade")[0]
    assert (plan.removes, len(plan.left_out)) == ([], len(extras))
    assert chain(changed).losses() == []
    assert chain(changed).migrate() == ["0001"]  # it has no record yet
    assert (chain(changed).drift(), chain(changed).extras()) == ([], extras)
    assert chain(changed).rollback() == "0001"
    assert chain(changed).extras() == extras
    assert chain(changed).migrate() == ["0001"]  # and now it has one


@pytest.mark.parametrize(
    ("name", "goes", "rows"),
    [
        ("teams.mood", {"teams.mood", "teams_mood_key"}, 2),
        ("teams.rank", {"teams.rank"}, 2),
        ("teams.place", {"teams.place"}, 0),
        ("teams.lead_id", {"teams.lead_id", "teams_lead_id_fkey"}, 0),
        ("teams_mood_check", {"teams_mood_check"}, 0),
        ("teams_mood_key", {"teams_mood_key"}, 0),
        ("teams_by_name", {"teams_by_name"}, 0),
    ],
)
def test_what_is_named_goes_and_nothing_else(  # noqa: PLR0913, PLR0917 - fixtures
    name: str,
    goes: set[str],
    rows: int,
    chain: Chain,
    contracts: sa.MetaData,
    connection: sa.Connection,
) -> None:
    execute(connection, OTHERS)
    before = chain(contracts).extras()
    _, plan = chain(contracts).generate("less", [name])
    assert goes <= {loss.name for loss in plan.removes}
    assert next(loss.rows for loss in plan.removes if loss.name == name) == rows
    assert chain(contracts).losses() == plan.removes
    assert chain(contracts).migrate() == ["0001"]
    after = chain(contracts).extras()
    assert len(before) - len(after) >= len(plan.removes)
    assert not any(each.startswith(f"{name}:") or each.endswith(f" {name}") for each in after)
    assert chain(contracts).drift() == []
    _, removes = chain(contracts).undoing()
    assert removes == []


def test_a_name_of_nothing_that_can_go_is_refused(
    chain: Chain, contracts: sa.MetaData, connection: sa.Connection, tmp_path: Path
) -> None:
    execute(connection, OTHERS)
    for name in ("teams.moods", "mood", "teams.name", "uq_teams_organization_id_name"):
        with pytest.raises(SchemaError, match=f"--allow-drop {name}: nothing of that name"):
            chain(contracts).generate("less", ["teams.mood", name])
    assert not list(tmp_path.rglob("*.py"))


def test_a_column_that_needs_a_value_stays_and_may_be_null(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    without(changed, "daily_reports", "content")
    said = "daily_reports.content: the contract has no such column, and no row can be added"
    assert chain(changed).drift()[0].startswith(said)
    _, plan = chain(changed).generate("no content")
    assert [(each.name, each.rows) for each in plan.left_out] == [("daily_reports.content", 5)]
    chain(changed).migrate()
    add = "insert into daily_reports (id, team_id, report_date, author_name)"
    execute(connection, f"{add} select gen_random_uuid(), id, '2025-01-01', 'B' from teams limit 1")
    assert (chain(changed).drift(), len(chain(changed).extras())) == ([], 1)
    chain(changed).rollback()  # although a row is null by now


def test_a_constraint_makes_room_for_another_of_its_name(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    table = changed.tables["teams"]
    name = "uq_teams_organization_id_name"
    table.constraints = {each for each in table.constraints if each.name != name}
    table.append_constraint(sa.UniqueConstraint("name", name=name))
    _, plan = chain(changed).generate("unique names")
    assert (plan.removes, plan.left_out) == ([], [])
    assert chain(changed).losses() == []
    chain(changed).migrate()
    assert (chain(changed).drift(), chain(changed).extras()) == ([], [])
