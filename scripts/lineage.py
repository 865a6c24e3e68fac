"""Draw docs/lineage.svg from dbt's manifest: `make lineage`.

One column per layer. Models of `intermediate` are not drawn: edges pass through them. An edge is
left out if a longer path implies it.
"""

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

PICTURE = Path(__file__).parents[1] / "docs/lineage.svg"
_COLUMNS = (
    ("raw", "seeds"),
    ("staging",),
    ("marts",),
    ("content",),
    ("reporting",),
    ("exposures",),
)
_TITLES = {
    "raw": "raw.*",
    "seeds": "seeds.seed_*",
    "staging": "staging (typed rows)",
    "marts": "public.* (tables)",
    "content": "content.* (tables)",
    "reporting": "reporting.* (views)",
    "exposures": "read by",
}
_LABEL = 'role="img" aria-label="Lineage: raw tables and seeds, staging, tables, contents, views."'
_WIDTH, _HEIGHT, _STEP = 168, 24, 31  # of a box, and from one box to the next
_GAP = 76  # between columns
_DUMMY = 9  # the height that an edge takes when it passes a column
_TOP, _LEFT, _HEAD = 12, 12, 30
_ROUNDS = 24
_NOTE = "Lines pass through the intermediate models, which are parts of other statements."
_OTHER_NOTE = (
    "A line that a longer way implies is left out; raw.files and raw.rejections feed no model."
)
_STYLE = """\
svg { --ground: #ffffff; --text: #1f2328; --quiet: #59636e; --panel: #f6f8fa; --rim: #d1d9e0;
  --raw: #0969da; --seeds: #9a6700; --staging: #1b7c83; --marts: #1a7f37; --content: #8250df;
  --reporting: #bc4c00; --exposures: #59636e; --box: #ffffff }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --text: #f0f6fc; --quiet: #9198a1; --panel: #151b23; --rim: #3d444d;
    --raw: #4493f8; --seeds: #d29922; --staging: #39c5cf; --marts: #3fb950; --content: #ab7df8;
    --reporting: #f0883e; --exposures: #9198a1; --box: #0d1117 }
}
text { font: 12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; fill: var(--text) }
.head { font-weight: 600 }
.note { fill: var(--quiet); text-anchor: end }
.panel { fill: var(--panel); stroke: var(--rim) }
.box { fill: var(--box); stroke-width: 1.3 }
path { fill: none; stroke-width: 1.3; opacity: .75 }"""


@dataclass(slots=True)
class Place:
    """The position of a node, or of an edge that passes through a column.

    Args:
        column: The index of its column.
        layer: The layer that determines its color.
        name: The text of its box; empty for a passing edge.
        y: The vertical center.
    """

    column: int
    layer: str
    name: str
    y: float = 0

    @property
    def height(self) -> int:
        """Its height in the column."""
        return _STEP if self.name else _DUMMY


def layers_and_parents(manifest: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, set[str]]]:
    """Return the layer of each drawn node, and its parents."""
    found = manifest["nodes"] | manifest["sources"] | manifest["exposures"]
    layers = {}
    for name, node in found.items():
        if node["resource_type"] in {"model", "seed", "source", "exposure"}:
            of_kind = {"seed": "seeds", "source": "raw", "exposure": "exposures"}
            layers[name] = of_kind.get(node["resource_type"]) or node["fqn"][1]

    @cache
    def parents(name: str) -> frozenset[str]:
        """Return the parents, skipping intermediate models."""
        direct = found[name].get("depends_on", {}).get("nodes", ())
        steps = (parents(p) if layers[p] == "intermediate" else {p} for p in direct if p in layers)
        return frozenset[str]().union(*steps)

    @cache
    def ancestors(name: str) -> frozenset[str]:
        return parents(name).union(*map(ancestors, parents(name)))

    kept = {}
    for name, layer in layers.items():
        if layer != "intermediate":
            implied = frozenset[str]().union(*map(ancestors, parents(name)))
            kept[name] = set(parents(name) - implied)
    connected = {name for name, its in kept.items() if its}.union(*kept.values())
    return (
        {name: layer for name, layer in layers.items() if name in connected},
        {name: its for name, its in kept.items() if name in connected},
    )


def draw(manifest: Mapping[str, Any]) -> str:
    """Return the picture as SVG."""
    layers, parents = layers_and_parents(manifest)
    column_of = {layer: i for i, column in enumerate(_COLUMNS) for layer in column}
    places = {
        name: Place(
            column_of[layer], layer, name.split(".")[-1].rpartition("__")[2].removeprefix("seed_")
        )
        for name, layer in sorted(layers.items())
    }
    chains = _chains(places, parents)
    columns = _arranged(places, chains)
    height = _TOP + max(map(_height, columns)) + _TOP
    width = 2 * _LEFT + len(_COLUMNS) * (_WIDTH + _GAP) - _GAP
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" {_LABEL}>',
        f"<style>\n{_STYLE}\n</style>",
        f'<rect width="{width}" height="{height:.0f}" fill="var(--ground)"/>',
        *_panels(columns),
        *(_edge(chain) for chain in chains),
        *(_box(place) for column in columns for place in column if place.name),
        f'<text class="note" x="{width - _LEFT}" y="{height - 36:.0f}">{_NOTE}</text>',
        f'<text class="note" x="{width - _LEFT}" y="{height - 18:.0f}">{_OTHER_NOTE}</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _chains(places: Mapping[str, Place], parents: Mapping[str, Iterable[str]]) -> list[list[Place]]:
    """Return each edge as its places, one per column."""
    chains = []
    for name, its in sorted(parents.items()):
        end = places[name]
        for parent in sorted(its):
            start = places[parent]
            passed = range(start.column + 1, end.column)
            chains.append([start, *(Place(i, start.layer, "") for i in passed), end])
    return chains


def _arranged(places: Mapping[str, Place], chains: Iterable[list[Place]]) -> list[list[Place]]:
    """Order each column to avoid crossings: move each place towards its neighbors."""
    columns: list[list[Place]] = [[] for _ in _COLUMNS]
    neighbors: dict[int, list[Place]] = {}
    for place in places.values():
        columns[place.column].append(place)
    for chain in chains:
        for place in chain[1:-1]:
            columns[place.column].append(place)
        for one, other in pairwise(chain):
            neighbors.setdefault(id(one), []).append(other)
            neighbors.setdefault(id(other), []).append(one)
    tallest = max(map(_height, columns))
    for column in columns:
        _stack(column, tallest)
    for turn in range(_ROUNDS):
        for column in columns if turn % 2 else reversed(columns):
            _order(column, neighbors)
            _stack(column, tallest)
    return columns


def _order(column: list[Place], neighbors: Mapping[int, list[Place]]) -> None:
    """Put raw tables above seeds, and passing edges above or below the boxes."""
    means = {}
    for place in column:
        others = [near.y for near in neighbors[id(place)] if near.column != place.column]
        means[id(place)] = sum(others) / len(others) if others else place.y
    boxes = [place.y for place in column if place.name]
    middle = sum(boxes) / len(boxes)

    def group(place: Place) -> float:
        if not place.name:
            return -1 if means[id(place)] < middle else 1
        return place.layer == "seeds" and 0.5

    column.sort(key=lambda place: (group(place), means[id(place)]))


def _height(column: Iterable[Place]) -> float:
    places = list(column)
    return sum(p.height for p in places) + _HEAD * len({p.layer for p in places if p.name})


def _stack(column: list[Place], tallest: float) -> None:
    """Stack the places of a column, centered in the picture."""
    y = _TOP + (tallest - _height(column)) / 2
    headed = set()
    for place in column:
        if place.name and place.layer not in headed:
            headed.add(place.layer)
            y += _HEAD
        place.y = y + place.height / 2
        y += place.height


def _x(place: Place) -> int:
    return _LEFT + place.column * (_WIDTH + _GAP)


def _panels(columns: Iterable[list[Place]]) -> Iterable[str]:
    for column in columns:
        for layer in dict.fromkeys(place.layer for place in column if place.name):
            own = [place for place in column if place.layer == layer and place.name]
            top = min(p.y for p in own) - _STEP / 2 - _HEAD + 8
            bottom = max(p.y for p in own) + _STEP / 2 + 2
            x = _x(own[0]) - 7
            yield (
                f'<rect class="panel" x="{x}" y="{top:.1f}" width="{_WIDTH + 14}"'
                f' height="{bottom - top:.1f}" rx="7"/>'
            )
            yield (
                f'<text class="head" x="{x + 10}" y="{top + 17:.1f}"'
                f' style="fill:var(--{layer})">{_TITLES[layer]}</text>'
            )


def _edge(chain: list[Place]) -> str:
    start, end = chain[0], chain[-1]
    x, y = _x(start) + _WIDTH, start.y
    path = f"M{x} {y:.1f}"
    if start.column == end.column:
        bend = x + min(14 + abs(end.y - y) / 9, _GAP - 16)
        path += f"C{bend:.1f} {y:.1f} {bend:.1f} {end.y:.1f} {x} {end.y:.1f}"
    for place in chain[1:] if start.column < end.column else ():
        left, middle = _x(place), x + _GAP / 2
        path += f"C{middle:.1f} {y:.1f} {middle:.1f} {place.y:.1f} {left} {place.y:.1f}"
        x, y = left + _WIDTH, place.y
        path += "" if place.name else f"H{x}"
    return f'<path d="{path}" style="stroke:var(--{start.layer})"/>'


def _box(place: Place) -> str:
    x, y = _x(place), place.y - _HEIGHT / 2
    return (
        f'<rect class="box" x="{x}" y="{y:.1f}" width="{_WIDTH}" height="{_HEIGHT}" rx="4"'
        f' style="stroke:var(--{place.layer})"/>'
        f'<text x="{x + 9}" y="{place.y + 4:.1f}">{place.name}</text>'
    )


if __name__ == "__main__":
    PICTURE.write_text(draw(json.loads(Path(sys.argv[1]).read_text())))
