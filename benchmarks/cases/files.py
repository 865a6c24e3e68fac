"""A run on a hundred thousand unchanged files."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import median_cost

_GOAL = 5.0  # seconds: 30 µs to open, read and hash a file, and a list that is compared at once


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure the run on both engines."""
    root = bench.folder / "workspaces" / "files"
    folder = root / "daily-reports/md-output/rocks"
    if not root.exists():
        folder.mkdir(parents=True)
        for number in range(100_000):
            text = f"**Employee**: Ana {number}\n\n## 2025-10-27\n\n- x\n"
            (folder / f"{number:06}.md").write_text(text)
    for engine in bench.engines:
        bench.renew(engine, "files")
        bench.run(engine, "files", root)
        times = max(1, bench.repeat // 2)
        seconds = median_cost([bench.run(engine, "files", root) for _ in range(times)]).all_cpu
        what = f"later load, {engine}: 100,000 unchanged files, CPU s"
        yield Figure(what, f"{seconds:.2f}", "", seconds, _GOAL)
