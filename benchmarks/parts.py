"""Measure the time of a run of many files on an executor, and its driver's memory.

    python -m benchmarks.parts processes|dask WORKERS WORKSPACE WAREHOUSE_DIR

Loads into the target `prod` if DATABASE_URL is set, otherwise into DuckDB. Prints JSON: files,
parts, wall seconds, CPU seconds of driver and workers, and the driver's peak memory in bytes.
"""

import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from loader.extract.executors import Executor, open_executor
from loader.extract.executors.processes import Processes
from loader.extract.extraction import Extraction
from loader.extract.options import RunOptions
from loader.loading.run import run
from loader.settings import configure_libraries, load_settings
from loader.workspace import open_workspace
from loader.workspace.teams import load_teams


@contextlib.contextmanager
def _dask(workers: int) -> Iterator[Executor]:
    """Yield a cluster on this machine, with single-threaded workers."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        told = Path(folder) / "scheduler.json"
        place = ["--host", "127.0.0.1", "--no-dashboard", "--scheduler-file", str(told)]
        worker = ["--nthreads", "1", "--no-nanny", "--memory-limit", "0"]
        for module, *args in (
            ("dask_scheduler", "--port", "0"),
            *(("dask_worker", *worker, "--local-directory", folder) for _ in range(workers)),
        ):
            while module == "dask_worker" and not told.exists():
                time.sleep(0.05)
            command = [sys.executable, "-m", f"distributed.cli.{module}", *place, *args]
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
        yield stack.enter_context(open_executor(json.loads(told.read_text())["address"]))


def _cpu() -> float:
    """Return the CPU seconds of this process and its finished children."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def main(kind: str, workers: str, workspace: str, warehouse_dir: str) -> None:
    """Run once."""
    os.environ["WAREHOUSE_DIR"] = warehouse_dir
    configure_libraries()
    settings = load_settings("prod" if os.environ.get("DATABASE_URL") else "local")
    options = RunOptions(open_workspace(workspace), load_teams())
    make = Processes if kind == "processes" else _dask
    before = _cpu()
    with make(int(workers)) as executor:
        list(executor.map(abs, range(2 * int(workers))))  # wait until all workers are running
        result = run(
            settings,
            options,
            Extraction(executor, blob_store=f"local:{settings.blob_dir.absolute()}"),
        )
    told = {
        "files": sum(counts.seen for counts in result.summary.kinds.values()),
        "parts": result.parts,
        "seconds": result.seconds,
        "cpu": _cpu() - before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
