"""In a shared database, objects of others never change, and ours are recorded."""

import json
from typing import Any

import pytest

from loader.reading import DailyReport, Reader
from loader.settings import load_settings
from loader.settings.definitions import SETTINGS
from loader.tables import FINAL_TABLES, VIEWS, object_names
from tests.support.finals import EXAMPLE_COUNTS
from tests.support.project import ROOT, Project

USERS = """
    create table users (id int primary key, password_hash text);
    insert into users values (1, '$2b$secret')
"""
# The tables of two applications, each with some of our names.
APPLICATIONS = {
    "integer keys": f"""{USERS};
        create table teams (id int primary key, name text not null, owner_id int);
        insert into teams values (1, 'rocks', 1);
        create table organizations (id int primary key, name text not null, plan text);
        insert into organizations values (1, 'Full Scale', 'pro')
    """,
    "uuid keys": f"""{USERS};
        create table organizations (id uuid primary key, name text not null unique, plan text);
        insert into organizations
        values ('00000000-0000-0000-0000-000000000001', 'Full Scale', 'pro');
        create table teams (id uuid primary key, organization_id uuid, name text not null);
        insert into teams
        values (
            '00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001', 'rocks'
        )
    """,
}
_SCHEMAS = "select nspname from pg_catalog.pg_namespace order by 1"
_TABLES = "select table_schema, table_name from information_schema.tables order by 1, 2"
_THEIRS = """
    select relname, relowner, cast(relacl as text), attname, atttypid
    from pg_class
    inner join pg_attribute on attrelid = pg_class.oid
    where relnamespace = 'public'::regnamespace and attnum > 0
    order by 1, attnum
"""

postgres_only = pytest.mark.parametrize("engine", ["postgres"])


def share(project: Project, application: str) -> None:
    """Create an application's objects in the database."""
    with project.warehouse() as warehouse:
        if not project.url:
            warehouse.execute("create schema if not exists public")
            warehouse.execute("set schema = 'public'")
        for statement in APPLICATIONS[application].split(";"):
            warehouse.execute(statement)


def objects_of(project: Project) -> list[Any]:
    return [project.query(_SCHEMAS), project.query(_TABLES)]


def theirs(project: Project) -> list[Any]:
    """Return everything that an application can see of its objects: shape, owners, rights, rows."""
    found = project.query(_THEIRS) if project.url else []
    tables = ("users", "teams", "organizations")
    return [found, *(project.query(f"select * from public.{name}") for name in tables)]


@pytest.mark.parametrize(
    "application", ["integer keys", pytest.param("uuid keys", marks=pytest.mark.long)]
)
def test_tables_of_others_under_our_names_are_refused_before_anything_is_written(
    project: Project, application: str
) -> None:
    share(project, application)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# a meeting")
    before, rows = objects_of(project), theirs(project)
    commands = [project.run_args(), project.run_args("--dry-run"), ["status"], ["verify"], ["ids"]]
    commands.append(["prune", "--keep", "1", "--yes"])
    if project.url:
        commands += [["schema", "generate", "-m", "x"], ["schema", "migrate"]]
    for command in commands:
        ended = project.loader(*command)
        said = f"{command}: {ended}"
        assert ended.code == 1, said
        assert "not created by this project: public.organizations, public.teams." in ended.err, said
        assert "FINAL_SCHEMA=" in ended.err, said
        assert f"python -m loader schema adopt --target {project.target}" in ended.err, said
    # Forget a person next to them: none of our rows names one.
    forgotten = project.loader("forget", "--author", "Ana", "--yes")
    assert (forgotten.code, "No daily report is by 'Ana'" in forgotten.err) == (1, True), forgotten
    checks = json.loads(project.loader("check", "--json").out)["checks"]
    assert [each["state"] for each in checks if each["name"] == "ownership"] == ["failed"]
    for command in (["seed"], ["run", "--select", "int_team_folders+"]):
        built = project.dbt(*command)
        assert built.code == 2, built.out
        assert "not created by this project: public.organizations, public.teams." in built.out
        assert "Traceback" not in built.out
    assert objects_of(project) == before
    assert theirs(project) == rows


@pytest.mark.long
@pytest.mark.either_engine
def test_another_schema_keeps_both_apart(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FINAL_SCHEMA", "orchestrator")
    share(project, "integer keys")
    rows = theirs(project)
    project.copy_example()
    project.load_and_build()
    counts = {
        name: project.query(f"select count(*) from orchestrator.{name}")[0][0]
        for name in FINAL_TABLES
    }
    assert counts == EXAMPLE_COUNTS
    monkeypatch.setenv("DATABASE_URL", project.url or "")
    settings = load_settings(project.target)
    with Reader(settings) as reader:
        assert len(list(reader.daily_reports(team="rocks"))) > 0
        assert DailyReport.TABLE == "daily_reports"
    status = json.loads(project.loader("status", "--json").out)
    assert sorted(team["name"] for team in status["teams"]) == sorted(
        name for (name,) in project.query("select name from orchestrator.teams")
    )
    name = project.query("select min(author_name) from orchestrator.daily_reports")[0][0]
    for command in (
        ["verify"],
        ["ids"],
        ["prune", "--keep", "1", "--yes"],
        ["forget", "--author", name, "--yes"],
        *([["schema", "diff"]] if project.url else []),
    ):
        ended = project.loader(*command)
        assert ended.code == 0, f"{command}: {ended}"
    left = "select count(*) from orchestrator.daily_reports where author_name = %s"
    assert project.query(left, name) == [(0,)]
    project.build()
    assert theirs(project) == rows
    monkeypatch.setenv("FINAL_SCHEMA", "elsewhere")
    for ended in (project.loader(*project.run_args()), project.dbt("build")):
        assert ended.code in {1, 2}
        assert "Set FINAL_SCHEMA=orchestrator." in ended.err + ended.out
    assert not project.query("select 1 from pg_namespace where nspname = 'elsewhere'")
    monkeypatch.setenv("FINAL_SCHEMA", "orchestrator")
    ended = project.loader("drop", "--yes-i-mean", "work" if project.url else "warehouse.duckdb")
    assert ended.code == 0, ended
    assert theirs(project) == rows
    schemas = {name for (name,) in project.query(_SCHEMAS)}
    assert not schemas & {"raw", "seeds", "bookkeeping", "reporting", "orchestrator"}


@postgres_only
def test_roles_get_no_rights_on_tables_of_others(built: Project) -> None:
    for statement in USERS.split(";"):
        built.execute(statement)
    built.execute("create table raw.of_others (id int)")
    built.execute("create schema mine create table of_a_users_model (id int)")
    built.execute(
        "insert into bookkeeping.objects (schema_name, object_name, origin)"
        " values ('mine', 'of_a_users_model', 'created')"
    )
    for schema, name in (("public", "users"), ("raw", "of_others")):
        owner = f"""
            select pg_get_userbyid(relowner), cast(relacl as text)
            from pg_class where oid = '{schema}.{name}'::regclass
        """
        before = built.query(owner)
        ended = built.dbt("run-operation", "grant_roles", "--args", "{adopt_roles: true}")
        assert ended.code == 0, ended.out
        assert built.query(owner) == before
    rights = "select has_table_privilege('reader', %s, 'select')"
    assert built.query(rights, "public.users") == [(False,)]
    assert built.query(rights, "public.daily_reports") == [(True,)]


@postgres_only
def test_roles_of_others_are_refused(built: Project) -> None:
    ended = built.dbt("run-operation", "grant_roles", "--args", "{adopt_roles: true}")
    assert ended.code == 0, ended.out
    ours = built.query("select shobj_description('reader'::regrole, 'pg_authid')")[0][0]
    built.execute("comment on role reader is 'the reader of an application'")
    ended = built.dbt("run-operation", "grant_roles")
    built.execute(f"comment on role reader is '{ours}'")  # seen from all databases of the server
    assert ended.code == 1
    assert "this server already has these roles" in ended.out.lower()
    assert ": reader." in ended.out


@postgres_only
def test_objects_of_others_with_our_names_are_refused(project: Project) -> None:
    created = {
        "public.teams": "create type public.teams as enum ('a')",
        "public.report_types": "create materialized view public.report_types as select 1 as id",
        "public.organizations": "create sequence public.organizations",
        "reporting.team_week": "create schema reporting create view team_week as select 1 as id",
        "raw._dlt_loads": "create schema raw create table _dlt_loads (load_id text)",
        "seeds.seed_teams": "create schema seeds create table seed_teams (name text)",
        "bookkeeping.environment": "create schema bookkeeping create table environment (id int)",
    }
    for statement in created.values():
        project.execute(statement)
    before = objects_of(project)
    ended = project.loader(*project.run_args())
    assert (ended.code, f"project: {', '.join(sorted(created))}." in ended.err) == (1, True), ended
    built = project.dbt("build")
    said = f"not created by this project: {', '.join(sorted(created))}."
    assert (built.code, said in built.out) == (2, True), built.out
    assert objects_of(project) == before


def test_a_schema_of_others_under_a_name_that_cannot_be_set(project: Project) -> None:
    """FINAL_SCHEMA helps only against tables that have the names of final tables."""
    project.execute("create schema content")
    project.execute("create table content.people (id int)")
    way = "alter schema content rename to NAME"
    for ended in (
        project.loader("status"),
        project.dbt("build"),
        project.loader("schema", "adopt"),
    ):
        said = ended.out + ended.err
        assert ended.code in {1, 2}
        assert "content.people" in said
        assert ("FINAL_SCHEMA" in said, way in said) == (False, project.url is not None), said
        other = "database: set DATABASE_URL" if project.url else "file: set WAREHOUSE_DIR"
        assert f"- Use another {other}." in said
        assert "\n\n-" not in said
    if project.url:
        project.execute(way.replace("NAME", "of_others"))
        assert project.loader("status").code == 0


def test_tables_of_the_replaced_system_are_adopted(project: Project) -> None:
    share(project, "uuid keys")
    ended = project.loader("schema", "adopt")
    assert ended.code == 1
    assert "Nothing was adopted." in ended.err
    assert "Adopt public.organizations (1 row): builds" in ended.err
    assert "schema adopt --target" in ended.err
    ended = project.loader("schema", "adopt", "--yes")
    assert ended.code == 0, ended
    assert "Done. Next: python -m loader schema diff" in ended.out
    assert project.loader("status").code == 0
    listed = "select object_name from bookkeeping.objects where origin = 'adopted' order by 1"
    assert project.query(listed) == [("organizations",), ("teams",)]
    assert "nothing to adopt" in project.loader("schema", "adopt").out


def test_tables_that_could_never_be_ours_are_not_adopted(project: Project) -> None:
    share(project, "integer keys")
    before = objects_of(project)
    ended = project.loader("schema", "adopt", "--yes")
    assert ended.code == 1
    assert "organizations: its column id has the type integer" in ended.err
    assert objects_of(project) == before


def test_every_created_object_is_listed(built: Project) -> None:
    listed = set(built.query("select schema_name, object_name from bookkeeping.objects"))
    schemas = tuple(object_names("public"))
    there = [(schema, name) for schema, name in built.query(_TABLES) if schema in schemas]
    assert len(there) > len(FINAL_TABLES) + len(VIEWS)
    assert not set(there) - listed


def test_the_pattern_of_the_final_schema_is_that_of_dbt() -> None:
    macro = (ROOT / "dbt_project/macros/objects.sql").read_text()
    assert SETTINGS["FINAL_SCHEMA"].pattern in macro


@pytest.mark.parametrize("name", ["raw", "Public", "pg_mine", "a b", "x" * 64, "content"])
def test_a_final_schema_with_another_use_is_refused(
    project: Project, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINAL_SCHEMA", name)
    ended = project.loader("status")
    assert (ended.code, ended.err.startswith("Error: FINAL_SCHEMA is ")) == (1, True), ended
