"""Runs of very many files: executors, and the memory of the driver."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from benchmarks.bench import MEGABYTE, Bench
from benchmarks.figure import Figure
from benchmarks.measure import ROOT
from benchmarks.workspaces import write_many


def measure(bench: Bench) -> Iterator[Figure]:
    """Compare a run on Dask with one on a pool of as many processes."""
    files = 50_000
    for workers in (1, 2):
        rates: dict[str, list[float]] = {"processes": [], "dask": []}
        for _ in range(max(1, bench.repeat // 2)):
            for kind, found in rates.items():
                took = _parts(bench, kind, workers, files, is_postgres=False)["seconds"]
                found.append(files / took)
        pool, dask = (median(found) for found in rates.values())
        yield Figure(
            f"files/s on Dask, {workers} of one thread",
            f"{dask:,.0f}",
            f"{pool:,.0f} (processes)",
            dask / pool,
            -0.8,
        )


def measure_memory(bench: Bench) -> Iterator[Figure]:
    """Measure the driver's memory with a hundred thousand files, and with a million."""
    peaks = []
    for files in (100_000, 1_000_000):
        took = _parts(bench, "processes", 2, files, is_postgres=True)
        peaks.append(took["peak"] / MEGABYTE)
        yield Figure(f"driver's peak memory at {files:,} files, MB", f"{peaks[-1]:.0f}")
    few, many = peaks
    what = "driver's peak memory, 1,000,000 to 100,000"
    yield Figure(what, f"{many:.0f} MB", f"{few:.0f} MB", many / few, 1.1)


def _parts(
    bench: Bench, kind: str, workers: int, files: int, *, is_postgres: bool
) -> dict[str, float]:
    """Return the cost of a run of many files on an executor."""
    bench.memory.mkdir(exist_ok=True)
    root = bench.memory / f"many-{files}"
    if not root.exists():
        write_many(root, files)
    place = bench.memory / "warehouse"
    shutil.rmtree(place, ignore_errors=True)
    url = ""
    if is_postgres:
        bench.server.renew()
        url = bench.server.url
    command = [sys.executable, "-m", "benchmarks.parts", kind, str(workers), str(root), str(place)]
    ended = subprocess.run(
        command,
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "DATABASE_URL": url},
    )
    told: dict[str, float] = json.loads(ended.stdout)
    return told
