"""Start-up times."""

import sys
from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import median_cost, process

_ONE_FILE_GOAL = 2.5  # times `import dlt`: that, dlt's empty load, and the loader's own start


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure `--help`, the load of one file, and a build with nothing to do."""
    times = range(bench.repeat)
    help_ = median_cost([process([sys.executable, "-m", "loader", "--help"]) for _ in times]).cpu
    yield Figure("start: loader --help, CPU s", f"{help_:.2f}", "", help_, 0.15)
    root = bench.folder / "workspaces" / "one"
    file = root / "daily-reports/md-output/rocks/a.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("**Employee**: Ana\n\n## 2025-10-27\n\n- x\n")
    dlt = median_cost([process([sys.executable, "-c", "import dlt"]) for _ in times]).cpu
    for engine in bench.engines:
        costs = []
        for _ in times:
            bench.renew(engine, "one")
            costs.append(bench.run(engine, "one", root))
        seconds = median_cost(costs).cpu
        cells = f"{seconds:.2f}", f"{dlt:.2f} (import dlt)"
        yield Figure(f"start: {engine}, one file, CPU s", *cells, seconds / dlt, _ONE_FILE_GOAL)
    engine = bench.engines[0]
    bench.dbt(engine, "one", "build")
    same = median_cost([bench.dbt(engine, "one", "build") for _ in times])
    yield Figure(f"start: {engine}, dbt build with nothing to do, CPU s", f"{same.cpu:.2f}")
