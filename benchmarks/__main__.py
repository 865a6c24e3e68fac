"""Measure, and print a table: python -m benchmarks [--only CASE,…] [--sizes S,M,L] [--repeat N].

Figures are medians of alternating repetitions. CPU seconds include client and server.
Writes the points that `make bench-plot` draws into `benchmarks/results.json`. A case replaces only
its own points, which keep their machine, commit and command.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.bench import ENGINES, Bench
from benchmarks.cases import CASES
from benchmarks.figure import Figure, table
from benchmarks.measure import ROOT
from benchmarks.workspaces import LARGE, MEDIUM, SMALL, TENTH

RESULTS = ROOT / "benchmarks/results.json"
_SIZES = {size.name: size for size in (SMALL, TENTH, MEDIUM, LARGE)}


def main() -> None:
    """Run the requested cases."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", default=",".join(CASES), help="cases; by default all of them")
    parser.add_argument("--sizes", default="S,M,L", help="of S, T, M and L")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--weeks", type=int, default=260, help="of the case years")
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the case latency")
    parser.add_argument("--folder", type=Path, help="keeps the workspaces for another time")
    args = parser.parse_args()
    folder = args.folder or Path(tempfile.mkdtemp(prefix="bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(
        folder.absolute(),
        [_SIZES[name] for name in args.sizes.split(",")],
        args.repeat,
        args.engines.split(","),
        weeks=args.weeks,
        rows=args.rows,
    )
    origin = _origin()
    print(" · ".join(origin.values()))
    figures: list[Figure] = []
    try:
        for name in args.only.split(","):
            for figure in CASES[name](bench):
                print("\t".join(figure.cells), file=sys.stderr, flush=True)
                figures.append(figure)
    finally:
        bench.close()
        if not args.folder:
            shutil.rmtree(folder, ignore_errors=True)
        _keep({name: {**origin, "points": points} for name, points in bench.points.items()})
    print(table(figures))


def _origin() -> dict[str, str]:
    """Return where the figures come from: machine, commit, day, command."""
    git = ["git", "describe", "--always", "--dirty"]
    commit = subprocess.run(git, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    machine = f"{platform.machine()}, {os.cpu_count()} cores, {platform.system()}"
    return {
        "machine": f"{machine}, Python {platform.python_version()}",
        "commit": commit.strip(),
        "day": str(datetime.now(UTC).date()),
        "command": " ".join(["python -m benchmarks", *sys.argv[1:]]),
    }


def _keep(sections: dict[str, Any]) -> None:
    """Replace the sections of the results that this run measured."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    if sections:
        RESULTS.write_text(json.dumps(results | sections, indent=1) + "\n")


if __name__ == "__main__":
    main()
