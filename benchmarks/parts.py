"""How long the phases of a run in parts take, and how much memory its driver.

    python -m benchmarks.parts processes|dask WORKERS WORKSPACE WAREHOUSE_DIR

Loads into the target `prod` where DATABASE_URL is set, else into DuckDB. Prints JSON: seconds of
freezing, parsing and committing, CPU seconds of driver and workers, the driver's peak in bytes.
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
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from loader.engines import Engine, open_engine
from loader.engines.processes import Processes
from loader.parts import run as parts
from loader.parts.folder import RunFolder
from loader.parts.run import Manner
from loader.parts.work import run_part
from loader.pipeline import make_tables, only_writer
from loader.run import Order, Progress, Stamp
from loader.settings import configure_libraries, load_settings
from loader.teams import load_teams
from loader.workspace import open_workspace


@contextlib.contextmanager
def _dask(workers: int) -> Iterator[Engine]:
    """A cluster on this machine, with workers of one thread."""
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
        yield stack.enter_context(open_engine(json.loads(told.read_text())["address"]))


def _cpu() -> float:
    """Seconds of this process and of its children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def _size(folder: RunFolder, name: str) -> int:
    """Bytes of a run's files, without those in other folders."""
    return sum(file.stat().st_size for file in Path(folder.url, name).iterdir() if file.is_file())


def main(kind: str, workers: str, workspace: str, warehouse_dir: str) -> None:
    """Do a run in parts, phase by phase."""
    os.environ["WAREHOUSE_DIR"] = warehouse_dir
    configure_libraries()
    settings = load_settings("prod" if os.environ.get("DATABASE_URL") else "local")
    order = Order(open_workspace(workspace), load_teams())
    make = Processes if kind == "processes" else _dask
    with only_writer(settings, is_claiming=True) as warehouse:
        make_tables(settings, warehouse)
        stamp = Stamp(uuid4(), warehouse.next_loaded_at(), datetime.now(UTC))
        before = _cpu()
        with make(int(workers)) as engine:
            list(engine.map(abs, range(2 * int(workers))))  # the workers are there
            times = [time.perf_counter()]
            manner = Manner(settings.blob_dir)
            folder = parts.begin(settings, order, manner, stamp, warehouse, engine)
            frozen = folder.frozen
            assert frozen
            times.append(time.perf_counter())
            done = engine.map(run_part, parts.all_parts(folder, frozen))
            rows = sum(receipt.rows for receipt in done)
            times.append(time.perf_counter())
            sizes = {name: _size(folder, name) for name in ("manifest", "")}
            parts.finish(settings, folder, warehouse, engine, Progress())
            times.append(time.perf_counter())
    told = {
        "files": frozen.files,
        "parts": frozen.parts,
        "manifest": sizes["manifest"],
        "bytes": sizes[""],
        "rows": rows,
        "freeze": times[1] - times[0],
        "parse": times[2] - times[1],
        "commit": times[3] - times[2],
        "cpu": _cpu() - before,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
