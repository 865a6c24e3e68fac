"""The weekly cycle: one new week, as three commands or as `weekly`."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.bench import MEGABYTE, Bench
from benchmarks.figure import Figure
from benchmarks.measure import ROOT, Cost, median_cost
from benchmarks.weeks import write_week
from benchmarks.workspaces import LARGE

_FIRST = 260  # after all days of the other workspaces


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure a week on the example and on each size, the two ways in turn."""
    for engine in bench.engines:
        for name, source in _workspaces(bench).items():
            root = bench.folder / "workspaces" / f"cycle-{name}"
            shutil.rmtree(root, ignore_errors=True)
            shutil.copytree(source, root)
            yield from _week(bench, engine, f"cycle-{name}", root)
            shutil.rmtree(root)


def _workspaces(bench: Bench) -> dict[str, Path]:
    sizes = [size for size in bench.sizes if size is not LARGE]
    example = {"example": ROOT / "examples/orchestrator"}
    return example | {size.name: bench.workspace(size) for size in sizes}


def _week(bench: Bench, engine: str, name: str, root: Path) -> Iterator[Figure]:
    bench.renew(engine, name)
    bench.run(engine, name, root)
    bench.dbt(engine, name, "build")
    steps: dict[str, list[Cost]] = {"run": [], "dbt build": [], "verify": [], "weekly": []}
    number = _FIRST
    for _ in range(max(1, bench.repeat // 2)):
        today = str(datetime.now(UTC).date())
        write_week(root, number)
        steps["run"].append(bench.run(engine, name, root))
        steps["dbt build"].append(bench.dbt(engine, name, "build"))
        verify = bench.command(engine, name, "verify", "--since", today)
        steps["verify"].append(verify)
        write_week(root, number + 1)
        steps["weekly"].append(bench.run(engine, name, root, "weekly"))
        number += 2
    costs = {step: median_cost(of_one) for step, of_one in steps.items()}
    weekly = costs.pop("weekly")
    three = sum(costs.values(), Cost(0, 0))
    what = f"weekly cycle, {engine}, {name.removeprefix('cycle-')}"
    for step, cost in costs.items():
        yield Figure(f"{what}: {step}, wall (CPU)", f"{cost.wall:.1f} s ({cost.all_cpu:.1f} s)")
    for figure, ours, others, goal in (
        ("CPU", weekly.all_cpu, three.all_cpu, 0.9),
        ("wall", weekly.wall, three.wall, 1.0),
    ):
        name = f"{what}: weekly, beside the three commands, {figure}"
        yield Figure(name, f"{ours:.1f} s", f"{others:.1f} s", ours / others, goal)
    yield Figure(f"{what}: weekly, peak memory, MB", f"{weekly.peak / MEGABYTE:.0f}")
