"""The benchmark cases: each module measures one question, and yields the lines of the table."""

from collections.abc import Callable, Iterator

from benchmarks.bench import Bench
from benchmarks.cases import (
    cycle,
    executors,
    files,
    first_load,
    latency,
    later_loads,
    parsing,
    start,
    transforms,
    uploads,
    years,
)
from benchmarks.figure import Figure

CASES: dict[str, Callable[[Bench], Iterator[Figure]]] = {
    "parsing": parsing.measure,
    "first-load": first_load.measure,
    "later-loads": later_loads.measure,
    "files": files.measure,
    "transforms": transforms.measure,
    "start": start.measure,
    "uploads": uploads.measure,
    "executors": executors.measure,
    "memory": executors.measure_memory,
    "cycle": cycle.measure,
    "years": years.measure,
    "latency": latency.measure,
}
