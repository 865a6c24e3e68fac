"""A development build before the migration leaves nothing that commands cannot fix."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.checkout import IS_ACTIVE, MARTS, RUN, TEAM_NAME, Checkout, add_is_active, said
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
TEAMS_SQL = "dbt_project/models/marts/teams.sql"
SELECTED = "seed_teams.name,\n            seed_teams.description"
TEAM_DESCRIPTION = """      - name: description
        description: Description of the team.
        data_type: text
"""


class Development(Project):
    target = "dev"


@pytest.fixture
def project(built: Project) -> Project:
    built.execute("update bookkeeping.environment set name = 'dev'")
    return Development(built.folder, built.dbt_dir, built.patch, built.url, built.store)


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path / "checkout", monkeypatch)


def rename(checkout: Checkout) -> None:
    purpose = TEAM_DESCRIPTION.replace("name: description", "name: purpose")
    purpose += "        config: {meta: {renamed_from: description}}\n"
    checkout.change(MARTS, TEAM_DESCRIPTION, purpose)
    compared = "unique_key: [organization_id, name]\n      meta:\n        compared_columns: "
    checkout.change(MARTS, f"{compared}[description]", f"{compared}[purpose]")
    checkout.change(TEAMS_SQL, "seed_teams.description", "seed_teams.description as purpose")


def add_foreign_key(checkout: Checkout) -> None:
    column = """      - name: parent_id
        description: The organization above it.
        data_type: uuid
        constraints: [{type: foreign_key, to: ref('organizations'), to_columns: [id]}]
"""
    checkout.change(MARTS, TEAM_NAME, column + TEAM_NAME)
    checkout.change(TEAMS_SQL, SELECTED, f"organizations.id as parent_id,\n            {SELECTED}")


def not_null(checkout: Checkout) -> None:
    stricter = TEAM_DESCRIPTION + "        constraints: [{type: not_null}]\n"
    checkout.change(MARTS, TEAM_DESCRIPTION, stricter)
    filled = "coalesce(seed_teams.description, seed_teams.name) as description"
    checkout.change(TEAMS_SQL, "seed_teams.description", filled)


def plain(checkout: Checkout) -> None:
    column = IS_ACTIVE[: IS_ACTIVE.index("        constraints")]
    checkout.change(MARTS, TEAM_NAME, column + TEAM_NAME)
    checkout.change(TEAMS_SQL, SELECTED, f"true as is_active,\n            {SELECTED}")


LACKS = "teams is not as its contract says: it lacks {}. Nothing was built into it."
CHANGES = pytest.mark.parametrize(
    ("change", "refusal", "changed"),
    [
        pytest.param(
            add_is_active,
            LACKS.format("is_active"),
            "teams.is_active: the column is missing",
            marks=pytest.mark.long,
        ),
        (rename, LACKS.format("purpose"), "teams.description: the contract has it as purpose"),
        pytest.param(
            add_foreign_key,
            LACKS.format("parent_id"),
            "teams.parent_id: the column is missing",
            marks=pytest.mark.long,
        ),
        pytest.param(
            not_null,
            None,
            "teams.description: it is null, unlike in the contract",
            marks=pytest.mark.long,
        ),
        pytest.param(plain, None, None, marks=pytest.mark.long),
    ],
)


def build(project: Project, checkout: Checkout, refusal: str | None) -> None:
    ended = checkout.dbt(project, *RUN)
    assert (ended.code != 0) == bool(refusal), ended.out
    if refusal:
        assert refusal in ended.out
        assert "Then: python -m loader schema push --target dev" in ended.out


@CHANGES
def test_a_build_then_the_migration(
    change: Callable[[Checkout], None],
    refusal: str | None,
    changed: str | None,
    project: Project,
    checkout: Checkout,
) -> None:
    del changed
    project.execute("update public.teams set description = name where description is null")
    change(checkout)
    said(project, "generate", "-m", "a change")
    build(project, checkout, refusal)
    assert said(project, "migrate").startswith("Applied ")
    assert said(project, "diff").startswith("The final tables are as")
    build(project, checkout, None)


@pytest.mark.long
@CHANGES
def test_a_build_then_a_push_then_the_migration(
    change: Callable[[Checkout], None],
    refusal: str | None,
    changed: str | None,
    project: Project,
    checkout: Checkout,
) -> None:
    project.execute("update public.teams set description = name where description is null")
    change(checkout)
    said(project, "generate", "-m", "a change")
    (migration,) = checkout.versions.glob("*_a_change.py")
    text = migration.read_text()
    migration.unlink()
    build(project, checkout, refusal)
    what = f"Changed: {changed}" if changed else "There was nothing to change."
    assert said(project, "push").startswith(what)
    assert said(project, "diff").startswith("The final tables are as")
    assert said(project, "push").startswith("There was nothing to change.")
    build(project, checkout, None)
    migration.write_text(text)
    assert said(project, "migrate").startswith("Applied ")
    assert said(project, "diff").startswith("The final tables are as")
    assert "current" in said(project, "history")


@pytest.mark.long
def test_a_removed_column_that_rows_need(project: Project, checkout: Checkout) -> None:
    project.execute("alter table public.teams add column slug text")
    project.execute("update public.teams set slug = name")
    project.execute("alter table public.teams alter slug set not null")
    needs = "teams is not as its contract says: the contract has no slug, which is not null."
    build(project, checkout, needs)
    pushed = said(project, "push")
    assert "- teams.slug: the column; 4 rows have a value in it. To do it: --allow-drop" in pushed
    build(project, checkout, None)
    refused = project.loader("schema", "push", "--allow-drop", "teams.slug")
    assert refused.code == 1
    assert "- teams.slug: the column; 4 rows have a value in it" in refused.err
    said(project, "push", "--allow-drop", "teams.slug", "--yes")
    assert "slug" not in project.loader("schema", "diff").out


def test_a_push_is_for_development(built: Project) -> None:
    refused = built.loader("schema", "push")
    assert refused.code == 1
    assert "Only dev can be pushed to. Write a migration for 'prod'" in refused.err
