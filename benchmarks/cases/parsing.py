"""Parsing alone, from texts in memory, and its stages."""

import time
from collections.abc import Callable, Iterator
from statistics import median

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.workspaces import MEDIUM
from loader.parsing.author_lines import AuthorLines
from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.dated_lines import find_lines
from loader.parsing.day_headings import DayHeadings, find_days
from loader.parsing.decoding import to_utf8
from loader.parsing.text import searchable, stripped

_GOAL = 120_000  # days per core-second


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure days per core-second, and the cost of each stage per day."""
    size = min(max(bench.sizes, key=lambda size: size.days), MEDIUM, key=lambda size: size.days)
    files = sorted(bench.workspace(size).glob("daily-reports/*/*/*.md"))
    texts = [file.read_bytes() for file in files]
    lines = [searchable(text) for text in texts]
    found = [find_days(text) for text in texts]
    spans = [_spans(each) for each in found]
    authors = [AuthorLines(each.lines) for each in found]

    def of_each_day(act: Callable[[int, int, int], object]) -> None:
        for number, days in enumerate(spans):
            for start, end in days:
                act(number, start, end)

    stages: dict[str, Callable[[], object]] = {
        "decode": lambda: [to_utf8(text) for text in texts],
        "copy for the search of lines": lambda: [searchable(text) for text in texts],
        "find lines with a date": lambda: [find_lines(each) for each in lines],
        "find days": lambda: [find_days(text) for text in texts],
        "find the end of a day's top": lambda: of_each_day(
            lambda n, start, end: authors[n].top_end(start, end, found[n].level)
        ),
        "find the Employee line": lambda: of_each_day(
            lambda n, start, end: authors[n].employee(
                start, authors[n].top_end(start, end, found[n].level)
            )
        ),
        "cut and trim a day's text": lambda: of_each_day(
            lambda n, start, end: stripped(texts[n][start:end])
        ),
        "all": lambda: [parse_daily_reports(to_utf8(text)[0]) for text in texts],
    }
    costs: dict[str, list[float]] = {name: [] for name in stages}
    for _ in range(bench.repeat):
        for name, act in stages.items():
            begun = time.process_time()
            act()
            costs[name].append((time.process_time() - begun) / size.days)
    cost = {name: median(of_one) for name, of_one in costs.items()}
    # These two contain the stage above them.
    top, find = cost["find the end of a day's top"], cost["find lines with a date"]
    cost["find the Employee line"] -= top
    cost["find days"] -= find + cost["copy for the search of lines"]
    whole = cost.pop("all")
    cost["the rest: headers, entries, rows"] = whole - sum(cost.values())
    yield Figure("parse, days per core-second", f"{1 / whole:,.0f}", "", 1 / whole, -_GOAL)
    for name, seconds in cost.items():
        yield Figure(
            f"parse, µs per day: {name}", f"{seconds * 1e6:.2f}", f"{whole * 1e6:.2f}",
            seconds / whole,
        )  # fmt: skip


def _spans(found: DayHeadings) -> list[tuple[int, int]]:
    """Return start and end of the text of each day."""
    ends = [*(each.start for each in found.headings[1:]), len(found.lines)]
    return [(each.end, end) for each, end in zip(found.headings, ends, strict=True)]
