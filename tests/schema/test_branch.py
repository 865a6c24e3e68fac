"""Branches of a Neon project are created, built, compared and deleted."""

import re
from collections.abc import Iterator

import pytest

from tests.support.documents import short
from tests.support.neon import KEY, PROJECT, NeonServer
from tests.support.postgres import Postgres
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])


@pytest.fixture
def neon(
    built: Project, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> Iterator[NeonServer]:
    """Return a project whose built database is the default branch."""

    def copy(name: str) -> str:
        return postgres.create_database(f"branch_{name}", template="work")

    with NeonServer(postgres.socket_dir, copy) as server:
        for name, value in (
            ("NEON_API_URL", server.url),
            ("NEON_API_KEY", KEY),
            ("NEON_PROJECT_ID", PROJECT),
        ):
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(built.folder)
        yield server


@pytest.mark.long
def test_build_on_a_branch_and_delete_it(built: Project, neon: NeonServer) -> None:
    built.write(
        "daily-reports/md-output/rocks/new.md", "**Employee**: New Name\n\n## 2025-12-01\n\nx\n"
    )
    built.load()  # not built yet: the branch is ahead
    ended = built.loader("branch", "build", "try", "--rm", "--json")
    assert ended.code == 0, ended
    preview = short(ended.out)
    counts = {each["table"]: (each["parent"], each["branch"]) for each in preview["counts"]}
    assert counts["public.daily_reports"] == (77, 78)
    assert counts["public.teams"] == (4, 4)
    assert preview["only_parent"] == []
    assert [line.split(" ")[0] for line in preview["only_branch"]] == []
    assert list(neon.branches) == ["br-main"]
    assert neon.log[-1].startswith("GET operations/")
    assert "Deleted the branch 'try'." in ended.err
    assert built.query("select count(*) from public.daily_reports") == [(77,)]


def test_a_branch_is_created_compared_and_deleted(
    built: Project, neon: NeonServer, postgres: Postgres
) -> None:
    neon.refusals = [(423, "project already has running operations"), (503, "later")]
    assert built.loader("branch", "create", "one").out.endswith("\nMade the branch 'one'.\n")
    assert built.loader("branch", "create", "one").code == 1
    assert built.loader("branch", "create", "two", "--json").code == 0
    there = Project(built.folder, built.dbt_dir, built.patch, postgres.url("branch_one"))
    there.execute("alter table public.teams add column is_active boolean not null default true")
    there.execute("delete from public.slack_captures")
    out = built.loader("branch", "diff", "one").out
    assert re.search(r"public.slack_captures +│ +8 │ +0 │ +-8 │", out)
    assert "+ public.teams: is_active boolean not null default true" in out
    for name in ("one", "two"):
        out = built.loader("branch", "delete", name, "--yes").out
        assert out.endswith(f"\nDeleted the branch '{name}'.\n")
    ended = built.loader("branch", "delete", "one", "--yes")
    assert (ended.code, "There is no branch 'one'" in ended.err) == (1, True)


@pytest.mark.long
def test_a_build_that_fails_deletes_its_branch(built: Project, neon: NeonServer) -> None:
    built.execute("alter table public.daily_reports drop column content cascade")
    ended = built.loader("branch", "build", "try", "--rm")
    assert ended.code == 1
    assert "The build on the branch 'try' failed. The database itself did not change." in ended.err
    assert list(neon.branches) == ["br-main"]


def test_an_unfinished_branch_is_deleted(built: Project, neon: NeonServer) -> None:
    neon.ends_as = ["failed"]
    ended = built.loader("branch", "build", "try", "--rm")
    assert (ended.code, "Neon's create_branch is 'failed'" in ended.err) == (1, True)
    assert list(neon.branches) == ["br-main"]
    neon.ends_as = ["failed", "failed"]  # its deletion fails as well
    ended = built.loader("branch", "create", "again")
    assert (ended.code, "branch delete --target prod again" in ended.err) == (1, True)


def test_protected_branches_stay(built: Project, neon: NeonServer) -> None:
    ended = built.loader("branch", "delete", "main", "--yes")
    assert (ended.code, "Cannot delete" in ended.err) == (1, True)
    neon.branches["br-safe"] = {"id": "br-safe", "name": "safe", "protected": True}
    assert "Cannot delete" in built.loader("branch", "delete", "safe", "--yes").err
    neon.branches["br-stage"] = {"id": "br-stage", "name": "stage", "default": False}
    built.patch.setenv("DATABASE_URL_STAGING", "postgresql://u:p@ep-stage-pooler.neon.tech/db")
    assert "the target 'staging' is on it" in built.loader("branch", "delete", "stage", "--yes").err
    built.patch.setenv("DATABASE_URL_STAGING", "")
    ended = built.loader("branch", "build", "stage", "--rm")
    assert "There is already a branch 'stage'" in ended.err
    assert set(neon.branches) == {"br-main", "br-safe", "br-stage"}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("NEON_API_KEY", "", "NEON_API_KEY not configured.\nMake one in Neon Console → Account"),
        ("NEON_PROJECT_ID", "", "NEON_PROJECT_ID not configured.\nCopy it from Neon Console"),
        ("NEON_API_KEY", "napi_wrongcanary", "Neon refuses NEON_API_KEY. Make one in"),
        ("NEON_PROJECT_ID", "another", "Neon answered 404: project not found"),
        ("NEON_API_URL", "http://example.com", "NEON_API_URL is malformed."),
    ],
)
def test_missing_and_refused_settings_are_reported(
    name: str, value: str, said: str, built: Project, neon: NeonServer
) -> None:
    built.patch.setenv(name, value)
    ended = built.loader("branch", "create", "one")
    assert ended.code == 1
    assert said in ended.err
    assert "canary" not in ended.err
    assert list(neon.branches) == ["br-main"]


def test_a_database_of_another_project(built: Project, neon: NeonServer) -> None:
    neon.host = "ep-elsewhere.neon.tech"
    ended = built.loader("branch", "create", "one")
    assert (ended.code, "is not a host of the Neon project" in ended.err) == (1, True)
