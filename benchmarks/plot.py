"""Plot the latest benchmark results: python benchmarks/plot.py RESULTS PICTURE."""

import json
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "performance"  # equal figures give equal bytes

from matplotlib import pyplot as plt  # noqa: E402

_COLOURS = {"duckdb": "tab:orange", "postgres": "tab:blue"}


def main(results: str, picture: str) -> None:
    """Plot time against rows for the loader and the minimum, on both engines."""
    told = json.loads(Path(results).read_text())
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    for engine, colour in _COLOURS.items():
        points = [point for point in told["points"] if point["engine"] == engine]
        rows = [point["rows"] for point in points]
        for key, style, what in (
            ("ours", "o-", "loader run"),
            ("floor", "s--", "parse and bulk insert alone"),
        ):
            seconds = [point[key] for point in points]
            axes.loglog(rows, seconds, style, color=colour, label=f"{engine}: {what}")
    axes.set_xlabel("day rows of a first load")
    axes.set_ylabel("seconds")
    axes.set_title(f"A first load and the least it can take ({told['machine']})", fontsize=10)
    axes.grid(visible=True, which="both", alpha=0.2)
    axes.legend(frameon=False)
    figure.savefig(picture, metadata={"Date": None})


if __name__ == "__main__":
    main(*sys.argv[1:])
