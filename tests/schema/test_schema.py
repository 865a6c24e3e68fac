"""Changes of the final tables: contracts, drift, and migrations up and down."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import yaml

from loader.schema.connection import connected
from loader.schema.migrations import Migrations
from loader.settings import Target, load_settings
from loader.tables import VIEWS
from tests.support import changed_contracts as changes
from tests.support.project import FINALS, ROOT, Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
Chain = Callable[..., Migrations]


def without_record(built: Project) -> Project:
    """As made by a release without the record: the migrations of a test's folder may be its own."""
    built.execute("drop table bookkeeping.alembic_version")
    return built


@pytest.fixture
def connection(built: Project) -> Iterator[sa.Connection]:
    without_record(built)
    with connected(load_settings(built.target, built.environ)) as connection:
        yield connection


@pytest.fixture
def chain(connection: sa.Connection, tmp_path: Path) -> Chain:
    """Return migrations in a separate folder."""
    views = [f"reporting.{name}" for name in VIEWS]
    return lambda contracts: Migrations(
        connection, contracts, target=Target.PROD, views=views, versions=tmp_path / "versions"
    )


def count(connection: sa.Connection) -> list[int]:
    return [connection.execute(sa.text(f"select count(*) from {t}")).scalar_one() for t in FINALS]


def test_a_fresh_build_is_as_the_contracts_say(chain: Chain, contracts: sa.MetaData) -> None:
    assert len(contracts.tables) == 9
    assert chain(contracts).drift() == []


DROPPED: dict[Callable[[sa.MetaData], None], list[str]] = {
    changes.drop: ["daily_reports.checksum_sha256"],
    changes.drop_not_null: ["daily_reports.content"],
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (changes.add_not_null, "teams.is_active: the column is missing (boolean)"),
        (changes.add_index, "daily_reports: the index idx_daily_reports_author_name is missing"),
        (changes.add_foreign_key, "teams.parent_id: the column is missing (uuid)"),
        (changes.rename, "teams.description: the contract has it as purpose"),
        (changes.rename_in_a_key, "teams.name: the contract has it as title"),
        (
            changes.rename_in_an_index,
            "meeting_transcripts.transcript_date: the contract has it as held_",
        ),
        (changes.drop, "daily_reports.checksum_sha256: the contract has no such column"),
        (changes.drop_not_null, "daily_reports.content: the contract has no such column"),
        (
            changes.change_type,
            "meeting_transcripts.byte_size: its type is bigint, in the contract text",
        ),
        (
            changes.change_zone,
            "daily_reports.created_at: its type is timestamp with time zone, in the co",
        ),
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
    differences = [*chain(changed).drift(), *chain(changed).extras()]
    assert any(line.startswith(said) for line in differences)
    assert not any("its default" in line for line in differences)
    path, plan = chain(changed).generate("a change", DROPPED.get(change, ()))
    assert path.name == "0001_a_change.py"
    assert "def downgrade" in path.read_text()
    assert [each.name for each in plan.removes] == DROPPED.get(change, [])
    assert chain(changed).migrate() == ["0001"]
    assert chain(changed).drift() == []
    assert count(connection) == rows
    assert chain(changed).migrate() == []
    assert chain(changed).rollback() == "0001"
    assert count(connection) == rows
    assert connection.execute(sa.text(days)).all() == before
    left = chain(contracts).drift()
    if change is changes.drop_not_null:  # its values are lost: it comes back, and may be null
        assert left == ["daily_reports.content: it is null, unlike in the contract"]
    else:
        assert left == []


@pytest.fixture
def commands(built: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Return the built example, whose commands write migrations into a separate folder."""
    monkeypatch.setattr("loader.schema.migrations.VERSIONS", tmp_path / "versions")
    return without_record(built)


def said(project: Project, *args: str) -> str:
    ended = project.loader("schema", *args)
    assert ended.code == 0, ended
    return ended.out.removeprefix(f"{project.target}: {project.place}\n")


def test_a_production_build_waits_for_the_migration(commands: Project) -> None:
    project = commands
    assert said(project, "diff") == "The final tables are as their contracts say.\n"
    assert said(project, "migrate").startswith("There was nothing to apply.\n")
    project.execute("alter table public.daily_reports drop column checksum_sha256 cascade")
    project.execute("drop index public.idx_daily_reports_team_id")
    project.execute("alter table public.teams alter column name drop not null")
    before = count_of(project)
    ended = project.dbt("run", "--select", "daily_reports")
    assert ended.code == 1
    words = "daily_reports is not as its contract says: it lacks checksum_sha256"
    assert words in ended.out
    assert "python -m loader schema migrate --target prod" in ended.out
    ended = project.loader("schema", "diff")
    assert (ended.code, set(ended.out.splitlines()[1:])) == (
        1,
        {
            "daily_reports.checksum_sha256: the column is missing (text)",
            "daily_reports: the index idx_daily_reports_team_id is missing",
            "teams.name: it is null, unlike in the contract",
        },
    )
    ended = project.loader("schema", "migrate")
    assert ended.code == 0
    assert said(project, "history") == "no migrations yet\n"
    written = said(project, "generate", "-m", "Checksums, again")
    assert "op.add_column(" in written
    assert "0001_checksums_again.py" in written
    assert "│ 0001      │ pending │ Checksums, again │" in said(project, "history")
    assert "ALTER TABLE daily_reports ADD COLUMN IF NOT EXISTS checksum_sha256" in said(
        project, "migrate", "--sql"
    )
    assert "Applied 0001." in said(project, "migrate")
    assert "│ 0001      │ current │" in said(project, "history")
    assert said(project, "diff").startswith("The final tables are as")
    assert project.dbt("run", "--select", "+daily_reports").code == 0
    assert "DROP COLUMN IF EXISTS checksum_sha256" in said(project, "rollback", "--sql")
    project.execute("update public.daily_reports set checksum_sha256 = 'x'")
    lost = "- daily_reports.checksum_sha256: the column; 77 rows have a value in it\n"
    dry = said(project, "rollback", "--dry-run")
    assert dry.startswith("Dry run: 0001 would be undone.\nThat would remove or narrow:\n")
    assert lost in dry
    refused = project.loader("schema", "rollback")
    assert refused.err.startswith("Error: Nothing was deleted. This undoes 0001 of ")
    assert lost in refused.err
    assert refused.err.endswith("python -m loader schema rollback --target prod --yes\n")
    assert "│ 0001      │ current │" in said(project, "history")
    assert said(project, "rollback", "--yes").startswith("Undone: 0001.\n")
    assert project.loader("schema", "diff").code == 1
    again = project.loader("schema", "rollback", "--yes")
    assert (again.code, "There is no migration to undo" in again.err) == (1, True)
    said(project, "migrate")
    project.build()  # recreates the views
    assert count_of(project) == before


def test_development_appends_what_is_new(built: Project) -> None:
    class Development(Project):
        target = "dev"

    project = Development(built.folder, built.dbt_dir, built.patch, built.url, built.store)
    project.execute("alter table public.daily_reports drop column checksum_sha256 cascade")
    ended = project.dbt(
        "run", "--select", "daily_reports", "--vars", "{adopt_environment: true, reapply: true}"
    )
    assert ended.code == 0, ended.out
    columns = project.query(
        "select count(*) from information_schema.columns where table_schema = 'public'"
        " and table_name = 'daily_reports' and column_name = 'checksum_sha256'"
    )
    assert columns == [(1,)]


@pytest.mark.long
def test_drop_then_migrate_then_build(commands: Project) -> None:
    project = commands
    project.execute("alter table public.teams drop column description cascade")
    said(project, "generate", "-m", "descriptions")
    said(project, "migrate")
    assert project.loader("drop", "--yes-i-mean", "work").code == 0
    assert "│ 0001      │ current │" in (said(project, "migrate"), said(project, "history"))[1]
    project.load()
    project.build()
    assert said(project, "diff").startswith("The final tables are as")
    assert project.query("select count(*) from public.daily_reports") == [(77,)]


def test_printed_statements_are_those_that_run(commands: Project) -> None:
    """With and without a record of the migration, and after a rollback to none."""
    project = commands
    project.execute("alter table public.teams drop column description cascade")
    said(project, "generate", "-m", "descriptions")
    record = "bookkeeping.alembic_version"
    assert project.query(f"select to_regclass('{record}')") == [(None,)]
    assert project.url
    for time, (action, state) in enumerate([("migrate", "current"), ("rollback", "pending")] * 2):
        statements = said(project, action, "--sql")
        with psycopg.connect(project.url) as connection:
            connection.execute(statements.encode())
        assert state in said(project, "history")
        if time == 0:
            project.execute(f"drop table {record}")
    _, *differences = project.loader("schema", "diff").out.splitlines()
    assert differences == ["teams.description: the column is missing (text)"]


def test_a_database_of_a_newer_checkout(commands: Project) -> None:
    project = commands
    project.execute("alter table public.teams drop column description cascade")
    said(project, "generate", "-m", "descriptions")
    said(project, "migrate")
    project.execute("update bookkeeping.alembic_version set version_num = '0002'")
    ended = project.loader("schema", "migrate")
    assert (ended.code, "from a newer checkout, run that one" in ended.err) == (1, True)


def test_a_column_that_development_appended_is_no_drift(commands: Project) -> None:
    project = commands
    project.execute("alter table public.teams drop column description cascade")
    said(project, "generate", "-m", "descriptions")
    project.execute("alter table public.teams add column description varchar")
    assert said(project, "diff") == "The final tables are as their contracts say.\n"
    assert said(project, "migrate").startswith("There was nothing to apply.\n")


def test_a_migration_that_fails_changes_nothing(commands: Project) -> None:
    project = commands
    project.execute("alter table public.teams drop constraint uq_teams_organization_id_name")
    said(project, "generate", "-m", "unique")
    project.execute(
        "insert into public.teams (id, organization_id, name)"
        " select gen_random_uuid(), organization_id, name from public.teams limit 1"
    )
    ended = project.loader("schema", "migrate")
    assert ended.code == 1
    assert "is duplicated" in ended.err
    assert "│ pending │" in said(project, "history")


def test_a_column_that_cannot_be_filled_is_refused(commands: Project) -> None:
    project = commands
    project.execute("alter table public.daily_reports drop column content cascade")
    ended = project.loader("schema", "generate", "-m", "content")
    assert ended.code == 1
    assert "daily_reports.content is not null and has no default" in ended.err


def test_pull_gives_the_contracts(commands: Project, contracts: sa.MetaData) -> None:
    pulled = {model["name"]: model for model in yaml.safe_load(said(commands, "pull"))["models"]}
    text = (ROOT / "dbt_project/models/marts/_marts__models.yml").read_text()
    text = text.replace("{{ 'json' if target.type == 'duckdb' else 'jsonb' }}", "jsonb")
    assert set(pulled) == set(contracts.tables)
    for model in yaml.safe_load(text)["models"]:
        found = {column["name"]: column for column in pulled[model["name"]]["columns"]}
        for column in model["columns"]:
            theirs = found[column["name"]]
            assert (
                theirs["data_type"].replace("without time zone", "").strip() == column["data_type"]
            )
            ours = {str(each) for each in column.get("constraints", [])}
            assert {str(each) for each in theirs.get("constraints", [])} == ours
        names = {each["name"] for each in model.get("constraints", []) if each["type"] == "unique"}
        uniques = pulled[model["name"]].get("constraints", [])
        assert {each["name"] for each in uniques if each["type"] == "unique"} == names


def test_a_migration_of_a_model_that_says_renamed_from(
    commands: Project, contracts: sa.MetaData
) -> None:
    """The comparison receives `renamed_from` from the YAML."""
    del contracts
    from loader.schema import contracts as module  # noqa: PLC0415 - to change its cache

    manifest = module._manifests[Target.PROD]  # noqa: SLF001
    model = next(n for n in manifest.nodes.values() if n.name == "teams")
    column = model.columns.pop("description")
    column.name, column.config.meta = "purpose", {"renamed_from": "description"}
    model.columns["purpose"] = column
    try:
        before = commands.query("select id, description from public.teams order by id")
        commands.execute("update public.teams set description = name")
        commands.execute("drop schema reporting cascade")
        written = said(commands, "generate", "-m", "purpose")
        assert "new_column_name='purpose'" in written
        assert "What still says an old name: git grep -nw description loader" in written
        assert "make readers" in written
        said(commands, "migrate")
        after = commands.query("select id, purpose from public.teams order by id")
        assert [id_ for id_, _ in after] == [id_ for id_, _ in before]
        assert all(purpose for _, purpose in after)
    finally:
        column.name, column.config.meta = "description", {}
        model.columns["description"] = model.columns.pop("purpose")


def count_of(project: Project) -> list[object]:
    return [project.query(f"select count(*) from public.{table}") for table in FINALS]
