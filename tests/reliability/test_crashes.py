"""Cases 1 to 12: crashes and concurrency. A kill is a real SIGKILL of the real process."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import product
from pathlib import Path

import psycopg
import pytest
from _pytest.mark import ParameterSet

from loader.database import connect
from tests.support.linux import linux_only
from tests.support.listener import listening
from tests.support.postgres import Postgres
from tests.support.processes import end, has_stopped
from tests.support.project import Project
from tests.support.sweep import NewSweep, Sweep, finals

KILLED = -signal.SIGKILL
AIMS = {
    "after a job's commit": "dlt.common.storages.load_package:PackageStorage.complete_job:{}:0",
    "after the load's record": (
        "dlt.common.storages.load_storage:LoadStorage.complete_load_package:1:0"
    ),
    "between upload and load": "loader.loading.runs:begin:1:0",
}
_, *OTHER_AIMS = product(("duckdb", "postgres"), AIMS)
Copy = Callable[[str], Project]
JOBS = 7  # of the example's load: one per raw table
postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)
duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)


def chaos(*values: str) -> ParameterSet:
    """Return parameters that only `make chaos` tries."""
    return pytest.param(*values, marks=pytest.mark.chaos)


def recover(project: Project, sweep: Sweep) -> None:
    """Run and build once more, and return the result."""
    sweep.stuck += project.loader(*project.run_args()).code != 0
    project.build()
    sweep.compare(project)
    if project.store:
        sweep.doubled += project.store.count("put") != len(project.store.files)


def sizes(project: Project) -> dict[str, int]:
    return {table: sum(rows.values()) for table, rows in finals(project).items()}


@pytest.mark.long
@pytest.mark.parametrize("engine", [chaos("duckdb"), "postgres"], indirect=True)
def test_01_kill_9_at_any_moment_of_a_run(built: Project, engine: str, sweep: NewSweep) -> None:
    kills = sweep(f"1 kill -9 of loader run at any moment, {engine}", built, 1, 100)
    began = time.monotonic()
    assert end(built.start("loader", *built.run_args("--full")))[0] == 0
    seconds = time.monotonic() - began
    for _ in kills.each():
        built.start_over()
        process = built.start("loader", *built.run_args())
        time.sleep(kills.random.uniform(0, seconds))
        process.kill()
        end(process)
        recover(built, kills)


@pytest.mark.long
@pytest.mark.parametrize(
    ("engine", "aim"),
    [("duckdb", "after a job's commit"), *(chaos(*rest) for rest in OTHER_AIMS)],
    indirect=["engine"],
)
def test_02_kill_9_at_critical_points(
    built: Project, engine: str, aim: str, sweep: NewSweep
) -> None:
    """Every other time the run moves to another machine (case 4)."""
    kills = sweep(f"2 kill -9 {aim}, {engine}", built, 1, 25)
    for number in kills.each():
        built.start_over()
        fault = AIMS[aim].format(kills.random.randint(1, JOBS))
        assert end(built.start("loader", *built.run_args(), FAULT=fault))[0] == KILLED
        if number % 2:
            shutil.rmtree(built.folder / "warehouse/dlt")
        recover(built, kills)


def finished(project: Project) -> list[tuple[bool, bool]]:
    """Return for each run whether it is finished, and whether it recorded its load."""
    return project.query(
        "select finished_at is not null, file_count is not null from raw.runs order by loaded_at"
    )


@pytest.mark.long
@pytest.mark.either_engine
def test_02_a_run_that_was_killed_before_its_last_statement_never_counts(built: Project) -> None:
    """dlt has recorded its load at that time. Two runs later, it still does not count."""
    clean = finals(built)
    built.start_over()
    fault = "loader.loading.runs:finish:1:0"
    assert end(built.start("loader", *built.run_args(), FAULT=fault))[0] == KILLED
    assert [(False, True)] == finished(built)
    for runs in (1, 2, 3):
        built.load()
        assert [(True, True)] * runs == finished(built)
    built.build()
    assert clean == finals(built)


@pytest.mark.long
@postgres_only
def test_06_a_run_that_has_lost_its_lock_leaves_nothing(built: Project) -> None:
    """It sleeps while another run takes over, then continues."""
    clean = finals(built)
    built.start_over()
    fault = "loader.loading.pipeline:Pipeline.load:1:0"
    sleeper = built.start("loader", *built.run_args(), FAULT=fault, FAULT_SIGNAL="SIGSTOP")
    assert has_stopped(sleeper)
    built.query(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )
    elsewhere = {"WAREHOUSE_DIR": str(built.folder / "elsewhere")}
    assert end(built.start("loader", *built.run_args(), **elsewhere))[0] == 0
    sleeper.send_signal(signal.SIGCONT)
    code, _, err = end(sleeper)
    assert (code, "Traceback" in err) == (1, False), err
    rows = built.query("select count(*), count(distinct run_id) from raw.files")
    assert [(52, 1)] == rows
    built.load()
    assert [(True, True)] * 2 == finished(built)
    built.build()
    assert clean == finals(built)


@pytest.mark.long
@pytest.mark.parametrize("engine", [chaos("duckdb"), "postgres"], indirect=True)
def test_03_kill_9_of_a_build(
    copy_built: Copy, engine: str, tmp_path: Path, sweep: NewSweep
) -> None:
    """Each table is old or new, never partial. Every other kill is in the upsert statement."""

    def with_a_new_week() -> Project:
        shutil.rmtree(tmp_path / engine, ignore_errors=True)
        project = copy_built(engine)
        for number in range(500):
            project.write(f"transcripts/markdown-output/rocks/2025-11-03 {number}.md", "# new\n")
        project.load("--team", "rocks")
        return project

    project = with_a_new_week()
    first = sizes(project)
    project.build()
    last = sizes(project)
    kills = sweep(f"3 kill -9 of dbt build, {engine}", project, 1, 25)
    for number in kills.each():
        project = with_a_new_week()
        fault = "dbt.adapters.sql.connections:SQLConnectionManager.add_query:"
        if number % 2:
            fault += f"{kills.random.randint(1, 120)}:0"
        else:
            fault += f"{kills.random.randint(1, 8)}:{kills.random.uniform(0, 0.01)}:on conflict"
        ended = end(project.start("dbt", "--quiet", "run", FAULT=fault))
        assert ended[0] == KILLED, ended
        for table, size in sizes(project).items():
            assert size in {first[table], last[table]}, table
        project.build()
        kills.compare(project)


@pytest.mark.long
@duckdb_only
def test_04_the_working_folder_is_lost(built: Project) -> None:
    """A copy of the built project has none. For a run that was killed before, see case 2."""
    clean = finals(built)
    assert not (built.folder / "warehouse/dlt").exists()
    built.load_and_build()
    assert clean == finals(built)


@pytest.mark.long
@pytest.mark.either_engine
def test_05_a_raw_table_is_dropped_by_hand(built: Project) -> None:
    clean = finals(built)
    built.execute("drop table raw.meeting_transcripts")
    ended = built.loader(*built.run_args())
    assert ended.code == 1
    assert "raw.meeting_transcripts is missing" in ended.err
    assert "python -m loader run --full" in ended.err
    built.load("--full")
    built.build()
    assert clean == finals(built)


@pytest.mark.long
@pytest.mark.either_engine
def test_06_two_runs_at_once(built: Project) -> None:
    """Run on one machine and, if the database is on a server, on two."""
    clean = finals(built)
    built.start_over()
    fault = "dlt.common.storages.load_package:PackageStorage.complete_job:1:0"
    stop = {"FAULT": fault, "FAULT_SIGNAL": "SIGSTOP"}
    first = built.start("loader", *built.run_args(), **stop)
    assert has_stopped(first)
    began = time.monotonic()
    second = end(built.start("loader", *built.run_args()))
    assert time.monotonic() - began < 30  # it does not wait for the first one
    assert (second[0], "Locked by pid" in second[2]) == (1, True), second
    if built.url:
        elsewhere = {"WAREHOUSE_DIR": str(built.folder / "elsewhere")}
        third = end(built.start("loader", *built.run_args(), **elsewhere))
        assert (third[0], "Locked by orchestrator loader, pid" in third[2]) == (1, True), third
    first.send_signal(signal.SIGCONT)
    assert end(first)[0] == 0
    built.build()
    assert clean == finals(built)


@pytest.mark.long
@pytest.mark.parametrize("engine", [chaos("duckdb"), "postgres"], indirect=True)
def test_07_two_builds_at_once(built: Project, tmp_path: Path) -> None:
    clean = finals(built)
    built.start_over()
    built.load()
    shutil.copytree(built.parsed(), tmp_path / "dbt")
    build = ("build", "--exclude-resource-type", "test", "unit_test")
    elsewhere = {"DBT_TARGET_PATH": str(tmp_path / "dbt")}
    builds = [built.start("dbt", *build), built.start("dbt", *build, **elsewhere)]
    ended = [end(build) for build in builds]
    if built.url:
        assert [0, 0] == [code for code, *_ in ended], ended
    else:  # only one process at a time can open the file
        assert {0} <= {code for code, *_ in ended}, ended
        for code, out, _ in ended:
            assert code == 0 or "is in use by python" in out
            assert "Traceback" not in out
    built.build()
    assert clean == finals(built)


@pytest.mark.long
@pytest.mark.parametrize(
    ("engine", "number", "code"),
    [
        pytest.param("postgres", signal.SIGINT, 130, marks=pytest.mark.long),
        ("duckdb", signal.SIGTERM, 143),
    ],
    indirect=["engine"],
    ids=["ctrl-c", "sigterm"],
)
def test_08_interrupted(built: Project, number: signal.Signals, code: int) -> None:
    clean = finals(built)
    built.start_over()
    fault = "dlt.common.storages.load_package:PackageStorage.complete_job:2:0"
    process = built.start("loader", *built.run_args(), FAULT=fault, FAULT_SIGNAL=number.name)
    ended = end(process)
    assert ended[0] in {code, 0}, ended  # the running statement is finished
    early = built.start(
        "loader",
        *built.run_args(),
        FAULT="loader.extract.parts:extract_part:1:0",
        FAULT_SIGNAL=number.name,
    )
    assert end(early) == (
        code,
        f"{built.target}: {built.place}\n",
        "Interrupted. Nothing of the run counts; the next run starts over.\n",
    )
    built.load_and_build()
    assert clean == finals(built)


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """Yield a server that the test may stop."""
    server = Postgres()
    yield server
    server.stop()


@pytest.mark.long
@postgres_only
@pytest.mark.parametrize("how", [chaos("backends"), "server"])
def test_09_the_server_goes_away_in_the_middle_of_a_load(
    built: Project, own_server: Postgres, how: str
) -> None:
    clean = finals(built)
    built.url = own_server.create_database("work")
    built.start_over()
    fault = "dlt.common.storages.load_package:PackageStorage.complete_job:2:0"
    process = built.start("loader", *built.run_args(), FAULT=fault, FAULT_SIGNAL="SIGSTOP")
    assert has_stopped(process)
    if how == "server":
        own_server.restart_immediately()
    else:
        own_server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = 'work'"
        )
    process.send_signal(signal.SIGCONT)
    code, _, err = end(process)
    assert code in {0, 1}, err
    if code:
        assert ("Error: " in err, "run the same command again" in err) == (True, True), err
        assert "Traceback" not in err
    built.load_and_build()
    assert clean == finals(built)


@pytest.mark.long
@postgres_only
def test_09_a_statement_timeout(built: Project) -> None:
    """Somebody locks a table: loader and dbt are cancelled, report it, and lose nothing."""
    clean = finals(built)
    built.execute("alter database work set statement_timeout = '300ms'")
    assert built.url
    with psycopg.connect(built.url) as holder:
        holder.execute("set statement_timeout = 0")
        holder.execute("lock table raw.files, raw.daily_reports, public.teams")
        ended = built.loader(*built.run_args("--full"))
        assert (ended.code, ended.out.count("\n")) == (1, 1)
        assert "canceling statement due to statement timeout" in ended.err
        seeded = built.dbt("build")
        assert (seeded.code, "statement timeout" in seeded.out) == (1, True), seeded
    built.execute("alter database work reset statement_timeout")
    built.load_and_build()
    assert clean == finals(built)


@contextmanager
def opened_late(socket_path: str, seconds: float) -> Iterator[int]:
    """Yield a port that refuses connections for some seconds and then leads to the server."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    opened = ExitStack()
    address = (socket.AF_INET, "127.0.0.1", socket_path, port)
    timer = threading.Timer(seconds, lambda: opened.enter_context(listening(*address)))
    timer.start()
    yield port
    timer.cancel()
    timer.join()
    opened.close()


@pytest.mark.long
@postgres_only
def test_10_the_database_sleeps(built: Project, postgres: Postgres) -> None:
    """Unreachable for longer than a cold start: the loader and dbt wait for it."""
    clean = finals(built)
    built.start_over()
    socket_path = f"{postgres.socket_dir}/.s.PGSQL.5432"
    url = "postgresql://postgres:x@127.0.0.1:{}/work?sslmode=disable"
    with opened_late(socket_path, 6) as port:
        built.url = url.format(port)
        ended = built.loader(*built.run_args())
        assert (ended.code, "Cannot reach " in ended.err) == (0, True), ended
    with opened_late(socket_path, 10) as port:
        built.url = url.format(port)
        built.build()
        assert clean == finals(built)


@postgres_only
def test_10_an_unreachable_database(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """One refuses, one never answers: an error within 90 seconds, by the sum of its waits."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        refusing = silent.getsockname()[1]
        project.url = f"postgresql://ana:canary@127.0.0.1:{refusing}/work?sslmode=disable"
        monkeypatch.setattr("loader.database.connect.CONNECT_PATIENCE", 2)
        refused = project.loader(*project.run_args())
        silent.listen()
        monkeypatch.setattr("loader.database.connect.CONNECT_TIMEOUT", 2)
        unanswered = project.loader(*project.run_args())
    for ended in (refused, unanswered):
        assert ended.code == 1
        assert f"Error: Cannot connect to 127.0.0.1:{refusing}/work" in ended.err
        assert "canary" not in ended.err
    monkeypatch.undo()
    assert connect.CONNECT_PATIENCE + connect.CONNECT_TIMEOUT <= 90


@pytest.mark.long
@linux_only("a small tmpfs")
def test_11_the_disk_is_full(built: Project, engine: str, tmp_path: Path) -> None:
    size = {"duckdb": "600k", "postgres": "100k"}[engine]
    clean = finals(built)
    built.start_over()
    small = tmp_path / "small"
    small.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", str(small)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    try:
        small_place = {"WAREHOUSE_DIR": str(small / "warehouse")}
        code, out, err = end(built.start("loader", *built.run_args(), **small_place))
        assert (code, len(out.splitlines()), "Traceback" in err) == (1, 1, False), err
        assert "No space left on device" in err or "disk" in err.lower(), err
        subprocess.run(["mount", "-o", "remount,size=200m", small], check=True)
        assert end(built.start("loader", *built.run_args(), **small_place))[0] == 0
        shutil.copytree(small / "warehouse", built.folder / "warehouse", dirs_exist_ok=True)
        built.build()
        assert clean == finals(built)
    finally:
        subprocess.run(["umount", small], check=True)


@pytest.mark.long
@postgres_only
def test_12_a_pooler_in_transaction_mode(built: Project, postgres: Postgres) -> None:
    """Its address is rejected with a hint; a `-pooler` host is replaced (test_settings.py)."""
    program = shutil.which("pgbouncer")
    if not program:
        pytest.skip("pgbouncer is not installed: apt-get install pgbouncer")
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    folder = Path(tempfile.mkdtemp())  # the pooler's user may not enter pytest's
    folder.chmod(0o777)
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n* = host={postgres.socket_dir}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
        f"listen_port = {port}\nauth_type = any\npool_mode = transaction\nunix_socket_dir =\n"
        f"ignore_startup_parameters = extra_float_digits\nlogfile = {folder / 'log'}\n"
    )
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with subprocess.Popen([program, "-q", *user, settings]) as pooler:
        try:
            wait_for_port(port, pooler)
            built.url = f"postgresql://postgres:x@127.0.0.1:{port}/work?sslmode=disable"
            ended = built.loader(*built.run_args())
        finally:
            pooler.kill()
            shutil.rmtree(folder)
    assert ended.code == 1
    assert "This is a connection pooler" in ended.err, ended
    assert "put the database's own host and port into DATABASE_URL" in ended.err


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    while True:
        assert process.poll() is None, "it has ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
