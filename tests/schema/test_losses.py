"""Migrations remove and narrow only named objects, and never fail on a row."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from loader.errors import SchemaError
from loader.schema.migrations import Migrations
from tests.support.contracts import execute, without

Chain = Callable[..., Migrations]


def test_tables_without_dbt_are_as_the_contracts_say(chain: Chain, contracts: sa.MetaData) -> None:
    migrations = chain(contracts, None)
    assert (migrations.drift(), migrations.extras()) == ([], [])
    with pytest.raises(SchemaError, match="There is nothing to do"):
        migrations.generate("nothing")


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


def test_extra_objects_of_the_database_stay_and_block_nothing(
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
    assert (
        "teams.mood: the column; 2 rows have a value in it. To do it: --allow-drop teams.mood"
        in str(refused.value)
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
        ("teams_lead_id_fkey", {"teams_lead_id_fkey"}, 0),
        ("teams.place", {"teams.place"}, 0),
        ("teams_mood_check", {"teams_mood_check"}, 0),
        ("teams_by_name", {"teams_by_name"}, 0),
    ],
)
def test_only_named_objects_are_removed(  # noqa: PLR0913, PLR0917 - fixtures
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


def test_a_name_of_nothing_removable_is_refused(
    chain: Chain, contracts: sa.MetaData, connection: sa.Connection, tmp_path: Path
) -> None:
    execute(connection, OTHERS)
    for name in ("teams.moods", "mood", "teams.name", "uq_teams_organization_id_name"):
        with pytest.raises(SchemaError, match=f"--allow-drop '{name}': nothing of that name"):
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
    chain(changed).rollback()  # although a row now has a null


def test_a_constraint_is_replaced_by_another_of_its_name(
    chain: Chain, changed: sa.MetaData
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


def narrow(tables: sa.MetaData, table: str, column: str, kind: sa.types.TypeEngine[Any]) -> None:
    tables.tables[table].c[column].type = kind


@pytest.mark.parametrize(
    ("table", "column", "kind", "rows"),
    [
        ("teams", "description", sa.Integer(), 0),
        ("daily_reports", "created_at", sa.Date(), 5),
        ("daily_reports", "content", sa.BigInteger(), 5),
        ("report_types", "created_at", sa.Date(), 0),
    ],
)
def test_a_narrower_type_needs_its_name(  # noqa: PLR0913, PLR0917 - fixtures
    table: str,
    column: str,
    kind: sa.types.TypeEngine[Any],
    rows: int,
    chain: Chain,
    changed: sa.MetaData,
) -> None:
    narrow(changed, table, column, kind)
    name = f"{table}.{column}"
    with pytest.raises(SchemaError, match=f"{name}: the type .* becomes .* {rows} rows have") as no:
        chain(changed).generate("narrow")
    assert f"To do it: --allow-drop {name}" in str(no.value)
    add_column(changed)
    path, plan = chain(changed).generate("slugs")
    assert "alter_column" not in path.read_text()
    assert [(loss.name, loss.rows) for loss in plan.left_out] == [(name, rows)]
    assert chain(changed).migrate() == ["0001"]
    (still,) = chain(changed).drift()
    assert still.startswith(f"{name}: its type is ")
    if column == "content":
        with pytest.raises(
            SchemaError, match=r"5 values cannot be cast from text to bigint \(id 0"
        ):
            chain(changed).generate("narrow", [name])
        return
    _, plan = chain(changed).generate("narrow", [name])
    assert [(loss.name, loss.rows) for loss in plan.removes] == [(name, rows)]
    assert chain(changed).losses() == plan.removes
    assert chain(changed).migrate() == ["0002"]
    assert chain(changed).drift() == []
    assert chain(changed).undoing() == ("0002", [])


def test_types_that_cannot_be_cast_are_refused_even_without_rows(
    chain: Chain, changed: sa.MetaData
) -> None:
    narrow(changed, "report_types", "description", sa.Uuid())
    narrow(changed, "report_types", "created_at", sa.Uuid())
    names = ["report_types.description", "report_types.created_at"]
    with pytest.raises(SchemaError, match="has no cast of timestamp with time zone to uuid") as no:
        chain(changed).generate("ids", names)
    assert "report_types.description" not in str(no.value)


def test_another_primary_key_is_refused(
    chain: Chain, contracts: sa.MetaData, connection: sa.Connection
) -> None:
    """A column of a primary key cannot be null."""
    execute(connection, "alter table report_types drop constraint report_types_pkey cascade")
    execute(connection, "alter table report_types add column code text primary key")
    with pytest.raises(SchemaError, match=r"report_types\.code: the primary key .* renamed_from"):
        chain(contracts).generate("key")


def test_a_rename_keeps_its_values_and_becomes_wider(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    execute(connection, 'alter table organizations add column "closedAt" timestamp')
    execute(connection, """update organizations set "closedAt" = '2025-10-27 10:00'""")
    kind, info = sa.TIMESTAMP(timezone=True), {"renamed_from": "closedAt"}
    changed.tables["organizations"].append_column(sa.Column("closed_at", kind, info=info))
    path, plan = chain(changed).generate("closed")
    assert (plan.removes, plan.left_out) == ([], [])
    assert chain(changed).migrate() == ["0001"]
    assert (chain(changed).drift(), chain(changed).extras()) == ([], []), path.read_text()
    closed = connection.scalars(sa.text("select closed_at::text from organizations")).all()
    assert closed == ["2025-10-27 10:00:00+00"] * 2
    chain(changed).rollback()
    closed = connection.scalars(sa.text('select "closedAt"::text from organizations')).all()
    assert closed == ["2025-10-27 10:00:00"] * 2


def not_null(tables: sa.MetaData) -> None:
    tables.tables["teams"].c.description.nullable = False


def added_not_null(tables: sa.MetaData) -> None:
    tables.tables["teams"].append_column(sa.Column("slug", sa.Text(), nullable=False))


def unique(tables: sa.MetaData) -> None:
    key = sa.UniqueConstraint("team_id", "author_name", name="uq_once")
    tables.tables["daily_reports"].append_constraint(key)


def unique_by_a_narrower_type(tables: sa.MetaData) -> None:
    """The rows differ in the time of day."""
    narrow(tables, "daily_reports", "created_at", sa.Date())
    key = sa.UniqueConstraint("created_at", name="uq_daily")
    tables.tables["daily_reports"].append_constraint(key)


def unique_with_a_default(tables: sa.MetaData) -> None:
    table = tables.tables["organizations"]
    table.append_column(sa.Column("rank", sa.Integer(), server_default=sa.text("1")))
    table.append_constraint(sa.UniqueConstraint("rank", name="uq_rank"))


def foreign_key(tables: sa.MetaData) -> None:
    without(tables, "teams", "description")
    table = tables.tables["teams"]
    key = sa.ForeignKey("report_types.name", name="teams_type_fkey")
    table.append_column(sa.Column("type", sa.Text(), key, info={"renamed_from": "description"}))


def foreign_key_with_a_default(tables: sa.MetaData) -> None:
    key = sa.ForeignKey("teams.name", name="teams_parent_fkey")
    default = sa.text("'nobody'")
    tables.tables["teams"].append_constraint(sa.UniqueConstraint("name", name="uq_teams_name"))
    tables.tables["teams"].append_column(
        sa.Column("parent", sa.Text(), key, server_default=default)
    )


def check(tables: sa.MetaData) -> None:
    constraint = sa.CheckConstraint("report_date::text < '2025-10-30'", name="ck_old")
    tables.tables["daily_reports"].append_constraint(constraint)


@pytest.mark.parametrize(
    ("change", "said", "fix"),
    [
        (
            not_null,
            r"teams.description: null in 1 row \(id 0000\S+1\)\. Fill it there",
            "update teams set description = '13' where description is null",
        ),
        (
            added_not_null,
            r"teams.slug is not null and has no default, and the table has 2 rows\. Give it one",
            "delete from daily_reports; delete from teams",
        ),
        (
            unique,
            r"5 rows have .*, which uq_once forbids: team_id 0000\S+1, author_name 'Ana Reyes'",
            "update daily_reports set author_name = id::text",
        ),
        (
            unique_by_a_narrower_type,
            r"daily_reports: 5 rows have the same .* uq_daily forbids: created_at 2025-10-27",
            "update daily_reports set created_at = report_date",
        ),
        (
            unique_with_a_default,
            r"organizations: 2 rows .* uq_rank forbids: rank 1",
            "delete from organizations where name = 'Ventures'",
        ),
        (
            foreign_key,
            r"teams.type: 1 row without a row of report_types \(id 0000\S+2\)",
            "insert into report_types (id, name) values (gen_random_uuid(), '12')",
        ),
        (
            foreign_key_with_a_default,
            r"teams.parent: 2 rows without a row of teams \(id 0000\S+1, 0000\S+2\)",
            "update teams set name = 'nobody' where name like '%Scale'",
        ),
        (
            check,
            r"daily_reports: the check ck_old refuses 3 rows \(id 0000\S+3, 0000\S+4, 0000\S+5\)",
            "update daily_reports set report_date = report_date - 10",
        ),
    ],
)
def test_rows_in_the_way_are_counted_and_named(  # noqa: PLR0913, PLR0917 - fixtures
    change: Callable[[sa.MetaData], None],
    said: str,
    fix: str,
    chain: Chain,
    changed: sa.MetaData,
    connection: sa.Connection,
    tmp_path: Path,
) -> None:
    execute(
        connection, "update daily_reports set created_at = created_at + random() * '1h'::interval"
    )
    change(changed)
    allowed = ["daily_reports.created_at"] if change is unique_by_a_narrower_type else []
    with pytest.raises(SchemaError, match=said) as refused:
        chain(changed).generate("strict", allowed)
    assert str(refused.value).startswith(
        "Nothing was written: rows are in the way of these changes.\n"
    )
    assert not list(tmp_path.rglob("*.py"))
    execute(connection, fix)
    chain(changed).generate("strict", allowed)
    assert chain(changed).migrate() == ["0001"]
    assert chain(changed).drift() == []


def test_values_are_shown_on_one_line(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    unique(changed)
    execute(
        connection, r"update daily_reports set author_name = E'\x1b[2J\n\u202e' || repeat('x', 99)"
    )
    with pytest.raises(SchemaError) as refused:
        chain(changed).generate("strict")
    line = str(refused.value).splitlines()[1]
    assert r"author_name '\x1b[2J\n\u202exxx" in line
    assert len(line) < 250


def test_nothing_is_generated_while_a_migration_is_pending(
    chain: Chain, changed: sa.MetaData, contracts: sa.MetaData, connection: sa.Connection
) -> None:
    """With a record and without one, and after one more change of the contracts."""
    add_column(changed)
    chain(changed).generate("slugs")
    said = "lacks migrations: 0001. .*: python -m loader schema migrate --target prod"
    for name in ("motto", "color"):
        with pytest.raises(SchemaError, match=said):
            chain(changed).generate("again")
        changed.tables["teams"].append_column(sa.Column(name, sa.Text()))
    assert chain(changed).migrate() == ["0001"]
    assert len(chain(changed).drift()) == 2
    path, _ = chain(changed).generate("mottos")
    assert path.name == "0002_mottos.py"
    with pytest.raises(SchemaError, match=said.replace("0001", "0002")):
        chain(contracts).generate("again")
    execute(connection, "update bookkeeping.alembic_version set version_num = '0009'")
    with pytest.raises(SchemaError, match=r"at the migration '0009', which .* does not have"):
        chain(changed).generate("again")


def test_a_fresh_build_may_generate_again(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    """It has no record, all objects of the migrations, and a DBA's extras."""
    add_column(changed)
    chain(changed).generate("slugs")
    execute(connection, "alter table teams add column slug text; create index mine on teams (slug)")
    changed.tables["teams"].append_column(sa.Column("motto", sa.Text()))
    path, _ = chain(changed).generate("mottos")
    assert path.name == "0002_mottos.py"
    assert chain(changed).migrate() == ["0002"]


def test_other_tables_are_never_touched(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    execute(connection, "alter table teams drop column description; create table others (id int)")
    changed.tables["teams"].append_column(sa.Column("slug", sa.Text()))
    changed.tables["organizations"].append_column(sa.Column("slug", sa.Text()))
    mine = {"organizations", "daily_reports"}
    assert chain(changed, mine).drift() == ["organizations.slug: the column is missing (text)"]
    path, plan = chain(changed, mine).generate("slugs")
    assert "teams" not in path.read_text()
    assert plan.left_out == []


STATEMENTS = '''
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.execute("""drop view if exists reporting.team_week""")
    op.execute("delete  from teams\\n where name = 'x'")
    op.alter_column("teams", "name", nullable=True)
    op.drop_column("teams", "description")
    op.drop_column("teams", "nothing")
    op.drop_table("daily_reports")


def downgrade():
    op.execute("alter table teams drop if exists motto")
'''


def test_handwritten_migrations_are_inspected(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection, tmp_path: Path
) -> None:
    add_column(changed)
    chain(changed).generate("slugs")
    chain(changed).migrate()
    (tmp_path / "versions/0002_by_hand.py").write_text(STATEMENTS)
    assert [(loss.name, loss.rows) for loss in chain(changed).losses()] == [
        ("a statement", None),
        ("teams.description", 1),
        ("teams.nothing", None),
        ("daily_reports", 5),
    ]
    assert chain(changed).drift() == []
    execute(connection, "update bookkeeping.alembic_version set version_num = '0002'")
    latest, losses = chain(changed).undoing()
    statement = "a statement: alter table teams drop if exists motto"
    assert (latest, [str(loss) for loss in losses]) == ("0002", [statement])
