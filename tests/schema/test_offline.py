"""`generate --offline` compares with the tables of the latest migration instead of a database."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from loader.cli import main
from loader.errors import SchemaError
from loader.schema import shape
from loader.schema.migrations import VERSIONS, Migrations
from loader.schema.plan import generate_offline
from tests.support import changed_contracts as changes
from tests.support.checkout import IS_ACTIVE, MARTS, TEAM_NAME, Checkout

Chain = Callable[..., Migrations]


def add_table(tables: sa.MetaData) -> None:
    table = sa.Table(
        "projects",
        tables,
        sa.Column("id", sa.Uuid(), primary_key=True, server_default=sa.text("gen_random_uuid()")),
        sa.Column("team_id", sa.Uuid(), sa.ForeignKey("teams.id", name="projects_team_id_fkey")),
    )
    sa.Index("idx_projects_team_id", table.c.team_id)


def change_check(tables: sa.MetaData) -> None:
    table = tables.tables["report_data_links"]
    old = next(each for each in table.constraints if isinstance(each, sa.CheckConstraint))
    table.constraints.remove(old)
    table.append_constraint(sa.CheckConstraint("daily_report_id is not null", name=old.name))


def test_the_recorded_tables_are_those_of_the_contracts(contracts: sa.MetaData) -> None:
    with pytest.raises(SchemaError, match="There is nothing to do"):
        generate_offline(contracts, VERSIONS, "nothing", (), ())


@pytest.mark.parametrize(
    "change",
    [
        changes.add_not_null,
        changes.add_index,
        changes.add_foreign_key,
        changes.rename,
        changes.rename_in_a_key,
        changes.rename_in_an_index,
        changes.change_type,
        add_table,
        change_check,
    ],
)
def test_the_migration_is_that_of_a_database(
    change: Callable[[sa.MetaData], None],
    chain: Chain,
    contracts: sa.MetaData,
    changed: sa.MetaData,
    tmp_path: Path,
) -> None:
    change(changed)
    path, plan = chain(changed, None).generate("a change")
    versions = tmp_path / "offline/versions"
    versions.mkdir(parents=True)
    shape.write(versions, contracts)
    written, same = generate_offline(changed, versions, "a change", (), ())

    def steps(text: str) -> list[str]:
        upgrade = text.split("def downgrade", maxsplit=1)[0].splitlines()
        names = {"postgresql.TIMESTAMP": "sa.TIMESTAMP", "sa.BIGINT": "sa.BigInteger"}
        names |= {"sa.TEXT": "sa.Text", "sa.UUID": "sa.Uuid"}
        for name, same_type in names.items():
            upgrade = [line.replace(name, same_type) for line in upgrade]
        return upgrade

    if change is change_check:  # the database rewrites the old check
        assert "op.create_check_constraint" in written.read_text()
    assert steps(path.read_text()) == steps(written.read_text())
    assert (plan.removes, plan.left_out) == (same.removes, same.left_out)
    with pytest.raises(SchemaError, match="There is nothing to do"):
        generate_offline(changed, versions, "again", (), ())


def test_without_recorded_tables(contracts: sa.MetaData, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"There is no .*shape\.py\. Generate once against a da"):
        generate_offline(contracts, tmp_path / "versions", "nothing", (), ())


@pytest.mark.parametrize("target", [pytest.param(("--target", "prod"), marks=pytest.mark.long), ()])
def test_no_address_of_a_database_is_needed(
    target: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = Checkout(tmp_path, monkeypatch)
    checkout.change(MARTS, TEAM_NAME, IS_ACTIVE + TEAM_NAME)
    monkeypatch.setenv("DATABASE_URL", "")
    assert main(["schema", "generate", "--offline", "-m", "active teams", *target]) == 0
    (written,) = checkout.versions.glob("0002*.py")
    assert "op.add_column('teams', sa.Column('is_active'" in written.read_text()
    assert os.environ["DATABASE_URL"] == ""
