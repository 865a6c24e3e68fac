"""Draw what the last benchmark measured: python -m benchmarks.plot.

Writes docs/performance.svg (rows per second of a first load, by program) and docs/years.svg (CPU
seconds of each weekly run). The pictures follow the reader's light or dark theme.
"""

import json
from collections.abc import Iterator, Sequence
from html import escape
from statistics import median
from typing import Any

from benchmarks.measure import ROOT

RESULTS = ROOT / "benchmarks/results.json"
_ENGINES = {"duckdb": "DuckDB", "postgres": "PostgreSQL"}
_STYLE = """\
svg { --ground: #ffffff; --text: #1f2328; --quiet: #59636e; --rim: #d1d9e0;
  --ours: #0969da; --other: #818b98; --gone: #bc4c00 }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --text: #f0f6fc; --quiet: #9198a1; --rim: #3d444d;
    --ours: #4493f8; --other: #656c76; --gone: #f0883e }
}
text { font: 13px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--text) }
.head { font-weight: 600 }
.quiet { fill: var(--quiet); font-size: 12px }
.end { text-anchor: end }
.grid { stroke: var(--rim) }
.line { fill: none; stroke-width: 2 }"""
_WIDTH, _LEFT, _ROW, _HEAD = 860, 205, 30, 54
_BARS = 430  # the width of the longest bar
_PLOT_HEIGHT, _PANEL, _GAP = 190, 370, 60
_WINDOW = 13  # weeks of a moving median
_OURS = "the loader"


def main() -> None:
    """Draw the pictures of the sections that were measured."""
    results = json.loads(RESULTS.read_text())
    for section, name, draw in (
        ("first-load", "performance.svg", draw_first_load),
        ("years", "years.svg", draw_years),
    ):
        if section in results:
            (ROOT / "docs" / name).write_text(draw(results[section]))


def draw_first_load(section: dict[str, Any]) -> str:
    """Return the picture of a first load: a bar for each program, on each engine."""
    points = section["points"]
    size = max((each["rows"], each["size"]) for each in points if each["size"] != "L")[1]
    shown = [each for each in points if each["size"] == size]
    # One request per row is measured on the smallest workspace only.
    names = {(each["engine"], each["program"]) for each in shown}
    smallest = min(points, key=lambda each: each["rows"])["size"]
    shown += [
        each
        for each in points
        if each["size"] == smallest and (each["engine"], each["program"]) not in names
    ]
    fastest = max(each["rows"] / each["wall"] for each in shown)
    parts: list[str] = []
    y = _HEAD
    for engine, title in _ENGINES.items():
        of_engine = [each for each in shown if each["engine"] == engine]
        if of_engine:
            parts.append(_text(12, y, title, "head"))
            y += 12
        for point in sorted(of_engine, key=lambda each: each["wall"] / each["rows"]):
            parts += _bar(point, y, fastest, is_sample=point["size"] != size)
            y += _ROW
        y += _ROW
    title = f"Rows per second of a first load of {size}; longer is faster"
    return _svg(y + 4, title, [*parts, _origin(section, y - 6)])


def _bar(point: dict[str, Any], y: int, fastest: float, *, is_sample: bool) -> Iterator[str]:
    rate = point["rows"] / point["wall"]
    width = max(2.0, _BARS * rate / fastest)
    color = "ours" if point["program"].startswith(_OURS) else "other"
    yield _text(_LEFT - 8, y + 16, point["program"], "end")
    yield (
        f'<rect x="{_LEFT}" y="{y + 3}" width="{width:.1f}" height="{_ROW - 10}" rx="2"'
        f' fill="var(--{color})"/>'
    )
    sample = f", measured on {point['size']}" if is_sample else ""
    told = f"{rate:,.0f} ({point['wall']:,.1f} s{sample})"
    yield _text(_LEFT + width + 8, y + 16, told, "quiet")


def draw_years(section: dict[str, Any]) -> str:
    """Return the picture of the weekly runs: their CPU seconds, on each engine."""
    points = section["points"]
    weeks = max(each["week"] for each in points)
    highest = max(each["cpu"] for each in points if each["week"] > 1)
    parts: list[str] = []
    engines = [engine for engine in _ENGINES if any(each["engine"] == engine for each in points)]
    bottom = _HEAD + 20 + _PLOT_HEIGHT
    for number, engine in enumerate(engines):
        left = 40 + number * (_PANEL + _GAP)
        parts.append(_text(left, _HEAD, _ENGINES[engine], "head"))
        parts += _axes(left, bottom, weeks, highest)
        for variant, color in (("all weeks kept", "ours"), ("old weeks gone", "gone")):
            seconds = [
                each["cpu"]
                for each in points
                if (each["engine"], each["variant"]) == (engine, variant) and each["week"] > 1
            ]
            if not seconds:
                continue
            places = [
                f"{left + _PANEL * week / weeks:.1f},{bottom - _PLOT_HEIGHT * each / highest:.1f}"
                for week, each in enumerate(_smoothed(seconds), 2)
            ]
            line = f'<polyline class="line" stroke="var(--{color})" points="{" ".join(places)}"/>'
            parts.append(line)
            x = left + (0 if color == "ours" else 180)
            parts.append(
                f'<rect x="{x}" y="{bottom + 30}" width="14" height="4" fill="var(--{color})"/>'
            )
            parts.append(_text(x + 20, bottom + 37, variant, "quiet"))
    title = f"CPU seconds of a weekly run, over {weeks} weeks (median of {_WINDOW})"
    return _svg(bottom + 66, title, [*parts, _origin(section, bottom + 58)])


def _axes(left: int, bottom: int, weeks: int, highest: float) -> Iterator[str]:
    for share in (0, 0.5, 1):
        y = bottom - _PLOT_HEIGHT * share
        yield f'<path class="grid" d="M{left} {y:.1f}H{left + _PANEL}"/>'
        yield _text(left - 5, y + 4, f"{highest * share:.1f}", "quiet end")
        week = round(weeks * share)
        yield _text(
            left + _PANEL * share, bottom + 16, f"{week}", "quiet end" if share else "quiet"
        )


def _smoothed(values: Sequence[float]) -> list[float]:
    half = _WINDOW // 2
    return [median(values[max(0, n - half) : n + half + 1]) for n in range(len(values))]


def _origin(section: dict[str, Any], y: int) -> str:
    told = f"{section['machine']}; {section['day']}, commit {section['commit']}"
    return _text(12, y, told, "quiet")


def _text(x: float, y: float, text: str, style: str) -> str:
    return f'<text class="{style}" x="{x:.1f}" y="{y:.1f}">{escape(text)}</text>'


def _svg(height: int, title: str, parts: Sequence[str]) -> str:
    label = f'role="img" aria-label="{escape(title)}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" {label}>',
        f"<style>\n{_STYLE}\n</style>",
        f'<rect width="{_WIDTH}" height="{height}" fill="var(--ground)"/>',
        _text(12, 22, title, "head"),
        *parts,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
