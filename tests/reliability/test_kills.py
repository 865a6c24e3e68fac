"""Cases 41 and 42: a kill at every operation of a run; a build beside the first run."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from _pytest.mark import ParameterSet

from tests.conftest import Postgres
from tests.project import Ended, Project
from tests.reliability.conftest import NewSweep
from tests.reliability.kills import LOCAL, Scene, damage, new_scene, spread
from tests.support import small
from tests.support.loader_server import run_loader

COARSE = 6
BUILT_EVERY = 25
DAMAGES = ("truncated", "garbage", "read-only", "deleted")
BUILD = ("build", "--exclude-resource-type", "test", "unit_test")
# The tables whose rows a load brings, by the final table that takes them in.
RAW = ("daily_reports", "meeting_transcripts", "jira_snapshots", "slack_captures")
MODES = pytest.mark.parametrize("mode", [(), LOCAL], ids=["plain", "engine-local"])


def grouped(*engines: str) -> list[ParameterSet]:
    """Engines whose tests share a process, and so their scenes."""
    return [
        pytest.param(engine, marks=pytest.mark.xdist_group(f"kills-{engine}")) for engine in engines
    ]


ENGINES = pytest.mark.parametrize("engine", grouped("duckdb", "postgres"), indirect=True)


@pytest.fixture(scope="session")
def scenes(
    tmp_path_factory: pytest.TempPathFactory, dbt_dir: object, request: pytest.FixtureRequest
) -> Callable[[str, str], Scene]:
    """Gives the scene before a first run, or before a run on changed files."""
    made: dict[tuple[str, str], Scene] = {}

    def of(engine: str, moment: str) -> Scene:
        if (engine, moment) not in made:
            server = request.getfixturevalue("postgres") if engine == "postgres" else None
            folder = tmp_path_factory.mktemp(f"{engine}_{moment}")
            made[engine, moment] = new_scene(
                folder, request.getfixturevalue("dbt_dir"), server, is_second=moment == "second"
            )
        return made[engine, moment]

    return of


@ENGINES
@MODES
@pytest.mark.parametrize("moment", ["first", "second"])
def test_41_a_kill_at_any_operation_of_a_run_blocks_nothing(
    scenes: Callable[[str, str], Scene],
    engine: str,
    mode: tuple[str, ...],
    moment: str,
    sweep: NewSweep,
) -> None:
    """The next plain run exits 0 and is exact; every other time it is the same command again."""
    scene = scenes(engine, moment)
    names = scene.operations(*mode)
    total = len(names)
    driver = {"duckdb": "duckdb DuckDBPyConnection.", "postgres": "psycopg Cursor."}[engine]
    for kind in ("open ", "close ", "fcntl.flock ", "os.", driver):
        assert any(name.startswith(kind) for name in names), kind
    case = f"41 kill -9 at each operation, {moment} run {' '.join(mode)}, {engine}"
    kills = sweep(case, scene.clean, COARSE, total)
    numbers = spread(total, kills.most)
    for index, number in zip(kills.each(), numbers, strict=True):
        name = scene.kill(number, *mode)
        ended = scene.run(*(mode if index % 2 else ()))
        is_built = number == total or index % BUILT_EVERY == BUILT_EVERY - 1
        scene.verify(kills, ended, f"{number} of {total}, {name}", is_built=is_built)


@ENGINES
def test_41_a_kill_of_the_processes_of_a_pool_blocks_nothing(
    scenes: Callable[[str, str], Scene], engine: str, sweep: NewSweep
) -> None:
    scene = scenes(engine, "second")
    kills = sweep(f"41 kill -9 of the pool's processes, {engine}", scene.clean, 3, 40)
    codes = []
    for index in kills.each():
        scene.restore()
        codes.append(scene.run(*LOCAL, KILL_CHILD_AT=str(index * 3 + 1)).code)
        assert codes[-1] in {0, 1}
        scene.verify(kills, scene.run(), f"operation {index * 3 + 1}", is_built=False)
    assert 1 in codes


@ENGINES
@MODES
@pytest.mark.parametrize("how", DAMAGES)
def test_41_a_damaged_working_folder_blocks_nothing(
    scenes: Callable[[str, str], Scene],
    engine: str,
    mode: tuple[str, ...],
    how: str,
    sweep: NewSweep,
) -> None:
    """After a kill, what is below WAREHOUSE_DIR except DuckDB's files and the blobs is damaged."""
    scene = scenes(engine, "second")
    total = len(scene.operations(*mode))
    case = f"41 working folder {how}, {' '.join(mode) or 'plain'}, {engine}"
    kills = sweep(case, scene.clean, 1, 15)
    # At the first operations there is nothing to damage yet.
    numbers = spread(total, kills.most + 2)[1:-1]
    obey = {"OBEY_MODES": "1"} if how == "read-only" else {}
    for index, number in zip(kills.each(), numbers, strict=True):
        name = scene.kill(number, *mode)
        damage(scene.project, how)
        ended = scene.run(*(mode if index % 2 else ()), **obey)
        scene.verify(kills, ended, f"{number} of {total}, {name}", is_built=False)


def applied_without_rows(project: Project) -> list[str]:
    """Return the final tables that have marked a load as applied and lack its rows."""
    found = []
    schemas = {schema for (schema,) in project.query("select nspname from pg_namespace")}
    if not {"bookkeeping", "raw"} <= schemas:
        return []
    for table in RAW:
        marked = project.query(
            f"select load_id from bookkeeping.applied_loads where model = '{table}'"
            f" and applied_at is not null and load_id in (select _dlt_load_id from raw.{table})"
        )
        if marked and project.query(f"select count(*) from public.{table}") == [(0,)]:
            found.append(table)
    return found


def says_who_has_the_file(ended: Ended) -> bool:
    """Whether a command that found the DuckDB file in use says so, in one line."""
    said = ended.out + ended.err
    lines = [line for line in said.splitlines() if "PID" in line or "pid " in line]
    return "Traceback" not in said and len(lines) == 1


@ENGINES
def test_42_a_build_beside_the_first_run(
    project: Project, engine: str, sweep: NewSweep, request: pytest.FixtureRequest
) -> None:
    """Started one after the other, so that they meet at different moments."""
    small.write(project.workspace)
    args = project.run_args("--quiet", "--blob-store", "local")

    def timed(act: Callable[[], Ended | None]) -> float:
        began = time.monotonic()
        act()
        return time.monotonic() - began

    run_loader(project, *args)
    project.build()
    begin_empty(project, request)
    seconds = timed(lambda: run_loader(project, *args)), timed(project.build)
    starts = sweep(f"42 dbt build beside the first run, {engine}", project, 3, 100)
    with ThreadPoolExecutor(1) as other:
        for index in starts.each():
            begin_empty(project, request)
            late = -seconds[0] + sum(seconds) * (index + 0.5) / starts.most
            if late > 0:  # the build begins
                build = other.submit(project.dbt, *BUILD)
                time.sleep(late)
                ended = run_loader(project, *args)
            else:
                run = other.submit(run_loader, project, *args)
                time.sleep(-late)
                built = project.dbt(*BUILD)
            both = (ended, build.result()) if late > 0 else (run.result(), built)
            what = f"the build {late:+.2f} s before the run"
            for command in both:
                if command.code != 0 and (project.url or not says_who_has_the_file(command)):
                    starts.stuck += 1
                    said = f"{command.out} {command.err}"
                    starts.differences.append(f"{what}: {command.code}: {said[-500:]}")
            without = applied_without_rows(project)
            starts.differences += [f"{what}: {name} is marked without rows" for name in without]
            assert run_loader(project, *args).code == 0
            project.build()
            starts.compare(project)
            starts.lost += bool(without)


def begin_empty(project: Project, request: pytest.FixtureRequest) -> None:
    """Begin with an empty database and no folder."""
    import shutil

    shutil.rmtree(project.folder / "warehouse", ignore_errors=True)
    if project.url:
        server: Postgres = request.getfixturevalue("postgres")
        project.url = server.create_database("work")
