"""`check`, `ids` and `status`: their results, and their output for an empty database."""

import json
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

import pytest

from loader.maintenance.check import _PACKAGES
from loader.settings import describe_settings
from tests.support.project import ROOT, Project

pytestmark = pytest.mark.either_engine


def checks(project: Project) -> tuple[int, dict[str, dict[str, Any]]]:
    ended = project.loader("check", "--json")
    assert ended.err == ""
    return ended.code, {check["name"]: check for check in json.loads(ended.out)["checks"]}


def test_only_packages_that_the_project_depends_on_are_checked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.match(r"[\w-]+", each)[0] for each in project["dependencies"]}  # type: ignore[index]
    assert set(_PACKAGES) <= declared


def test_all_checks_pass(built: Project) -> None:
    code, found = checks(built)
    assert code == 0, found
    states = {name: check["state"] for name, check in found.items()}
    expected = {
        "Python",
        "packages",
        ".env",
        "target",
        "disk",
        "database",
        "environment",
        "ownership",
    }
    expected |= {
        "schemas",
        "contracts",
        "blob store",
        *(name for name, _, _ in describe_settings()),
    }
    assert set(states) == expected | ({"TLS", "clock"} if built.url else set())
    assert set(states.values()) == {"ok"}
    assert found["environment"]["detail"] == built.target
    table = built.loader("check").out
    assert "│ database" in table
    assert f"{len(found)} checks, 0 warnings, 0 failed." in table


def test_an_empty_database(project: Project) -> None:
    code, found = checks(project)
    assert code == 0
    name = "schemas" if project.url else "database"
    assert found[name]["state"] == "warning"
    assert "python -m loader run --target" in found[name]["hint"]


@pytest.mark.parametrize("engine", ["postgres"])
@pytest.mark.parametrize(
    ("name", "value", "of", "said", "hint"),
    [
        ("DATABASE_URL", "nonsense-canary", "DATABASE_URL", "malformed", "percent-encoded"),
        ("DATABASE_URL", "", "target", "DATABASE_URL not configured", "Neon Console"),
        ("BLOB_CONCURRENCY", "x", "BLOB_CONCURRENCY", "malformed", "from 1 to 64"),
        ("ENABLE_VERCEL_BLOB_UPLOAD", "yes", "ENABLE_VERCEL_BLOB_UPLOAD", "malformed", "true or"),
        ("ENABLE_VERCEL_BLOB_UPLOAD", "", "blob store", "Vercel Blob upload is not", "Add to .env"),
        ("BLOB_READ_WRITE_TOKEN", "vercel_canary", "BLOB_READ_WRITE_TOKEN", "malformed", ".env"),
        ("NEON_ENV", "production", "NEON_ENV", "malformed", "dev, staging or prod"),
        ("NEON_API_URL", "http://a.example", "NEON_API_URL", "malformed", "https"),
    ],
)
def test_a_bad_setting_fails_one_check_and_the_others_run(  # noqa: PLR0913, PLR0917 - a table
    name: str, value: str, of: str, said: str, hint: str, built: Project
) -> None:
    class Other(Project):
        @property
        def environ(self) -> dict[str, str]:
            return {**super().environ, name: value}

    other = Other(built.folder, built.dbt_dir, built.patch, built.url, built.store)
    code, found = checks(other)
    assert code == 1
    assert found[of]["state"] == "failed"
    assert said in found[of]["detail"]
    assert hint in f"{found[of]['hint']}"
    assert {"Python", "packages", ".env"} <= set(found)
    assert "canary" not in str(found)


@pytest.mark.parametrize("engine", ["postgres"])
def test_errors_in_the_database(built: Project) -> None:
    built.execute("alter table public.daily_reports drop column blob_url cascade")
    built.execute("update bookkeeping.environment set name = 'dev'")
    assert built.store
    built.store.is_suspended = True
    code, found = checks(built)
    assert code == 1
    assert found["contracts"]["state"] == "warning"
    assert "daily_reports.blob_url: the column is missing" in found["contracts"]["detail"]
    assert "schema diff" in found["contracts"]["hint"]
    assert found["environment"]["state"] == "failed"
    assert "The store is suspended" in found["blob store"]["detail"]


@pytest.mark.parametrize("engine", ["postgres"])
def test_an_unreachable_database(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("loader.database.connect.CONNECT_PATIENCE", 0)
    built.url = "postgresql://u:canarypassword@127.0.0.1:1/db"
    code, found = checks(built)
    assert code == 1
    assert found["database"]["state"] == "failed"
    assert "Cannot connect to 127.0.0.1:1/db" in found["database"]["detail"]
    assert "Neon Console" in found["database"]["hint"]
    assert found["blob store"]["state"] == "ok"
    assert "canary" not in str(found)


@pytest.mark.parametrize("engine", ["duckdb"])
def test_an_unreadable_dotenv(project: Project) -> None:
    Path(".env").write_bytes(b"DATABASE_URL=\xff")
    code, found = checks(project)
    assert (code, found[".env"]["state"]) == (1, "failed")
    assert ".env: it is not UTF-8" in found[".env"]["detail"]
    assert found["disk"]["state"] == "ok"
    ended = project.loader("status")
    assert (ended.code, ended.out) == (1, "")
    assert ended.err.startswith(f"Error: Cannot read {Path.cwd() / '.env'}: it is not UTF-8.")


def test_ids(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(built.folder)
    monkeypatch.setenv("NEON_PROJECT_ID", "quiet-dawn-123456")
    file = Path(f".neon-db-ids.{built.target}.json")
    assert built.loader("ids").out.endswith(f"\n{file}: 9 ids.\n")
    ids = json.loads(file.read_text())
    assert list(ids) == [
        *("environment", "databaseName", "projectId", "organizations", "teams", "reportTypes")
    ]
    assert ids["environment"] == built.target
    assert ids["databaseName"] == ("work" if built.url else "warehouse")
    assert ids["projectId"] == "quiet-dawn-123456"
    teams = dict(built.query("select name, cast(id as text) from public.teams"))
    assert set(teams) == {"rocks", "timeclock", "engagepath", "ai-coach"}
    assert ids["teams"] == {**teams, "aicoach": teams["ai-coach"]}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    first = file.read_bytes()
    assert json.loads(built.loader("ids", "--json").out)["ids"] == ids
    assert file.read_bytes() == first
    assert not list(Path().glob(".neon-db-ids.*tmp*"))


@pytest.mark.parametrize("engine", ["postgres"])
def test_ids_of_another_environment_are_not_written(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built.folder)
    built.execute("update bookkeeping.environment set name = 'staging'")
    ended = built.loader("ids")
    assert ended.code == 1
    assert "This is the database of 'staging', and the target is 'prod'. Nothing" in ended.err
    assert not list(Path().glob(".neon-db-ids*"))


@pytest.mark.parametrize("engine", ["duckdb"])
def test_an_alias_is_never_another_teams_name(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built.folder)
    built.execute("update public.teams set name = 'aicoach' where name = 'engagepath'")
    ids = json.loads(built.loader("ids", "--json").out)["ids"]
    query = "select cast(id as text) from public.teams where name = 'aicoach'"
    assert [(ids["teams"]["aicoach"],)] == built.query(query)


def test_ids_of_a_database_that_holds_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.workspace / "transcripts/markdown-output").mkdir(parents=True)
    project.load()
    monkeypatch.chdir(project.folder)
    ended = project.loader("ids")
    assert ended.code == 1
    assert ended.err.startswith("Error: Could not find project UUID: the database holds no")
    assert f"dbt build --target {project.target}" in ended.err
    assert not list(Path().glob(".neon-db-ids*"))


def test_status_of_a_team_since_a_day(built: Project) -> None:
    status = json.loads(built.loader("status", "--json", "--team", "aicoach").out)
    assert {count["team"] for count in status["counts"]} == {"ai-coach"}
    assert {week["team"] for week in status["weeks"]} == {"ai-coach"}
    assert status["teams"] == [{"name": "ai-coach", "organization": "Full Scale Ventures"}]
    assert status["environment"] == built.target
    status = json.loads(built.loader("status", "--json", "--since", "2025-11-01").out)
    assert {count["kind"] for count in status["counts"]} <= {
        "jira_snapshots",
        "slack_captures",
        "generated_reports",
        "jira_issues",
        "mentions",
    }
    assert json.loads(built.loader("status", "--json", "--since", "2099-01-01").out)["loads"] == []
    ended = built.loader("status", "--team", "nobody")
    assert (ended.code, "No team 'nobody' in the seeds" in ended.err) == (1, True)
    assert built.loader("status", "--since", "yesterday").code == 2


def test_status_shows_weeks_and_loads(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIGGERED_BY", "the night shift")
    built.load()
    status = json.loads(built.loader("status", "--json").out)
    latest, first = status["loads"]
    assert (first["rows"], latest["rows"], latest["files"]) == (111, 12, 12)
    assert latest["loaded_by"] == "the night shift"
    assert 0 < latest["seconds"] < 600
    assert status["unapplied"] == 1
    out = built.loader("status").out
    assert f"1 load is not in the final tables yet: dbt build --target {built.target}" in out
    assert "│ the night shift │" in out
    (week,) = [w for w in status["weeks"] if (w["team"], w["kind"]) == ("rocks", "jira_snapshots")]
    size = built.query(
        "select byte_size from public.jira_snapshots inner join public.teams"
        " on team_id = teams.id where teams.name = 'rocks'"
    )
    assert (week["start"], week["end"], week["runs"]) == ("2025-10-27", "2025-11-02", 1)
    assert [(week["size"],)] == size
    built.build(contents=True)
    assert json.loads(built.loader("status", "--json").out)["unapplied"] == 0


def test_a_database_of_an_earlier_release_is_upgraded_by_the_next_run(built: Project) -> None:
    built.execute("drop table raw.runs cascade")
    for args in (
        ["status"],
        ["verify"],
        ["prune", "--keep", "1", "--yes"],
        built.run_args("--dry-run"),
    ):
        ended = built.loader(*args)
        assert (ended.code, "The next run adds it" in ended.err) == (1, True), ended
    built.load()
    loads = json.loads(built.loader("status", "--json").out)["loads"]
    assert [12, 111] == [load["rows"] for load in loads]


@pytest.mark.parametrize("engine", ["duckdb"])
@pytest.mark.parametrize("action", ["diff", "migrate", "history", "pull"])
def test_schema_and_branch_say_what_they_are_for(action: str, built: Project) -> None:
    ended = built.loader("schema", action)
    assert (ended.code, "The schema commands are for PostgreSQL" in ended.err) == (1, True)
    ended = built.loader("branch", "create", "x")
    assert (ended.code, "Only Neon has branches" in ended.err) == (1, True)


@pytest.mark.long
def test_a_load_waits_until_all_tables_have_it(project: Project) -> None:
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# talk")
    project.load()
    project.build("--select", "+daily_reports")
    assert json.loads(project.loader("status", "--json").out)["unapplied"] == 1
    project.build()
    assert json.loads(project.loader("status", "--json").out)["unapplied"] == 0
