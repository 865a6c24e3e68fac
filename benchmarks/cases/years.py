"""Years of weekly runs: does a run cost more when the history grows?"""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks.bench import MEGABYTE, Bench
from benchmarks.figure import Figure
from benchmarks.measure import Cost
from benchmarks.weeks import write_week

KEPT, GONE = "all weeks kept", "old weeks gone"
_BUILD_EVERY = 26  # weeks
_STAYING = 4  # weeks in the workspace, if old weeks go


def measure(bench: Bench) -> Iterator[Figure]:
    """Simulate the runs on each engine, once with all weeks kept, once with old weeks gone."""
    for engine in bench.engines:
        for variant in (KEPT, GONE):
            yield from _years(bench, engine, variant)


def _years(bench: Bench, engine: str, variant: str) -> Iterator[Figure]:
    name = f"years-{variant.split(maxsplit=1)[0]}"
    root = bench.folder / "workspaces" / name
    shutil.rmtree(root, ignore_errors=True)
    bench.renew(engine, name)
    written: list[list[Path]] = []
    runs: list[Cost] = []
    builds: list[Cost] = []
    for week in range(bench.weeks):
        written.append(write_week(root, week))
        if variant == GONE and week >= _STAYING:
            for file in written[week - _STAYING]:
                file.unlink()
        cost = bench.run(engine, name, root)
        runs.append(cost)
        point = {"engine": engine, "variant": variant, "week": week + 1}
        point |= {"wall": cost.wall, "cpu": cost.all_cpu, "peak": cost.peak}
        bench.points.setdefault("years", []).append(point)
        if (week + 1) % _BUILD_EVERY == 0:
            builds.append(bench.dbt(engine, name, "build"))
    yield from _figures(f"{bench.weeks} weeks, {engine}, {variant}", runs, builds)
    shutil.rmtree(root)


def _figures(what: str, runs: Sequence[Cost], builds: Sequence[Cost]) -> Iterator[Figure]:
    """Compare the last tenth of the runs with the first one; the first run makes the tables."""
    some = max(1, len(runs) // 10)
    early, late = runs[1 : some + 1] or runs, runs[-some:]
    goal = 1.1 if GONE in what else None
    for kind, unit, values in (
        ("CPU", "s", [[cost.all_cpu for cost in costs] for costs in (early, late)]),
        ("wall", "s", [[cost.wall for cost in costs] for costs in (early, late)]),
        (
            "peak memory",
            "MB",
            [[cost.peak / MEGABYTE for cost in costs] for costs in (early, late)],
        ),
    ):
        before, after = (median(of_some) for of_some in values)
        cells = f"{after:.2f} {unit}", f"{before:.2f} {unit} (first tenth)"
        yield Figure(f"{what}: a run, {kind}", *cells, after / before, goal)
    if builds:
        cells = f"{builds[-1].wall:.1f} s", f"{builds[0].wall:.1f} s (first)"
        ratio = builds[-1].wall / builds[0].wall
        yield Figure(f"{what}: dbt build after {_BUILD_EVERY} weeks, wall", *cells, ratio)
