"""Runs in parts, as the tests make and compare them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from uuid import UUID

from loader import rows
from loader.engines import Engine, Here
from loader.parts.run import Manner
from loader.pipeline import run_in_parts
from loader.run import Order, Progress, Result
from loader.settings import Settings, load_settings
from loader.teams import load_teams
from loader.workspace import open_workspace
from tests.project import Project

_OF_RUN = {"run_id", "loaded_at", "started_at", "_dlt_load_id", "blob_url"}


def settings_of(project: Project) -> Settings:
    for name, value in project.environ.items():
        project.patch.setenv(name, value)
    return load_settings(project.target)


def order_of(project: Project, workspace: str | None = None, **options: Any) -> Order:  # noqa: ANN401
    by = settings_of(project).triggered_by
    place = open_workspace(workspace or project.workspace)
    return Order(place, load_teams(), triggered_by=by, **options)


def load_in_parts(
    project: Project,
    engine: Engine | None = None,
    *,
    part_files: int = 3,
    progress: Progress | None = None,
    workspace: str | None = None,
    **options: Any,  # noqa: ANN401
) -> Result:
    settings = settings_of(project)
    manner = Manner(None if project.store else settings.blob_dir, part_files)
    order = order_of(project, workspace, **options)
    return run_in_parts(settings, order, manner, engine or Here(), progress)


def raw(project: Project, *ignored: str) -> dict[str, list[str]]:
    """The rows of all raw tables, sorted, but for what each run has of its own."""
    found = {}
    for table in rows.TABLES.values():
        names = [name for name in table.schema.names if name not in {*_OF_RUN, *ignored}]
        query = f"select {', '.join(names)} from raw.{table.name}"
        found[table.name] = sorted(map(str, project.query(query)))
    return found


def ledger(project: Project) -> list[tuple[Any, ...]]:
    return project.query("select part_id, row_count from raw._committed_parts order by 1")


@contextmanager
def run_ids(first: int) -> Iterator[None]:
    ids = [UUID(int=number) for number in range(first, first + 10)]
    with mock.patch("loader.pipeline.uuid4", side_effect=ids):
        yield
