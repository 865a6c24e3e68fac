"""Uploads to a store with 20 ms latency."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import reported

_LATENCY = 0.02  # seconds
_GOAL = 0.8


def measure(_: Bench) -> Iterator[Figure]:
    """Measure uploads per second; the baseline is what the latency or the client's CPU allows."""
    for concurrency in (1, 8, 32):
        ended = reported(["benchmarks.uploads", str(concurrency), str(_LATENCY)])
        rate, most = 1 / ended.wall, min(concurrency / _LATENCY, 1 / ended.cpu)
        what = f"uploads per second, {concurrency} at once"
        yield Figure(what, f"{rate:,.0f}", f"{most:,.0f}", rate / most, -_GOAL)
        yield Figure(f"CPU per upload, {concurrency} at once, µs", f"{ended.cpu * 1e6:,.0f}")
