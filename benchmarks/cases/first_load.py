"""A first load, compared with the programs that people would use instead."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from benchmarks.bench import MEGABYTE, Bench
from benchmarks.figure import Figure
from benchmarks.measure import ROOT, Cost, alternating, process
from benchmarks.workspaces import LARGE, MEDIUM, SMALL, Size

OURS, CONTENTS = "the loader, CONTENT=none", "the loader, with contents"
BASELINE, DLT, ROWS = "the baseline", "dlt, its defaults", "one request per row"
_CPU_GOALS = {OURS: 1.5, CONTENTS: 5.0}  # times the baseline, on M
_MEMORY_GOAL = 500  # MB
_UV = ROOT / ".venv/uv/bin/uv"


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure first loads of all sizes, in turn with the other programs."""
    for engine in bench.engines:
        per_row: dict[str, float] = {}
        for size in bench.sizes:
            acts: dict[str, Callable[[], Cost]] = {
                BASELINE: partial(program, bench, engine, size, "baseline"),
                OURS: partial(bench.first_load, engine, size, CONTENT="none"),
                CONTENTS: partial(bench.first_load, engine, size),
            }
            if size is not LARGE:  # a million dicts take a quarter of an hour
                acts[DLT] = partial(program, bench, engine, size, "plain_dlt")
            costs = _in_turn(bench.times(size), acts)
            if engine == "postgres" and size.days <= SMALL.days:
                costs[ROWS] = program(bench, engine, size, "row_by_row")
            yield from _figures(bench, engine, size, costs)
            per_row[size.name] = costs[OURS].all_cpu / size.days
        if {"M", "L"} <= per_row.keys():
            medium, large = per_row["M"], per_row["L"]
            what = f"first load, {engine}: CPU per row, L beside M"
            cells = f"{large * 1e6:.0f} µs", f"{medium * 1e6:.0f} µs"
            yield Figure(what, *cells, large / medium, 1.1)
    yield from _llama_index(bench)


def program(bench: Bench, engine: str, size: Size, module: str) -> Cost:
    """Return the cost of one of the other programs, from its start to its exit."""
    folder = bench.folder / "programs"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if engine == "postgres":
        bench.server.renew()
    target = bench.server.url if engine == "postgres" else str(folder / "warehouse.duckdb")
    command = [sys.executable, "-m", f"benchmarks.{module}", str(bench.workspace(size)), target]
    if module != "row_by_row":
        command.append(str(folder / "files"))
    return process(command, bench.server_of(engine))


def _in_turn(times: int, acts: Mapping[str, Callable[[], Cost]]) -> dict[str, Cost]:
    return dict(zip(acts, alternating(times, *acts.values()), strict=True))


def _figures(bench: Bench, engine: str, size: Size, costs: dict[str, Cost]) -> Iterator[Figure]:
    baseline = costs[BASELINE]
    is_medium = size is MEDIUM
    rows = size.days + size.transcripts
    for name, cost in costs.items():
        what = f"first load, {engine}, {size.name}: {name}"
        is_ours = name in {OURS, CONTENTS}
        yield Figure(
            f"{what}, CPU (wall)",
            f"{cost.all_cpu:.2f} s ({cost.wall:.2f} s)",
            f"{baseline.all_cpu:.2f} s ({baseline.wall:.2f} s)",
            cost.all_cpu / baseline.all_cpu,
            _CPU_GOALS[name] if is_medium and is_ours else None,
        )
        memory = cost.peak / MEGABYTE
        cells = f"{rows / cost.wall:,.0f}, {memory:.0f} MB", ""
        goals = (memory, _MEMORY_GOAL) if is_ours else ()
        yield Figure(f"{what}, rows per second, peak memory", *cells, *goals)
        point = {"engine": engine, "size": size.name, "program": name, "rows": rows}
        point |= {"wall": cost.wall, "cpu": cost.all_cpu, "peak": cost.peak}
        bench.points.setdefault("first-load", []).append(point)


def _llama_index(bench: Bench) -> Iterator[Figure]:
    """Read and split a workspace with LlamaIndex, if uv can install it."""
    size = next((size for size in bench.sizes if size.days <= SMALL.days), None)
    if not size or not _UV.exists():
        return
    module = Path(__file__).parents[1] / "chunks.py"
    command = [str(_UV), "run", "--no-project", "--with", "llama-index-core", str(module)]
    ended = subprocess.run(
        [*command, str(bench.workspace(size))], check=False, capture_output=True, text=True
    )
    if ended.returncode == 0:
        told = json.loads(ended.stdout)
        seconds = told["read"] + told["split"]
        what = f"first load, {size.name}: LlamaIndex, reads and splits alone, wall"
        yield Figure(what, f"{seconds:.2f} s, {told['sections']:,} sections")
