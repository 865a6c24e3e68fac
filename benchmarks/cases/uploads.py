"""Uploads to a store with 20 ms latency."""

from collections.abc import Iterator

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import reported

_LATENCY = 0.02  # seconds
_PER_REQUEST = 0.0013  # CPU seconds of requests and urllib3


def measure(_: Bench) -> Iterator[Figure]:
    """Measure uploads per second; the baseline is what latency and CPU allow."""
    for concurrency in (1, 8, 32):
        ended = reported(["benchmarks.uploads", str(concurrency), str(_LATENCY)])
        rate, most = 1 / ended.wall, min(concurrency / _LATENCY, 1 / _PER_REQUEST)
        what = f"uploads per second, {concurrency} at once"
        yield Figure(what, f"{rate:,.0f}", f"{most:,.0f}", rate / most, -0.7)
