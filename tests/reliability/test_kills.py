"""Cases 41 and 42: a kill at every operation of a run; a build beside the first run."""

import os
import signal
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.support.kills import LOCAL, Scene, damage, make_writable, new_scene, spread
from tests.support.postgres import Postgres
from tests.support.processes import has_stopped
from tests.support.project import Ended, Project
from tests.support.sweep import NewSweep, Sweep

BUILT_EVERY = 25
DAMAGES = ("truncated", "garbage", "read-only", "deleted")
BUILD = ("build", "--exclude-resource-type", "test", "unit_test")
STATEMENT = "dbt.adapters.sql.connections:SQLConnectionManager.add_query"
CLAIMS = [f"{number}:0:insert into bookkeeping.applied_loads" for number in (1, 4, 2, 3, 5, 6)]
LOCKED_OUT = 5  # seconds until the build continues, in case the run waits for it
# The tables whose rows a load brings, by the final table that applies them.
RAW = ("daily_reports", "meeting_transcripts", "jira_snapshots", "slack_captures")
MODES = pytest.mark.parametrize(
    "mode",
    [
        pytest.param((), id="plain"),
        pytest.param(LOCAL, id="engine-local", marks=pytest.mark.long),
    ],
)


ENGINES = pytest.mark.parametrize("engine", ["duckdb", "postgres"], indirect=True)


@pytest.fixture(scope="session")
def scenes(
    tmp_path_factory: pytest.TempPathFactory, dbt_dir: Path, request: pytest.FixtureRequest
) -> Callable[[str, str], Scene]:
    """Return a function that makes the scene before a first run, or a run on changed files."""
    made: dict[tuple[str, str], Scene] = {}

    def of(engine: str, moment: str) -> Scene:
        if (engine, moment) not in made:
            server = request.getfixturevalue("postgres") if engine == "postgres" else None
            folder = tmp_path_factory.mktemp(f"{engine}_{moment}")
            made[engine, moment] = new_scene(folder, dbt_dir, server, is_second=moment == "second")
        return made[engine, moment]

    return of


@pytest.mark.either_engine
@ENGINES
@MODES
@pytest.mark.parametrize("moment", ["first", pytest.param("second", marks=pytest.mark.long)])
def test_41_a_kill_at_any_operation_of_a_run_blocks_nothing(
    scenes: Callable[[str, str], Scene],
    engine: str,
    mode: tuple[str, ...],
    moment: str,
    sweep: NewSweep,
) -> None:
    """The next plain run exits 0 and is exact. Every other time it is the same command again."""
    scene = scenes(engine, moment)
    names = scene.operations(*mode)
    total = len(names)
    driver = {"duckdb": "duckdb DuckDBPyConnection.", "postgres": "psycopg Cursor."}[engine]
    for kind in ("open ", "close ", "fcntl.flock ", "os.", driver):
        assert any(name.startswith(kind) for name in names), kind
    case = f"41 kill -9 at each operation, {moment} run {' '.join(mode)}, {engine}"
    kills = sweep(case, {}, 3, total)
    numbers = spread(total, kills.most)
    for index, number in zip(kills.each(), numbers, strict=True):
        name = scene.kill(number, *mode)
        ended = scene.run(*(mode if index % 2 else ()))
        is_built = number == total or index % BUILT_EVERY == BUILT_EVERY - 1
        scene.verify(kills, ended, f"{number} of {total}, {name}", is_built=is_built)


@pytest.mark.long
@ENGINES
def test_41_a_kill_of_the_processes_of_a_pool_blocks_nothing(
    scenes: Callable[[str, str], Scene], engine: str, sweep: NewSweep
) -> None:
    scene = scenes(engine, "second")
    kills = sweep(f"41 kill -9 of the pool's processes, {engine}", {}, 3, 40)
    codes = []
    for index in kills.each():
        scene.restore()
        codes.append(scene.run(*LOCAL, KILL_CHILD_AT=str(index * 3 + 1)).code)
        assert codes[-1] in {0, 1}
        scene.verify(kills, scene.run(), f"operation {index * 3 + 1}", is_built=False)
    assert 1 in codes


@pytest.mark.long
@ENGINES
@MODES
@pytest.mark.parametrize("how", DAMAGES)
def test_41_a_damaged_working_folder_blocks_nothing(  # noqa: PLR0913, PLR0917 - fixtures
    scenes: Callable[[str, str], Scene],
    engine: str,
    mode: tuple[str, ...],
    how: str,
    sweep: NewSweep,
    request: pytest.FixtureRequest,
) -> None:
    """After a kill, damage everything below WAREHOUSE_DIR except DuckDB's files and the blobs."""
    scene = scenes(engine, "second")
    total = len(scene.operations(*mode))
    case = f"41 working folder {how}, {' '.join(mode) or 'plain'}, {engine}"
    kills = sweep(case, {}, 1, 15)
    # At the first operations there is nothing to damage yet.
    numbers = spread(total, kills.most + 2)[1:-1]
    obey = {"OBEY_MODES": "1"} if how == "read-only" else {}
    if obey and engine == "postgres":  # its socket belongs to another user
        server: Postgres = request.getfixturevalue("postgres")
        Path(server.socket_dir).chmod(0o755)
        Path(server.socket_dir, ".s.PGSQL.5432").chmod(0o777)
    for index, number in zip(kills.each(), numbers, strict=True):
        name = scene.kill(number, *mode)
        damage(scene.project, how)
        ended = scene.run(*(mode if index % 2 else ()), **obey)
        scene.verify(kills, ended, f"{number} of {total}, {name}", is_built=False)
        make_writable(scene.project.folder / "warehouse")


def applied_without_rows(project: Project) -> list[str]:
    """Return the final tables that have marked a load as applied but lack its rows."""
    found = []
    with project.warehouse(is_read_only=True) as warehouse:
        if "applied_loads" not in warehouse.tables("bookkeeping"):
            return []
        there = warehouse.tables("raw") & warehouse.tables("public") & set(RAW)
        for table in sorted(there):
            marked = warehouse.fetch(
                "select load_id from bookkeeping.applied_loads where applied_at is not null"
                f" and model = '{table}' and load_id in (select _dlt_load_id from raw.{table})"
            )
            if marked and not warehouse.count("public", table):
                found.append(table)
    return found


def note_marks(sweep: Sweep, project: Project, what: str) -> None:
    """Count a load that is marked as applied without its rows as lost."""
    without = applied_without_rows(project)
    sweep.lost += bool(without)
    sweep.differences += [f"{what}: {table} marks a load without rows" for table in without]


def says_who_has_the_file(ended: Ended) -> bool:
    """Return whether a command that found the DuckDB file in use reports it in one line."""
    said = ended.out + ended.err
    lines = [line for line in said.splitlines() if "PID" in line or "pid " in line]
    return "Traceback" not in said and len(lines) == 1


@pytest.mark.long
@pytest.mark.either_engine
@ENGINES
def test_42_a_build_during_the_first_run(
    scenes: Callable[[str, str], Scene], engine: str, sweep: NewSweep
) -> None:
    """Start them with a varying delay, so that they meet at all points of both."""
    scene = scenes(engine, "first")
    project = scene.project
    run_seconds, build_seconds = scene.seconds
    starts = sweep(f"42 dbt build beside the first run, {engine}", {}, 2, 100)
    with ThreadPoolExecutor(1) as other:
        for index in starts.each():
            scene.restore()
            # The head start of the build.
            ahead = (run_seconds + build_seconds) * (index + 0.5) / starts.most - run_seconds
            what = f"the build starts {ahead:+.2f} s before the run"
            first: Future[Ended]
            if ahead > 0:
                first = other.submit(project.dbt, *BUILD)
                time.sleep(ahead)
                second = scene.run()
            else:
                first = other.submit(scene.run)
                time.sleep(-ahead)
                second = project.dbt(*BUILD)
            for ended in (first.result(), second):
                if ended.code and (project.url or not says_who_has_the_file(ended)):
                    starts.stuck += 1
                    said = f"{ended.out} {ended.err}"
                    starts.differences.append(f"{what}: exit {ended.code}: {said[-500:]}")
            note_marks(starts, project, what)
            scene.verify(starts, scene.run(), what, is_built=True)


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_42_a_run_that_finds_the_duckdb_file_in_use_names_the_process_and_a_build_waits(
    scenes: Callable[[str, str], Scene], engine: str
) -> None:
    scene = scenes(engine, "first")
    scene.restore()
    with scene.project.warehouse() as warehouse, ThreadPoolExecutor(1) as other:
        warehouse.execute("select 1")  # this process now uses the file
        ended = scene.run()
        assert (ended.code != 0, f"{os.getpid()}" in ended.err) == (True, True), ended
        assert says_who_has_the_file(ended), ended
        build = other.submit(scene.project.dbt, *BUILD)
        with pytest.raises(TimeoutError):
            build.result(5)
        warehouse.__exit__()
        assert build.result().code == 0


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_42_a_build_that_stops_while_the_first_run_loads(
    scenes: Callable[[str, str], Scene], engine: str, sweep: NewSweep
) -> None:
    """The build stops before a statement. The whole run happens then, unless a lock blocks it.

    The first tries stop it before a model claims its loads.
    """
    scene = scenes(engine, "first")
    project = scene.project
    stops = sweep("42 the first run while dbt build is stopped, postgres", {}, 1, 60)
    with ThreadPoolExecutor(1) as other:
        for index in stops.each():
            scene.restore()
            fault = (
                f"{STATEMENT}:{CLAIMS[index]}" if index < len(CLAIMS) else f"{STATEMENT}:{index}:0"
            )
            build = project.start("dbt", *BUILD, FAULT=fault, FAULT_SIGNAL="SIGSTOP")
            is_stopped = has_stopped(build)
            run = other.submit(scene.run)
            wait([run], timeout=LOCKED_OUT if is_stopped else None)
            build.send_signal(signal.SIGCONT)
            out, err = build.communicate()
            what = f"stopped at {fault.removeprefix(STATEMENT)}"
            for ended in (Ended(build.returncode, out, err), run.result()):
                if ended.code:
                    stops.stuck += 1
                    said = f"{ended.out} {ended.err}"
                    stops.differences.append(f"{what}: exit {ended.code}: {said[-500:]}")
            note_marks(stops, project, what)
            scene.verify(stops, scene.run(), what, is_built=True)
