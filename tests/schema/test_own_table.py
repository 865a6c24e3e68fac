"""A table without a model: `projects`, the example of the integration guide."""

import re
from pathlib import Path

import pytest

from tests.support.checkout import Checkout, said
from tests.support.postgres import Postgres
from tests.support.project import ROOT, Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
ADD = "insert into public.projects (team_id, name, status) select id, name, 'on' from public.teams"


def documented(language: str) -> str:
    """Return the declaration in docs/schema.md."""
    section = (ROOT / "docs/schema.md").read_text().split("## A table that no model fills\n")[1]
    (found,) = re.findall(rf"```{language}\n(.*?)```", section.split("\n## ")[0], re.DOTALL)
    return str(found)


@pytest.mark.long
def test_projects_is_declared_migrated_built_and_filled_by_others(
    built: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    checkout = Checkout(tmp_path / "checkout", monkeypatch)
    marts = checkout.folder / "dbt_project/models/marts"
    (marts / "projects.sql").write_text(documented("sql"))
    with (marts / "_marts__models.yml").open("a") as file:
        file.write("\n" + documented("yaml"))
    written = said(built, "generate", "-m", "projects")
    assert "op.create_table('projects'" in written
    assert "idx_projects_team_id" in written
    said(built, "migrate")
    built.execute(ADD)
    for _ in range(2):
        ended = checkout.dbt(built, "build", "--select", "+projects")
        assert ended.code == 0, ended.out
    rows = "select count(*), count(id), count(created_at) from public.projects"
    assert built.query(rows) == [(4, 4, 4)]
    assert said(built, "diff").startswith("The final tables are as")
    said(built, "rollback", "--yes")
    assert built.query("select to_regclass('public.projects')") == [(None,)]

    server: Postgres = request.getfixturevalue("postgres")
    built.url = server.create_database("work")
    ended = checkout.dbt(built, "build", "--exclude-resource-type", "test", "unit_test")
    assert ended.code == 0, ended.out
    built.execute(ADD)
    assert said(built, "diff").startswith("The final tables are as")
    assert said(built, "migrate").startswith("There was nothing to apply.")
    assert built.loader("drop", "--yes-i-mean", "work").code == 0
    assert built.query("select to_regclass('public.projects')") == [(None,)]
