"""`dbt run`, compared with a statement written by hand, on the largest workspace.

The statement fills the same daily reports, so a first run is measured in two steps: `daily_reports`
with what it reads, then the other models.
"""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import Cost, median_cost, reported

_NO_OP_GOAL = 4.0  # seconds: 17 incremental models of a quarter of a second


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure a first run, a run with nothing new, and a run after a small change."""
    size = bench.sizes[-1]
    name = size.name
    for engine in bench.engines:
        bench.first_load(engine, size, CONTENT="none")
        bench.dbt(engine, name, "seed")
        target, server = bench.target(engine, name), bench.server_of(engine)
        start = median_cost([bench.dbt(engine, name, "parse") for _ in range(3)])
        ours = bench.dbt(engine, name, "run", "--select", "+daily_reports")
        hand = reported(["benchmarks.upsert", target, "first"], server)
        yield _beside(f"dbt run, {engine}, {name}: first, daily_reports", ours, start, hand, 1.3)
        rest = bench.dbt(engine, name, "run", "--exclude", "+daily_reports")
        what = f"dbt run, {engine}, {name}: first, the other models, s above its start-up"
        yield Figure(what, f"{rest.wall:.2f} s", f"{start.wall:.2f} s")
        same = median_cost([bench.dbt(engine, name, "run") for _ in range(bench.repeat)])
        yield Figure(
            f"dbt run, {engine}, {name}: nothing new, s above its start-up",
            f"{same.wall:.2f} s",
            f"{start.wall:.2f} s",
            same.wall - start.wall,
            _NO_OP_GOAL,
        )
        bench.change(size)
        bench.run(engine, name, bench.workspace(size), CONTENT="none")
        ours = bench.dbt(engine, name, "run")
        hand = reported(["benchmarks.upsert", target, "next"], server)
        what = f"dbt run, {engine}, {name}: 1 % more, above nothing new"
        yield _beside(what, ours, same, hand, 2.0)


def _beside(what: str, ours: Cost, start: Cost, hand: Cost, goal: float) -> Figure:
    """Compare a dbt run, without another run's time, with a statement."""
    above = max(ours.wall - start.wall, 0.0)
    return Figure(what, f"{above:.2f} s", f"{hand.wall:.2f} s", above / hand.wall, goal)
