"""Start and compare runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from uuid import UUID

from loader import tables
from loader.blobs.opening import open_store
from loader.extract.executors import Executor, InProcess
from loader.extract.extraction import Extraction
from loader.extract.options import Progress, RunOptions, RunResult
from loader.loading.run import run
from loader.settings import Settings, load_settings
from loader.workspace import open_workspace
from loader.workspace.teams import load_teams
from tests.support.project import Project

_OF_RUN = {"run_id", "loaded_at", "started_at", "_dlt_load_id", "blob_url"}


class Killed(BaseException):
    """Simulates the end of the process."""


class KeepsParts(InProcess):
    """An executor in this process that keeps parts, as executors of other processes do."""

    keeps_parts = True


def settings_of(project: Project) -> Settings:
    for name, value in project.environ.items():
        project.patch.setenv(name, value)
    return load_settings(project.target)


def options_of(project: Project, workspace: str | None = None, **options: Any) -> RunOptions:  # noqa: ANN401
    by = settings_of(project).triggered_by
    place = open_workspace(workspace or project.workspace)
    return RunOptions(place, load_teams(), triggered_by=by, **options)


def load(
    project: Project,
    executor: Executor | None = None,
    *,
    part_files: int = 3,
    progress: Progress | None = None,
    workspace: str | None = None,
    **options: Any,  # noqa: ANN401
) -> RunResult:
    """Return a run whose tasks open the blob store themselves."""
    settings = settings_of(project)
    store = open_store(settings.blob_store).url
    extraction = Extraction(executor or KeepsParts(), None, store, part_files)
    return run(settings, options_of(project, workspace, **options), extraction, progress)


def raw(project: Project, *ignored: str) -> dict[str, list[str]]:
    """Return the rows of all raw tables, sorted, without columns that differ between runs."""
    found = {}
    for table in tables.TABLES.values():
        hidden = {*_OF_RUN, *ignored} - ({"started_at"} if table is not tables.FILES else set())
        names = [name for name in table.schema.names if name not in hidden]
        query = f"select {', '.join(names)} from raw.{table.name}"
        found[table.name] = sorted(map(str, project.query(query)))
    return found


@contextmanager
def run_ids(first: int) -> Iterator[None]:
    """Give runs known ids, so that their rows have equal ids, too."""
    ids = [UUID(int=number) for number in range(first * 100, first * 100 + 100)]
    with mock.patch("loader.loading.run.uuid4", side_effect=ids):
        yield
