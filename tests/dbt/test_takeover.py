"""A database filled by the old system: its ids and rows stay, and get our names."""

import hashlib
import json
from pathlib import Path

import psycopg
import pytest

from tests.support.old_system import COMMON, TABLES
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])

OLD = f"""
    {TABLES}
    alter table teams add slack_channel text not null;
    insert into organizations (name) values ('Full Scale'), ('Full Scale Ventures'), ('Gone Ltd');
    insert into teams (organization_id, name, slack_channel)
    select id, 'rocks', '#rocks' from organizations where name = 'Full Scale'
    union all
    select id, 'aicoach', '#coach' from organizations where name = 'Full Scale Ventures'
    union all
    select id, 'old-team', '#old' from organizations where name = 'Gone Ltd';
    insert into report_types (name) values ('1on1');
    insert into jira_snapshots
        (team_id, collected_week_start, collected_week_end, blob_key, blob_url)
    select id, '2025-01-06', '2025-01-12', 'k', 'https://blob/k' from teams where name = 'rocks';
"""


def ids(project: Project, table: str) -> set[str]:
    return {str(id_) for (id_,) in project.query(f"select id from public.{table}")}


@pytest.fixture
def old(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Create a database in the old shape, with some of the workspace's rows."""
    assert project.url
    monkeypatch.setattr("loader.schema.migrations.VERSIONS", tmp_path / "versions")
    with psycopg.connect(project.url) as connection:
        connection.execute(OLD.encode())
    ended = project.loader("schema", "adopt", "--yes")
    assert ended.code == 0, ended
    return project


def add_day(project: Project, team: str, author: str, day: str, content: str) -> str:
    checksum = hashlib.sha256(content.encode()).hexdigest()
    rows = project.query(
        "insert into public.daily_reports (team_id, author_name, report_date, content,"
        " checksum_sha256) select id, %s, cast(%s as date), %s, %s from public.teams"
        " where name = %s returning id",
        author,
        day,
        content,
        checksum,
        team,
    )
    return str(rows[0][0])


def test_an_old_database_step_by_step(old: Project) -> None:
    old.copy_example()
    name, date, text = "Bo Lind", "2025-10-27", "## 2025-10-27\n\n- as it was"
    old.write("daily-reports/md-output/aicoach/bo.md", f"**Employee**: {name}\n\n{text}\n")
    same = add_day(old, "ai-coach", "Bo", date, text)
    other = add_day(old, "ai-coach", "Bo", "2024-01-01", "## 2024-01-01\n\n- of long ago")
    before = {
        table: ids(old, table)
        for table in ("organizations", "teams", "report_types", "daily_reports", "jira_snapshots")
    }
    diff = old.loader("schema", "diff")
    assert diff.code == 1
    for words in (
        "organizations: the constraint uq_organizations_name is missing",
        "daily_reports.loaded_at: the column is missing (timestamp with time zone)",
        "teams.slack_channel: the contract has no such column",
        "report_data_links: the table is missing",
    ):
        assert words in diff.out
    ended = old.loader("schema", "generate", "-m", "take over", "--json")
    assert ended.code == 0, ended
    text_of_it = json.loads(ended.out)["text"]
    assert "drop_column" not in text_of_it
    assert "created_at at time zone 'UTC'" in text_of_it
    assert "create table" in old.loader("schema", "migrate", "--sql").out.lower()
    assert "report_data_links" not in {
        name for (name,) in old.query("select tablename from pg_tables")
    }
    ended = old.loader("schema", "migrate")
    assert (ended.code, "Applied 0001." in ended.out) == (0, True), ended
    old.load()
    old.build()
    for table, known in before.items():
        assert known <= ids(old, table), table
    assert old.query("select name from public.teams order by name") == [
        ("ai-coach",),
        ("engagepath",),
        ("old-team",),
        ("rocks",),
        ("timeclock",),
    ]
    found = "select author_name, content from public.daily_reports where cast(id as text) = %s"
    assert old.query(found, same) == [(name, text)]
    assert old.query(found, other)[0][0] == "Bo"
    assert old.query("select count(*) from public.daily_reports where author_name = %s", name) == [
        (1,)
    ]
    kept = old.query("select slack_channel from public.teams where name = 'rocks'")
    assert kept == [("#rocks",)]
    assert old.loader("schema", "history").out.count("│ current │") == 1
    assert "\nThere was nothing to apply." in old.loader("schema", "migrate").out
    before_again = ids(old, "daily_reports")
    old.build()
    assert ids(old, "daily_reports") == before_again


@pytest.mark.long
def test_two_people_of_one_first_name_stay_two(old: Project) -> None:
    text = "## 2025-10-27\n\n- the same"
    for number, name in enumerate(("Ana Reyes", "Ana Lopez")):
        old.write(f"daily-reports/md-output/rocks/{number}.md", f"**Employee**: {name}\n\n{text}\n")
    kept = add_day(old, "rocks", "Ana", "2025-10-27", text)
    assert old.loader("schema", "generate", "-m", "take over").code == 0
    assert old.loader("schema", "migrate").code == 0
    old.load()
    old.build()
    rows = old.query("select author_name, cast(id as text) from public.daily_reports order by 1")
    assert [name for name, _ in rows] == ["Ana Lopez", "Ana Reyes"]
    assert rows[0][1] == kept


def test_duplicate_names_are_reported(old: Project) -> None:
    old.execute("insert into public.organizations (name) values ('Full Scale')")
    ended = old.loader("schema", "generate", "-m", "take over")
    assert ended.code == 1
    assert "2 rows have the same values, which uq_organizations_name forbids" in ended.err
    assert "name 'Full Scale'. Decide which of them is right." in ended.err


BILLED = f"""
    create table organizations ({COMMON}, name text not null, description text, billing_code text);
    create table teams (
        {COMMON},
        organization_id uuid not null references organizations (id) on delete cascade,
        name text not null,
        description text
    );
    create table daily_reports (
        {COMMON},
        team_id uuid not null references teams (id) on delete cascade,
        report_date date not null,
        content text not null,
        author_name text not null,
        mood text,
        blob_key text,
        blob_url text,
        checksum_sha256 text
    );
    insert into organizations (name, billing_code)
    values ('Full Scale', 'FS-001'), ('Full Scale Ventures', 'FSV-002');
    insert into teams (organization_id, name)
    select id, 'rocks' from organizations where name = 'Full Scale';
    insert into daily_reports (team_id, report_date, content, author_name, mood)
    select id, '2025-10-20', 'old text', 'Ana', 'happy' from teams;
"""


@pytest.mark.long
def test_only_named_columns_are_dropped_even_after_a_refused_build(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.url
    monkeypatch.setattr("loader.schema.migrations.VERSIONS", tmp_path / "versions")
    with psycopg.connect(project.url) as connection:
        connection.execute(BILLED.encode())
    build = ("build", "--select", "+organizations", "--exclude-resource-type", "test")
    assert "not created by this project: public.daily_reports" in project.dbt(*build).out
    assert project.loader("schema", "generate", "-m", "take over").code == 1
    assert project.loader("schema", "adopt", "--yes").code == 0
    assert "organizations is not as its contract says" in project.dbt(*build).out
    billing, mood = "organizations.billing_code", "daily_reports.mood"
    ended = project.loader("schema", "generate", "-m", "take over")
    assert ended.code == 0, ended
    assert "drop_" not in ended.out
    left_out = (
        f"- {billing}: the column; 2 rows have a value in it. To do it: --allow-drop {billing}"
    )
    assert left_out in ended.out.splitlines()
    assert f"- {mood}: the column; 1 row has a value in it." in ended.out
    assert "Applied 0001." in project.loader("schema", "migrate").out
    diff = project.loader("schema", "diff")
    assert diff.code == 0
    assert f"{billing}: the contract has no such column" in diff.out
    kept = project.query("select billing_code from public.organizations order by 1")
    assert kept == [("FS-001",), ("FSV-002",)]
    refused = project.loader("schema", "generate", "-m", "less")
    assert (refused.code, f"--allow-drop {mood}" in refused.err) == (1, True)
    ended = project.loader("schema", "generate", "-m", "less", "--allow-drop", billing)
    assert ended.code == 0, ended
    count = f"- {billing}: the column; 2 rows have a value in it"
    assert f"It removes or narrows:\n{count}\n" in ended.out
    refused = project.loader("schema", "migrate")
    assert (refused.code, count in refused.err) == (1, True)
    assert refused.err.startswith("Error: Nothing was deleted. This migrates ")
    again = "python -m loader schema migrate --target prod --yes"
    assert refused.err.endswith(f"If you mean it: {again}\n")
    assert "\nApplied 0002." in project.loader("schema", "migrate", "--yes").out
    assert project.query("select mood from public.daily_reports") == [("happy",)]
    assert "billing_code" not in project.loader("schema", "diff").out
