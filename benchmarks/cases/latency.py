"""Answers over a million entries and turns: search, pages of the studio, MCP tools."""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from html import unescape
from statistics import median
from typing import Any

from benchmarks.bench import Bench
from benchmarks.figure import Figure
from benchmarks.measure import process
from benchmarks.million import fill
from benchmarks.served import Served

_NAME = "million"
_COLD = 3  # repetitions; each starts the server of the database again
_ENTRIES = "/tables/content.report_entries"
_PAGES = {
    "overview": "/",
    "tables": "/tables",
    "rows, first page": _ENTRIES,
    "rows, sorted by day": f"{_ENTRIES}?sort=-day",
    "rows, sorted without an index": f"{_ENTRIES}?sort=position",
    "rows, filtered": f"{_ENTRIES}?q=rare&where=section_kind+is+done",
    "a person's week": "/people/Author%207?week=2020-01-13",
    "search, a rare word": "/search?q=rare",
    "search, a common word": "/search?q=common",
}
_NEXT = re.compile(r'<a rel="next" href="([^"]*)"')
_TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "search, a rare word": ("search", {"words": "rare"}),
    "search, a common word": ("search", {"words": "common"}),
    "person_week": ("person_week", {"person": "Author 7", "week": "2020-01-13"}),
    "query": (
        "query",
        {"sql": "select day, count(*) from content.report_entries group by day order by day"},
    ),
}
Ask = Callable[[Served], float]


def measure(bench: Bench) -> Iterator[Figure]:
    """Measure the first answer of a new process, and later answers, on both engines."""
    for engine in bench.engines:
        bench.renew(engine, _NAME)
        environ = {**bench.environ(engine, _NAME), "BLOB_STORE": "local"}
        fill(environ, bench.rows)
        target = "dev" if engine == "postgres" else "local"
        following = _following(environ, target)
        pages = {**_PAGES, "rows, second page": following}
        for what, path in pages.items():
            yield _figure(bench, engine, environ, f"studio: {what}", _page(path))
        for what, (tool, arguments) in _TOOLS.items():
            yield _figure(bench, engine, environ, f"mcp: {what}", _tool(tool, arguments))
        yield from _search(bench, engine, environ, target)


def _page(path: str) -> tuple[str, Ask]:
    return "studio", lambda served: served.page(path)[0]


def _tool(name: str, arguments: Mapping[str, Any]) -> tuple[str, Ask]:
    return "mcp", lambda served: served.tool(name, arguments)[0]


def _following(environ: Mapping[str, str], target: str) -> str:
    """Return the address of the second page of a table."""
    with Served("studio", target, environ) as served:
        found = _NEXT.search(served.page(_ENTRIES)[1])
    return unescape(found[1]) if found else _ENTRIES


def _figure(
    bench: Bench, engine: str, environ: Mapping[str, str], what: str, asked: tuple[str, Ask]
) -> Figure:
    """Measure one answer: first cold, each time in a new process, then warm in the last one."""
    command, ask = asked
    target = "dev" if engine == "postgres" else "local"
    cold, warm = [], []
    times = min(_COLD, bench.repeat)
    for number in range(times):
        if engine == "postgres":
            bench.server.restart()
        with Served(command, target, environ) as served:
            cold.append(ask(served))
            if number == times - 1:
                warm = [ask(served) for _ in range(bench.repeat)]
    return Figure(
        f"latency, {engine}, {what}",
        f"{1000 * median(warm):,.0f} ms",
        f"{1000 * median(cold):,.0f} ms (cold)",
    )


def _search(bench: Bench, engine: str, environ: Mapping[str, str], target: str) -> Iterator[Figure]:
    """Measure the command, with its start-up."""
    for word in ("rare", "common"):
        command = [sys.executable, "-m", "loader", "search", word, "--target", target]
        if engine == "postgres":
            bench.server.restart()
        cold = process(command, None, **environ).wall
        warm = median([process(command, None, **environ).wall for _ in range(bench.repeat)])
        what = f"latency, {engine}, command: search, a {word} word"
        yield Figure(what, f"{1000 * warm:,.0f} ms", f"{1000 * cold:,.0f} ms (cold)")
