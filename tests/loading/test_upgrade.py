"""The next run repairs databases of earlier releases, and raw tables that lack a column."""

import gzip
import json
import subprocess
from collections import Counter
from datetime import datetime

import pytest

from tests.released import edits
from tests.support import small
from tests.support.finals import MOMENTS, snapshot
from tests.support.kills import LOCAL
from tests.support.loader_server import run_loader
from tests.support.postgres import Postgres
from tests.support.project import ROOT, Ended, Project
from tests.support.rows import Rows, leftovers
from tests.support.sweep import finals

RELEASED = ROOT / "tests/released"
MODES = pytest.mark.parametrize(
    "mode",
    [
        pytest.param((), id="plain"),
        pytest.param(LOCAL, id="engine-local", marks=pytest.mark.long),
    ],
)
either_engine = pytest.mark.either_engine
RELEASES = pytest.mark.parametrize(
    "release", ["released", pytest.param("earlier", marks=pytest.mark.long)]
)
DROPPED = {"daily_reports": "line_number", "files": "byte_size"}  # not null, nullable
FIRST_BY, UPGRADED_BY = "ana", "eva"
FINISHED = """
    select run_id, _dlt_load_id, max(loaded_at), {loaded_by}, count(distinct row_id)
    from raw.files
    where _dlt_load_id in (select load_id from raw._dlt_loads where status = 0)
    group by run_id, _dlt_load_id
    order by 3
"""


def run(project: Project, *args: str, by: str) -> Ended:
    command = project.run_args("--quiet", "--blob-store", "local", *args)
    return run_loader(project, *command, TRIGGERED_BY=by)


def restore(project: Project, release: str, request: pytest.FixtureRequest) -> None:
    """Replace the project's database by one of a release."""
    if not project.url:
        folder = project.folder / "warehouse"
        folder.mkdir()
        stored = (RELEASED / f"{release}.duckdb.gz").read_bytes()
        (folder / "warehouse.duckdb").write_bytes(gzip.decompress(stored))
        return
    server: Postgres = request.getfixturevalue("postgres")
    project.url = server.create_database("work")
    dump = gzip.decompress((RELEASED / f"{release}.sql.gz").read_bytes())
    psql = [server.program("psql"), "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", project.url]
    ended = subprocess.run(psql, input=dump, capture_output=True, check=False)
    assert ended.returncode == 0, ended.stderr


def finished(project: Project, release: str) -> list[tuple[str, str, datetime, str | None, int]]:
    """Return the finished loads of the restored database.

    Each has its run, load, time, user and number of readings.
    """
    loaded_by = {"released": "max(loaded_by)", "earlier": "null"}[release]
    return [(*row,) for row in project.query(FINISHED.format(loaded_by=loaded_by))]


def contents(project: Project) -> Rows:
    """Return the final rows to compare with a fresh load's.

    An unchanged day of an edited file keeps its original blob, so those are left out.
    """
    rows = finals(project)
    days = snapshot(project, MOMENTS | {"blob_key", "blob_url"})["daily_reports"]
    return rows | {"daily_reports": Counter(map(str, days))}


def load_and_build_fresh(twin: Project) -> None:
    ended = run(twin, by=FIRST_BY)
    assert ended.code == 0, ended
    twin.build()


@either_engine
@RELEASES
@MODES
def test_the_first_run_upgrades_a_database_of_an_earlier_release(
    project: Project,
    twin: Project,
    release: str,
    mode: tuple[str, ...],
    request: pytest.FixtureRequest,
) -> None:
    project.copy_example()
    edits.edit_all(project.workspace)
    restore(project, release, request)
    loads = finished(project, release)
    assert len(loads) == 4
    assert leftovers(project)

    ended = run(project, *mode, by=UPGRADED_BY)
    assert ended.code == 0, ended
    assert {} == leftovers(project)
    runs = project.query(
        "select run_id, load_id, loaded_at, loaded_by from raw.runs"
        " where finished_at is not null order by loaded_at"
    )
    assert [(*load[:4],) for load in loads] == runs[:-1]
    assert runs[-1][3] == UPGRADED_BY
    assert [(5,)] == project.query("select count(*) from raw.runs")

    ended = run_loader(project, "status", "--json")
    assert ended.code == 0, ended
    shown = json.loads(ended.out)["loads"][::-1]
    assert [load[2:] for load in loads] == [
        (datetime.fromisoformat(load["loaded_at"]), load["loaded_by"], load["files"])
        for load in shown[:-1]
    ]

    project.build()
    load_and_build_fresh(twin)
    assert contents(twin) == contents(project)


@pytest.mark.long
@either_engine
def test_a_build_before_the_first_run_loses_nothing(
    project: Project, twin: Project, request: pytest.FixtureRequest
) -> None:
    """A user may build first after an upgrade. Load 4 of the stored database is not applied yet."""
    project.copy_example()
    edits.edit_all(project.workspace)
    restore(project, "released", request)
    ended = run_loader(project, "status")
    assert (ended.code, "The next run adds it: python -m loader run" in ended.err) == (1, True)
    project.build()
    ended = run(project, by=UPGRADED_BY)
    assert ended.code == 0, ended
    project.build()
    load_and_build_fresh(twin)
    assert contents(twin) == contents(project)
    assert {} == leftovers(project)


@pytest.mark.long
@either_engine
@MODES
def test_a_run_brings_dropped_columns_back(
    project: Project, twin: Project, mode: tuple[str, ...]
) -> None:
    """Drop columns of raw tables by hand, without dlt's knowledge."""
    small.write(project.workspace)
    for each in (project, twin):
        assert run(each, by=FIRST_BY).code == 0
    project.build()
    cascade = "cascade" if project.url else ""  # drops dbt's views of it as well
    for table, column in DROPPED.items():
        project.execute(f"alter table raw.{table} drop column {column} {cascade}")
    small.edit(project.workspace)
    for _ in range(2):
        ended = run(project, *mode, by=FIRST_BY)
        assert ended.code == 0, ended
        assert run(twin, by=FIRST_BY).code == 0
    project.build()
    twin.build()
    assert finals(twin) == finals(project)
    assert {} == leftovers(project)
    for table, column in DROPPED.items():
        rows, known = project.query(f"select count(*), count({column}) from raw.{table}")[0]
        assert 0 < known < rows


@pytest.mark.long
@either_engine
def test_the_loader_and_dbt_agree_on_our_objects(
    project: Project, twin: Project, request: pytest.FixtureRequest
) -> None:
    for each in (project, twin):
        restore(each, "released", request)
    ended = run_loader(project, "schema", "adopt")
    assert (ended.code, "nothing to adopt" in ended.out) == (0, True), ended
    for each in (project, twin):
        each.build()
    listed = "select schema_name, object_name, origin from bookkeeping.objects order by 1, 2"
    assert project.query(listed) == twin.query(listed)
