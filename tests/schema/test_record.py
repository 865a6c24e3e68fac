"""A build writes the record of migrations, which determines the pending ones."""

from pathlib import Path

import psycopg
import pytest

from tests.support.checkout import MARTS, RUN, TEAM_NAME, Checkout, add_is_active, said
from tests.support.postgres import Postgres
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
RECORD = "select version_num from bookkeeping.alembic_version"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Checkout:
    return Checkout(tmp_path / "checkout", monkeypatch)


@pytest.mark.long
def test_a_change_from_its_generation_to_a_fresh_database(
    built: Project, checkout: Checkout, request: pytest.FixtureRequest
) -> None:
    before = len(list(checkout.versions.glob("*.py")))
    number = f"{before + 1:04}"
    add_is_active(checkout)
    assert number in said(built, "generate", "-m", "teams can be inactive")
    refused = checkout.dbt(built, *RUN)
    assert refused.code != 0
    assert f"The database lacks the migration {number}. Nothing was built." in refused.out
    assert "Then: python -m loader schema migrate --target prod" in refused.out
    assert f"Applied {number}." in said(built, "migrate")
    assert built.query(RECORD) == [(number,)]
    ended = checkout.dbt(built, *RUN)
    assert ended.code == 0, ended.out
    assert built.query("select distinct is_active from public.teams") == [(True,)]

    server: Postgres = request.getfixturevalue("postgres")
    built.url = server.create_database("work")
    ended = checkout.dbt(built, "build", "--exclude-resource-type", "test", "unit_test")
    assert ended.code == 0, ended.out
    assert built.query(RECORD) == [(number,)]
    assert said(built, "migrate").startswith("There was nothing to apply.")
    assert f"│ {number}      │ current │" in said(built, "history")
    assert said(built, "diff").startswith("The final tables are as")


@pytest.mark.long
def test_statements_run_as_they_are_printed(
    built: Project, checkout: Checkout, tmp_path: Path
) -> None:
    """From before the first migration, from between two, and in another schema."""
    assert built.url
    add_is_active(checkout)
    said(built, "generate", "-m", "teams can be inactive")
    for column in ("slug", "motto"):
        text = f"      - name: {column}\n        description: x.\n        data_type: text\n"
        if column == "motto":
            with psycopg.connect(built.url) as connection:
                connection.execute(said(built, "migrate", "--sql").encode())
        else:
            said(built, "migrate")
        checkout.change(MARTS, TEAM_NAME, text + TEAM_NAME)
        said(built, "generate", "-m", column)
    statements = said(built, "migrate", "--sql")
    assert "slug" not in statements
    assert statements.count("begin;") == statements.count("commit;") == 1
    (tmp_path / "migrate.sql").write_text(statements)
    with psycopg.connect(built.url) as connection:
        connection.execute(statements.encode())
    assert said(built, "diff").startswith("The final tables are as")
    assert not said(built, "migrate", "--sql")
    assert said(built, "history").count("applied") == len(list(checkout.versions.glob("*.py"))) - 1
