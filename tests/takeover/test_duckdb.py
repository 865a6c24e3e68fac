"""A takeover in a DuckDB file adopts tables, and reads no row."""

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)


@pytest.mark.parametrize("args", [(), ("--dry-run",), ("--yes",)])
def test_a_dry_adoption_creates_no_file(project: Project, args: tuple[str, ...]) -> None:
    ended = project.loader("schema", "adopt", *args)
    assert (ended.code, "Load first: python -m loader run" in ended.err) == (1, True), ended
    assert not (project.folder / "warehouse/warehouse.duckdb").exists()


def test_a_dry_run_adopts_nothing(project: Project) -> None:
    project.execute("create schema if not exists public")
    project.execute("create table public.teams (id uuid, name text)")
    ended = project.loader("schema", "adopt", "--dry-run")
    assert (ended.code, "Adopt public.teams (0 rows)" in ended.out) == (0, True), ended
    assert not project.query(
        "select 1 from information_schema.schemata where schema_name = 'bookkeeping'"
    )
    assert project.loader("schema", "adopt", "--yes").code == 0
    assert project.query(
        "select object_name from bookkeeping.objects where origin = 'adopted'"
    ) == [("teams",)]
