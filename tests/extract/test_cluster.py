"""A Dask cluster of separate processes, on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import dask.config
import pytest
from distributed import Client
from distributed.security import Security

from loader.errors import EngineError
from loader.extract.executors import open_executor
from loader.extract.options import Progress
from loader.extract.part_writer import PartWriter
from tests.support.documents import short
from tests.support.project import ROOT, Project
from tests.support.runs import load, raw, run_ids, settings_of

_PATIENCE = 180  # seconds before an awaited event counts as missing
_LOST = "2s"  # time before a worker without an answer counts as lost
FILES, PART_FILES = 500, 10


@contextmanager
def cluster(folder: Path, *args: str, place: Path = ROOT) -> Iterator[str]:
    """Yield the address of a scheduler with two single-threaded worker processes."""
    told = folder / "scheduler.json"
    host = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", *args]
    started = [start(place, "dask_scheduler", *host, "--scheduler-file", str(told))]
    try:
        file = ["--scheduler-file", str(told)]
        plain = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0"]
        local = ["--local-directory", str(folder), "--host", "127.0.0.1"]
        wait_until(told.exists)
        started += [start(place, "dask_worker", *file, *plain, *local, *args) for _ in range(2)]
        address: str = json.loads(told.read_text())["address"]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=_PATIENCE)
        yield address
    finally:
        for process in started:
            process.kill()
            process.wait()


def start(place: Path, module: str, *args: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *args],
        cwd=place,
        env={**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": _LOST},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


def write_files(project: Project) -> None:
    for number in range(FILES):
        text = f"## 2025-10-27\n**Employee**: Ana {number}\n\n- x\n"
        project.write(f"daily-reports/md-output/rocks/{number:03}.md", text)


class Killer(Progress):
    """Kill a worker, or the scheduler, as soon as both workers have finished a part."""

    def __init__(self, address: str, *, of_scheduler: bool = False) -> None:
        self.killed: int | None = None
        self._begun: Counter[str] = Counter()
        self._client = Client(address, set_as_default=False)
        self._client.subscribe_topic("orchestrator-attempts", self._count)
        self._pids: dict[str, int] = self._client.run(os.getpid)
        self._victim = self._client.run_on_scheduler(os.getpid) if of_scheduler else None

    def _count(self, event: tuple[float, str]) -> None:
        self._begun[event[1]] += 1

    def start(self, files: int) -> None:  # noqa: ARG002
        self._begun.clear()

    def advance(self, size: int | None = None) -> None:  # noqa: ARG002
        if self.killed is None and sum(count > 1 for count in self._begun.values()) == 2:
            self.killed = self._victim or self._pids[min(self._begun)]
            os.kill(self.killed, signal.SIGKILL)

    def close(self) -> None:
        self._client.close()


@pytest.mark.long
@pytest.mark.either_engine
def test_a_killed_worker_loses_and_duplicates_nothing(
    project: Project, twin: Project, tmp_path: Path
) -> None:
    write_files(project)
    with run_ids(1), open_executor("local") as engine:
        local = load(project, engine, part_files=PART_FILES)
    settings_of(twin)  # inherited by the workers
    quick = dask.config.set({"distributed.comm.timeouts.connect": _LOST})
    with quick, cluster(tmp_path) as address:
        killer = Killer(address)
        with run_ids(1), open_executor(address) as engine:
            result = load(twin, engine, part_files=PART_FILES, progress=killer)
        killer.close()
    assert killer.killed
    assert raw(project) == raw(twin)
    assert [(FILES,)] == twin.query("select count(*) from raw.daily_reports")
    assert result.parts == local.parts > FILES // PART_FILES == 50
    assert result.attempts >= result.parts


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_scheduler_that_dies_ends_the_run_and_the_next_one_uses_its_parts(
    project: Project, tmp_path: Path
) -> None:
    write_files(project)
    settings_of(project)
    with cluster(tmp_path) as address:
        killer = Killer(address, of_scheduler=True)
        with (
            pytest.raises(EngineError, match="finished parts are not extracted twice"),
            open_executor(address) as engine,
        ):
            load(project, engine, part_files=PART_FILES, progress=killer)
        killer.close()
    parts = Path(settings_of(project).parts_url, settings_of(project).pipeline_name, "parts")
    kept = len(list(parts.glob("*.parquet")))
    assert kept > 0
    written = []

    def writer(*args: Any, **more: Any) -> PartWriter:  # noqa: ANN401
        written.append(args)
        return PartWriter(*args, **more)

    with mock.patch("loader.extract.parts.PartWriter", writer):
        result = load(project, part_files=PART_FILES)
    assert len(written) == result.parts - kept
    assert [(FILES,)] == project.query("select count(*) from raw.daily_reports")


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_cluster_without_the_loader_is_an_error(project: Project, tmp_path: Path) -> None:
    project.copy_example()
    (tmp_path / "loader.py").touch()  # in the way of ours, which is installed
    with cluster(tmp_path, place=tmp_path) as address:
        ended = project.loader(*project.run_args("--engine", address))
    assert ended.code == 1
    assert "has another version of the loader. Start scheduler and workers in clones" in ended.err


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_over_tls_from_the_command_line(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.copy_example()
    temporary = Security.temporary()
    (tmp_path / "key.pem").write_text(temporary.tls_client_key)
    (tmp_path / "cert.pem").write_text(temporary.tls_client_cert)
    tls = {"ca-file": str(tmp_path / "cert.pem")}
    for who in ("client", "scheduler", "worker"):
        tls |= {f"{who}.cert": tls["ca-file"], f"{who}.key": str(tmp_path / "key.pem")}
    for name, value in tls.items():
        variable = name.upper().replace("-", "_").replace(".", "__")
        monkeypatch.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{variable}", value)
    here = dask.config.set({f"distributed.comm.tls.{name}": path for name, path in tls.items()})
    settings_of(project)
    with here, cluster(tmp_path, "--protocol", "tls") as address:
        assert address.startswith("tls://")
        process = project.start("loader", *project.run_args("--json", "--engine", address))
        out, err = process.communicate(timeout=_PATIENCE)
    assert (process.returncode, err) == (0, "")
    summary = short(out)
    assert summary["kinds"]["daily_reports"]["rows"] == 77
    assert summary["attempts"] >= summary["parts"] == 20
