"""Changes of the final tables: contracts, drift, migrations up and down."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from loader.schema.contracts import read_contracts
from loader.schema.migrations import FOLDER, Migrations, connected
from loader.settings import Target, load_settings
from tests.project import FINALS, ROOT, Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
Chain = Callable[..., Migrations]


@pytest.fixture(scope="module")
def contracts() -> sa.MetaData:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
        return read_contracts(Target.PROD)


@pytest.fixture
def changed(contracts: sa.MetaData) -> sa.MetaData:
    """A copy of the contracts, to change."""
    copy = sa.MetaData()
    for table in contracts.tables.values():
        table.to_metadata(copy)
    return copy


@pytest.fixture
def connection(built: Project) -> Iterator[sa.Connection]:
    with connected(load_settings(built.target, built.environ)) as connection:
        yield connection


@pytest.fixture
def chain(connection: sa.Connection, tmp_path: Path) -> Chain:
    """Migrations in a folder of their own."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    shutil.copy(FOLDER / "script.py.mako", folder)
    return lambda contracts: Migrations(
        connection, contracts, ["reporting.team_week", "reporting.report_sources"], folder
    )


def count(connection: sa.Connection) -> list[int]:
    return [connection.execute(sa.text(f"select count(*) from {t}")).scalar_one() for t in FINALS]


def test_a_fresh_build_is_as_the_contracts_say(chain: Chain, contracts: sa.MetaData) -> None:
    assert len(contracts.tables) == 9
    assert chain(contracts).drift() == []


def add_not_null(tables: sa.MetaData) -> None:
    column: sa.Column[bool] = sa.Column(
        "is_active", sa.Boolean(), nullable=False, server_default=sa.text("true")
    )
    tables.tables["teams"].append_column(column)


def add_index(tables: sa.MetaData) -> None:
    sa.Index("idx_daily_reports_author_name", tables.tables["daily_reports"].c.author_name)


def add_foreign_key(tables: sa.MetaData) -> None:
    column: sa.Column[object] = sa.Column(
        "parent_id",
        sa.Uuid(),
        sa.ForeignKey("teams.id", ondelete="CASCADE", name="teams_parent_id_fkey"),
    )
    tables.tables["teams"].append_column(column)


def without(tables: sa.MetaData, table: str, column: str) -> "sa.Column[object]":
    old = tables.tables[table]
    gone: sa.Column[object] = old.c[column]
    columns = [c._copy() for c in old.columns if c.name != column]  # noqa: SLF001
    constraints = [
        c._copy()  # noqa: SLF001 - SQLAlchemy has no other way
        for c in old.constraints
        if isinstance(c, sa.UniqueConstraint) and column not in c.columns
    ]
    indexes = [(i.name, [c.name for c in i.columns]) for i in old.indexes]
    tables.remove(old)
    new = sa.Table(table, tables, *columns, *constraints)
    for name, names in indexes:
        if column not in names:
            sa.Index(name, *(new.c[n] for n in names))
    return gone


def rename(tables: sa.MetaData) -> None:
    without(tables, "teams", "description")
    column: sa.Column[str] = sa.Column("purpose", sa.Text(), info={"renamed_from": "description"})
    tables.tables["teams"].append_column(column)


def drop(tables: sa.MetaData) -> None:
    without(tables, "daily_reports", "checksum_sha256")


def drop_not_null(tables: sa.MetaData) -> None:
    without(tables, "daily_reports", "content")


def change_type(tables: sa.MetaData) -> None:
    tables.tables["meeting_transcripts"].c.byte_size.type = sa.Text()


def change_zone(tables: sa.MetaData) -> None:
    tables.tables["daily_reports"].c.created_at.type = sa.TIMESTAMP()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (add_not_null, "teams.is_active: the column is missing (boolean)"),
        (add_index, "daily_reports: the index idx_daily_reports_author_name is missing"),
        (add_foreign_key, "teams.parent_id: the column is missing (uuid)"),
        (rename, "teams.description: the contract has it as purpose"),
        (drop, "daily_reports.checksum_sha256: the contract has no such column"),
        (drop_not_null, "daily_reports.content: the contract has no such column"),
        (change_type, "meeting_transcripts.byte_size: its type is bigint, in the contract text"),
        (change_zone, "daily_reports.created_at: its type is timestamp with time zone, in the co"),
    ],
)
def test_a_change_goes_up_and_down_on_tables_that_have_rows(  # noqa: PLR0913, PLR0917 - fixtures
    change: Callable[[sa.MetaData], None],
    said: str,
    chain: Chain,
    contracts: sa.MetaData,
    changed: sa.MetaData,
    connection: sa.Connection,
) -> None:
    rows = count(connection)
    days = "select id, created_at, author_name from daily_reports order by id"
    before = connection.execute(sa.text(days)).all()
    change(changed)
    assert any(line.startswith(said) for line in chain(changed).drift())
    path, text = chain(changed).generate("a change")
    assert path.name == "0001_a_change.py"
    assert "def downgrade" in text
    assert chain(changed).migrate() == ["0001"]
    assert chain(changed).drift() == []
    assert count(connection) == rows
    assert chain(changed).migrate() == []
    assert chain(changed).rollback() == "0001"
    assert count(connection) == rows
    assert connection.execute(sa.text(days)).all() == before
    left = chain(contracts).drift()
    if change is drop_not_null:  # its values are gone: it comes back, and may be empty
        assert left == ["daily_reports.content: it is null, unlike in the contract"]
    else:
        assert left == []
