"""Keys, constraints and indexes get the names that a new database gives them."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.operations import ops

from loader.errors import SchemaError
from loader.schema.connection import connected
from loader.schema.migrations import Migrations
from loader.schema.rendering import described
from loader.settings import Target, load_settings
from tests.support.contracts import execute, without
from tests.support.postgres import Postgres

Chain = Callable[..., Migrations]

NAMES = """
    select conrelid::regclass::text || ' ' || conname from pg_constraint
    where connamespace = 'public'::regnamespace and contype <> 'n'
    union
    select tablename || ' ' || indexname from pg_indexes where schemaname = 'public'
"""
# Another system's names; each has the contract's definition.
OTHER_NAMES = """
    alter table organizations rename constraint organizations_pkey to pk_organizations;
    alter table teams rename constraint teams_organization_id_fkey
        to teams_organization_id_organizations_id_fk;
    alter table report_types rename constraint uq_report_types_name to report_types_name_unique;
    alter table daily_reports drop constraint uq_daily_reports_team_id_author_name_report_date;
    create unique index daily_reports_unique
        on daily_reports (team_id, author_name, report_date);
    alter index idx_daily_reports_team_id rename to "daily reports by team";
"""
RENAMES = [
    "daily_reports: the contract has the index daily reports by team as idx_daily_reports_team_id",
    (
        "daily_reports: the contract has the unique index daily_reports_unique as the constraint"
        " uq_daily_reports_team_id_author_name_report_date"
    ),
    "organizations: the contract has the constraint pk_organizations as organizations_pkey",
    (
        "report_types: the contract has the constraint report_types_name_unique as"
        " uq_report_types_name"
    ),
    (
        "teams: the contract has the constraint teams_organization_id_organizations_id_fk as"
        " teams_organization_id_fkey"
    ),
]


def names_of(connection: sa.Connection) -> set[str]:
    return set(connection.scalars(sa.text(NAMES)))


def test_the_same_under_another_name_is_renamed(
    chain: Chain, contracts: sa.MetaData, connection: sa.Connection
) -> None:
    fresh = names_of(connection)
    execute(connection, OTHER_NAMES)
    others = names_of(connection)
    assert sorted(chain(contracts).drift()) == RENAMES
    assert chain(contracts).extras() == []
    path, plan = chain(contracts).generate("names")
    assert (plan.removes, plan.left_out) == ([], [])
    assert "drop" not in path.read_text()
    assert chain(contracts).losses() == []
    assert chain(contracts).migrate() == ["0001"]
    assert names_of(connection) == fresh
    assert chain(contracts).drift() == []
    chain(contracts).rollback()
    assert names_of(connection) == others


def test_keys_of_a_renamed_column_are_renamed_with_it(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    """As in the old system's first schema: `project_id`."""
    fresh = names_of(connection)
    execute(
        connection,
        """
        alter table daily_reports rename team_id to project_id;
        alter table daily_reports rename constraint daily_reports_team_id_fkey
            to daily_reports_project_id_fkey;
        alter table daily_reports
            rename constraint uq_daily_reports_team_id_author_name_report_date
            to daily_reports_project_id_author_name_report_date_key;
        alter index idx_daily_reports_team_id rename to idx_daily_reports_project_id;
        """,
    )
    changed.tables["daily_reports"].c.team_id.info["renamed_from"] = "project_id"
    path, plan = chain(changed).generate("teams")
    assert (plan.removes, plan.left_out) == ([], [])
    assert "op.create" not in path.read_text()
    assert chain(changed).migrate() == ["0001"]
    assert names_of(connection) == fresh
    assert (chain(changed).drift(), chain(changed).extras()) == ([], [])


def test_a_duplicate_definition_stays(
    chain: Chain, contracts: sa.MetaData, connection: sa.Connection
) -> None:
    """An object that only looks the same stays as well."""
    execute(
        connection,
        """
        create index by_team on daily_reports (team_id);
        create index by_some_teams on daily_reports (team_id) where author_name <> '';
        create index by_team_hashed on daily_reports using hash (team_id);
        alter table teams add constraint teams_name_key unique (name);
        """,
    )
    assert chain(contracts).drift() == []
    assert len(chain(contracts).extras()) == 4
    execute(connection, "drop index idx_daily_reports_team_id")
    assert chain(contracts).drift() == [
        "daily_reports: the contract has the index by_team as idx_daily_reports_team_id"
    ]


SAYS = "daily_reports: the constraint ck_author is not as in the contract"


def author_check(tables: sa.MetaData, expression: str) -> None:
    constraint = sa.CheckConstraint(expression, name="ck_author")
    tables.tables["daily_reports"].append_constraint(constraint)


@pytest.mark.parametrize(
    ("there", "drift"),
    [
        ("check (author_name in ('Ana Reyes', 'Bo') and 1 < 2)", []),
        ("check (((author_name = any (array['Ana Reyes', 'Bo'])) and ((1 < 2))))", []),
        ("check (author_name in ('Ana Reyes', 'Cy'))", [SAYS]),
        (None, ["daily_reports: the constraint ck_author is missing"]),
    ],
)
def test_a_check_that_is_missing_or_changed_is_repaired(
    there: str | None,
    drift: list[str],
    chain: Chain,
    changed: sa.MetaData,
    connection: sa.Connection,
) -> None:
    author_check(changed, "author_name in ('Ana Reyes', 'Bo') and 1 < 2")
    if there:
        execute(connection, f"alter table daily_reports add constraint ck_author {there}")
    assert chain(changed).drift() == drift
    assert chain(changed).extras() == []
    if drift:
        _, plan = chain(changed).generate("authors")
        assert (plan.removes, plan.left_out) == ([], [])
        assert chain(changed).losses() == []
        assert chain(changed).migrate() == ["0001"]
        assert chain(changed).drift() == []
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            execute(connection, "update daily_reports set author_name = 'Cy'")
        chain(changed).rollback()
        assert chain(changed).drift() == drift


def test_rows_that_a_changed_check_refuses_are_named(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    author_check(changed, "author_name <> 'Ana Reyes'")
    execute(connection, "alter table daily_reports add constraint ck_author check (true)")
    with pytest.raises(SchemaError, match="the check ck_author refuses 5 rows"):
        chain(changed).generate("authors")


OF_OTHERS = """
    create extension vector;
    alter table teams add column embedding vector(3);
    create index teams_by_embedding on teams using hnsw (embedding vector_l2_ops);
    create index teams_by_name on teams (name desc) include (description) where name <> '';
    alter table teams alter description set default 'none';
    comment on index teams_by_name is 'of a DBA';
    comment on column teams.name is 'of a DBA';
    create function of_a_dba() returns trigger language plpgsql as 'begin return new; end';
    create trigger of_a_dba before update on teams for each row execute function of_a_dba();
    create view names_of_teams as select name from teams;
    grant insert (name), select on teams to public;
"""
OWNED_BY_OTHERS = """
    select
        (select count(*) from pg_index where indrelid = 'teams'::regclass),
        (select count(*) from pg_trigger where tgrelid = 'teams'::regclass and not tgisinternal),
        (select count(*) from pg_views where viewname = 'names_of_teams'),
        (select count(*) from pg_description where description = 'of a DBA'),
        (select cast(relacl as text) from pg_class where oid = 'teams'::regclass),
        (select cast(attacl as text) from pg_attribute
         where attrelid = 'teams'::regclass and attname = 'name'),
        (select column_default from information_schema.columns
         where table_name = 'teams' and column_name = 'description')
"""


def test_objects_of_others_are_not_drift_and_survive_migrations(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    execute(connection, OF_OTHERS)
    before = connection.execute(sa.text(OWNED_BY_OTHERS)).one()
    assert chain(changed).drift() == []
    for number, column in enumerate(("slug", "motto"), 1):
        changed.tables["teams"].append_column(sa.Column(column, sa.Text()))
        path, plan = chain(changed).generate(column)
        assert (plan.removes, "drop" in path.read_text().split("def downgrade")[0]) == ([], False)
        assert chain(changed).migrate() == [f"000{number}"]
        assert chain(changed).drift() == []
    chain(changed).rollback()
    assert connection.execute(sa.text(OWNED_BY_OTHERS)).one() == before


def test_an_index_made_by_builds_is_not_an_extra(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    for name in ("declared", "of_others"):
        execute(connection, f"create index {name} on teams using gin (to_tsvector('simple', name))")
    changed.tables["teams"].info["built_indexes"] = [{"name": "declared"}]
    assert chain(changed).extras() == ["teams: the contract has no index of_others"]
    assert chain(changed).drift() == []


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (ops.DropTableOp("teams"), "teams: the contracts have no such table"),
        (ops.CreatePrimaryKeyOp("k", "teams", ["id"]), "teams: the primary key (id) is missing"),
        (ops.CreateTableCommentOp("teams", "x"), "teams: create table comment"),
        (
            ops.AlterColumnOp(
                "teams", "id", existing_server_default=sa.Identity(), modify_server_default=None
            ),
            "teams.id: its default: an identity, in the contract: none",
        ),
    ],
)
def test_a_step_is_described_in_words(step: ops.MigrateOperation, words: str) -> None:
    assert list(described([step])) == [words]


VIEWS_OF_OTHERS = """
    create table if not exists bookkeeping.objects (
        schema_name text, object_name text, primary key (schema_name, object_name)
    );
    insert into bookkeeping.objects values
        ('public', 'teams'), ('public', 'daily_reports'), ('reporting', 'ours');
    create role a_dba;
    create view days as select author_name, report_date, checksum_sha256 from daily_reports;
    create materialized view authors as select distinct author_name, report_date from days;
    create unique index authors_by_name on authors (author_name, report_date);
    grant select on days to a_dba with grant option;
    grant select (author_name) on authors to public;
    comment on view days is 'of a DBA';
    comment on column days.author_name is 'of a DBA';
    create schema reporting;
    create view reporting.ours as select author_name from daily_reports;
    create view top with (security_barrier) as select * from reporting.ours;
    alter view top owner to a_dba;
    create function of_a_view() returns trigger language plpgsql as 'begin return new; end';
    create trigger of_a_dba instead of insert on top for each row execute function of_a_view();
"""
ABOUT_VIEWS = """
    select
        relname, relkind, relacl, relowner, reloptions, pg_get_viewdef(oid),
        (select count(*) from pg_trigger where tgrelid = pg_class.oid),
        (select array_agg(pg_get_indexdef(indexrelid)) from pg_index where indrelid = pg_class.oid),
        (select array_agg(cast(attacl as text)) from pg_attribute where attrelid = pg_class.oid),
        (select array_agg(description order by objsubid) from pg_description
         where objoid = pg_class.oid)
    from pg_class
    where relname in ('days', 'authors', 'ours', 'top')
    order by relname
"""


def test_views_of_others_block_no_migration_and_stay_as_they_are(
    chain: Chain, changed: sa.MetaData, connection: sa.Connection
) -> None:
    """PostgreSQL changes no type that a view uses."""
    execute(connection, VIEWS_OF_OTHERS)
    before = connection.execute(sa.text(ABOUT_VIEWS)).all()
    assert len(before) == 4
    changed.tables["daily_reports"].c.report_date.type = sa.TIMESTAMP()
    chain(changed).generate("times")
    assert chain(changed).migrate() == ["0001"]
    assert chain(changed).drift() == []
    assert connection.execute(sa.text(ABOUT_VIEWS)).all() == before
    assert connection.scalars(sa.text("select count(*) from authors")).one() == 5
    chain(changed).rollback()
    assert connection.execute(sa.text(ABOUT_VIEWS)).all() == before
    without(changed, "daily_reports", "checksum_sha256")
    chain(changed).migrate()
    chain(changed).generate("no checksums", ["daily_reports.checksum_sha256"])
    with pytest.raises(SchemaError, match="The view 'days', which somebody else created, does not"):
        chain(changed).migrate()


def test_a_default_of_the_contract_that_is_changed_is_drift(
    chain: Chain, contracts: sa.MetaData, connection: sa.Connection
) -> None:
    nobody = "00000000-0000-0000-0000-000000000001"
    execute(connection, f"alter table teams alter id set default '{nobody}'")
    execute(connection, "alter table teams alter created_at drop default")
    assert sorted(chain(contracts).drift()) == [
        "teams.created_at: its default: none, in the contract: now()",
        f"teams.id: its default: '{nobody}'::uuid, in the contract: gen_random_uuid()",
    ]
    chain(contracts).generate("defaults")
    chain(contracts).migrate()
    assert chain(contracts).drift() == []


def test_a_dumped_and_restored_database_is_the_same(
    postgres: Postgres, changed: sa.MetaData, tmp_path: Path
) -> None:
    """Also with `-n public`, after which PostgreSQL writes some checks in other words."""
    names = sa.CheckConstraint("varied in ('Ana', 'Bo') and 1 < 2", name="ck_varied")
    changed.tables["teams"].append_column(sa.Column("varied", sa.String(9)))
    changed.tables["teams"].append_constraint(names)
    before = postgres.create_database("dumped")
    with connected(load_settings(Target.PROD, {"DATABASE_URL": before})) as connection:
        changed.create_all(connection)
        execute(connection, OF_OTHERS)
        connection.commit()
    found = []
    for name in ("dumped", "restored"):
        if name == "restored":
            dump = [
                postgres.program("pg_dump"),
                "-n",
                "public",
                "-f",
                str(tmp_path / "dump"),
                before,
            ]
            subprocess.run(dump, check=True)
            url = postgres.create_database("restored")
            psql = [postgres.program("psql"), "--quiet", "--no-psqlrc", url]
            extension = "drop schema public; create schema public; create extension vector"
            subprocess.run([*psql, "-c", extension], check=True)
            subprocess.run([*psql, "-f", str(tmp_path / "dump")], check=True, capture_output=True)
        url = postgres.url(name)
        with connected(load_settings(Target.PROD, {"DATABASE_URL": url})) as connection:
            migrations = Migrations(connection, changed, target=Target.PROD, versions=tmp_path)
            found.append((migrations.drift(), migrations.extras(), names_of(connection)))
    assert found[0] == found[1]
    assert found[1][0] == []
