"""Runs after a first load: nothing changed, or one file in a hundred."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import median_cost
from benchmarks.workspaces import LARGE

_UNCHANGED_GOAL, _SHARE_GOAL = 1.5, 0.07


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure later runs on all sizes."""
    for engine in bench.engines:
        for size in bench.sizes:
            root, times = bench.workspace(size), bench.times(size)
            first = bench.first_load(engine, size, CONTENT="none")
            same = median_cost(
                [bench.run(engine, size.name, root, CONTENT="none") for _ in range(times)]
            )
            seconds, share = same.all_cpu, same.all_cpu / first.all_cpu
            what = f"later load, {engine}, {size.name}"
            cells = f"{what}: unchanged, CPU", f"{seconds:.2f} s"
            if size is LARGE:
                yield Figure(*cells, f"{first.all_cpu:.2f} s (first)", share, _SHARE_GOAL)
            else:
                yield Figure(*cells, "", seconds, _UNCHANGED_GOAL)
            costs = []
            for _ in range(times):
                bench.change(size)
                costs.append(bench.run(engine, size.name, root, CONTENT="none"))
            changed = median_cost(costs).all_cpu
            yield Figure(f"{what}: 1 % changed, CPU", f"{changed:.2f} s")
