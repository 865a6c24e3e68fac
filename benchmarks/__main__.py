"""Measure, and print a table: python -m benchmarks [--sizes S,M,L] [--repeat N] [--only 1,2,…].

Figures are medians of alternating repetitions. CPU seconds include client and server.
Writes the points that `make bench-plot` draws into `benchmarks/results.json`.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measure import ROOT, Cost, Server, alternating, median_cost, process, reported
from benchmarks.workspaces import LARGE, MEDIUM, SMALL, Size, write_many, write_workspace
from loader.blobs import StoredBlob
from loader.extract.listing import Prefix, list_prefix
from loader.extract.options import RunInfo
from loader.extract.parts import extract_part
from loader.extract.run_folder import Plan, RunFolder
from loader.extract.shards import parts_of
from loader.extract.uploads import Uploader
from loader.loading.files import write_load_files
from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.decoding import to_utf8
from loader.workspace import open_workspace
from loader.workspace.kinds import WITH_CONTENTS, Kind, parser_versions
from loader.workspace.teams import load_teams

_SIZES = {size.name: size for size in (SMALL, MEDIUM, LARGE)}
_ENGINES = ("duckdb", "postgres")
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Args:
        what: The measured case.
        ours: Our cost, as text.
        limit: The minimum cost, as text.
        ratio: Our cost divided by the minimum, or our cost if there is no minimum.
        goal: The maximum of the ratio; if negative, its absolute value is the minimum.
    """

    what: str
    ours: str
    limit: str = ""
    ratio: float | None = None
    goal: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.ratio is None or self.goal is None:
            return None
        return self.ratio >= -self.goal if self.goal < 0 else self.ratio <= self.goal


class _AllThere:
    """A blob store that already has every blob, to measure a run without uploads."""

    def find(self, key: str, size: int) -> StoredBlob:
        return StoredBlob(key, f"local:{key}", size)


def _load_files(workspace: Path, folder: Path) -> dict[str, Path]:
    """Return the files that a first run loads, by raw table."""
    run = RunFolder(str(folder))
    run.plan = Plan(
        run_id=str(uuid4()),
        folder=run.url,
        parts=f"{folder}/parts",
        keeps_parts=False,
        workspace=str(workspace),
        teams=load_teams(),
        report="weekly",
        config_file=None,
        week=None,
        is_full=False,
        triggered_by=None,
        max_file_bytes=1_000_000_000,
        blob_store="",
        blob_concurrency=0,
        part_files=1000,
        part_bytes=16 * 1024 * 1024,
        parser_versions=parser_versions(),
        contents=sorted(WITH_CONTENTS),
    )
    pairs = [(k, team) for k in Kind for team in open_workspace(workspace).team_folders()]
    prefixes = [Prefix(run.url, number, team, kind) for number, (kind, team) in enumerate(pairs)]
    uploader = Uploader(_AllThere())  # type: ignore[arg-type]
    parts = [
        folder / "parts" / part.file
        for prefix in prefixes
        for shard in list_prefix(prefix).shards
        for part in parts_of(run, shard)
        if extract_part(part, uploader).rows
    ]
    now = datetime.now(UTC)
    info = RunInfo(uuid4(), now, now, None)
    files = write_load_files(parts, {}, info, "1", folder / "load")
    return {name: file.path for name, file in files.items()}


class Bench:
    """The benchmark cases.

    Args:
        folder: The folder for all created files.
        sizes: The workspace sizes to measure.
        repeat: The number of repetitions; a third of it for the largest size.
    """

    def __init__(self, folder: Path, sizes: list[Size], repeat: int) -> None:
        self.folder = folder
        self.sizes = sizes
        self.repeat = repeat
        self.server = Server(folder / "postgres")
        self.points: list[dict[str, object]] = []
        # Creating a million small files is not part of the measurement.
        place = Path("/dev/shm")
        self.memory = (place if place.is_dir() else folder) / f"bench-{os.getpid()}"

    def times(self, size: Size) -> int:
        return max(1, self.repeat // 3) if size is LARGE else self.repeat

    def workspace(self, size: Size) -> Path:
        root = self.folder / "workspaces" / size.name
        if not root.exists():
            write_workspace(root, size)
        return root

    def environ(self, engine: str, name: str) -> dict[str, str]:
        place = {"WAREHOUSE_DIR": str(self.folder / engine / name)}
        return place | ({"DATABASE_URL": self.server.url} if engine == "postgres" else {})

    def renew(self, engine: str, name: str) -> None:
        shutil.rmtree(self.folder / engine / name, ignore_errors=True)
        if engine == "postgres":
            self.server.renew()

    def target(self, engine: str, name: str) -> str:
        file = self.folder / engine / name / "warehouse.duckdb"
        return self.server.url if engine == "postgres" else str(file)

    def loader(self, engine: str, name: str, workspace: Path, *args: str) -> Cost:
        store = ["--blob-store", "local"] if engine == "postgres" else []
        target = ["--target", "prod" if engine == "postgres" else "local"]
        command = [sys.executable, "-m", "loader", "run", "-q", "--workspace", str(workspace)]
        server = self.server if engine == "postgres" else None
        return process([*command, *target, *store, *args], server, **self.environ(engine, name))

    def dbt(self, engine: str, name: str, *args: str) -> Cost:
        target = ["--target", "prod" if engine == "postgres" else "local"]
        command = [str(Path(sys.executable).parent / "dbt"), "--quiet", *args, *target]
        server = self.server if engine == "postgres" else None
        return process(command, server, **self.environ(engine, name))

    def parse(self, size: Size) -> Cost:
        """Measure parsing alone, from texts in memory."""
        files = sorted(self.workspace(size).glob("daily-reports/*/*/*.md"))
        texts = [file.read_bytes() for file in files]
        wall, cpu = time.perf_counter(), time.process_time()
        for text in texts:
            parse_daily_reports(to_utf8(text)[0])
        return Cost(time.perf_counter() - wall, time.process_time() - cpu)

    def parsed(self, size: Size) -> Path:
        """Return a folder with the rows of a workspace, one Arrow file per raw table."""
        folder = self.folder / "parsed" / size.name
        if folder.exists():
            return folder
        folder.mkdir(parents=True)
        for name, path in _load_files(self.workspace(size), folder / "run").items():
            rows = pq.ParquetFile(path)
            with pa.ipc.new_file(str(folder / f"{name}.arrow"), rows.schema_arrow) as writer:
                for batch in rows.iter_batches():
                    writer.write_batch(batch)
        return folder

    def first_load(self, engine: str, size: Size) -> Cost:
        self.renew(engine, size.name)
        return self.loader(engine, size.name, self.workspace(size))

    def floor(self, engine: str, size: Size) -> Cost:
        if engine == "postgres":
            self.server.renew()
        target = self.server.url if engine == "postgres" else str(self.folder / "floor.duckdb")
        server = self.server if engine == "postgres" else None
        return reported(["benchmarks.floor", str(self.parsed(size)), target], server)

    def change(self, size: Size) -> None:
        """Add a line to the last day of one daily file in a hundred."""
        for file in sorted(self.workspace(size).glob("daily-reports/*/*/*.md"))[::100]:
            with file.open("a") as opened:
                opened.write(f"- one thing more, {time.time_ns()}\n")

    def case_1(self) -> Iterator[Figure]:
        """Measure parsing alone."""
        size = min(max(self.sizes, key=lambda size: size.days), MEDIUM, key=lambda size: size.days)
        cost = median_cost([self.parse(size) for _ in range(self.repeat)])
        rate = size.days / cost.cpu
        yield Figure("1 parse, day rows per core-second", f"{rate:,.0f}", "", rate, -250_000)

    def case_2(self) -> Iterator[Figure]:
        """Measure a first load against the minimum, and later runs."""
        for engine in _ENGINES:
            cpu_goal = 2.0 if engine == "postgres" else 1.6
            per_row: dict[str, float] = {}
            for size in self.sizes:
                floor, parse, ours = alternating(
                    self.times(size),
                    lambda: self.floor(engine, size),  # noqa: B023 - called at once
                    lambda: self.parse(size),  # noqa: B023
                    lambda: self.first_load(engine, size),  # noqa: B023
                )
                limit = floor + parse
                is_medium = size is MEDIUM
                yield Figure(
                    f"2 {engine}, {size.name} first load, CPU",
                    f"{ours.all_cpu:.2f} s",
                    f"{limit.all_cpu:.2f} s",
                    ours.all_cpu / limit.all_cpu,
                    cpu_goal if is_medium else None,
                )
                yield Figure(
                    f"2 {engine}, {size.name} first load, wall",
                    f"{ours.wall:.2f} s",
                    f"{limit.wall:.2f} s",
                    ours.wall / limit.wall,
                    2.0 if is_medium else None,
                )
                memory = ours.peak / _MEGABYTE
                yield Figure(
                    f"2 {engine}, {size.name} peak memory, MB", f"{memory:.0f}", "", memory, 500
                )
                per_row[size.name] = ours.all_cpu / size.days
                point = {"engine": engine, "rows": size.days, "ours": ours.wall}
                self.points.append({**point, "floor": limit.wall})
                yield from self.later_loads(engine, size, ours)
            if {"M", "L"} <= per_row.keys():
                ratio = per_row["L"] / per_row["M"]
                yield Figure(
                    f"2 {engine}, CPU per row, L to M",
                    f"{per_row['L'] * 1e6:.0f} µs",
                    f"{per_row['M'] * 1e6:.0f} µs",
                    ratio,
                    1.1,
                )

    def later_loads(self, engine: str, size: Size, first: Cost) -> Iterator[Figure]:
        """Measure runs with no change, and with one changed file in a hundred, after the first."""
        root = self.workspace(size)
        same = median_cost([self.loader(engine, size.name, root) for _ in range(self.times(size))])
        seconds, share = same.all_cpu, same.all_cpu / first.all_cpu
        name = f"3 {engine}, {size.name} unchanged"
        if size is LARGE:
            yield Figure(f"{name}, CPU", f"{seconds:.2f} s", f"{first.all_cpu:.2f} s", share, 0.05)
        else:
            yield Figure(f"{name}, CPU s", f"{seconds:.2f}", "", seconds, 1.5)
        costs = []
        for _ in range(self.times(size)):
            self.change(size)
            costs.append(self.loader(engine, size.name, root))
        changed = median_cost(costs).all_cpu
        yield Figure(f"3 {engine}, {size.name} 1 % changed, CPU s", f"{changed:.2f}")

    def case_3(self) -> Iterator[Figure]:
        """Measure a run on a hundred thousand unchanged files."""
        root = self.folder / "workspaces" / "files"
        folder = root / "daily-reports/md-output/rocks"
        if not root.exists():
            folder.mkdir(parents=True)
            for number in range(100_000):
                text = f"**Employee**: Ana {number}\n\n## 2025-10-27\n\n- x\n"
                (folder / f"{number:06}.md").write_text(text)
        for engine in _ENGINES:
            self.renew(engine, "files")
            self.loader(engine, "files", root)
            costs = [self.loader(engine, "files", root) for _ in range(max(1, self.repeat // 2))]
            seconds = median_cost(costs).all_cpu
            yield Figure(
                f"3 {engine}, 100,000 unchanged files, CPU s", f"{seconds:.2f}", "", seconds, 5.0
            )

    def case_4(self) -> Iterator[Figure]:
        """Compare `dbt run` with a hand-written statement, on the largest workspace."""
        size = self.sizes[-1]
        for engine in _ENGINES:
            name = size.name
            self.first_load(engine, size)
            self.dbt(engine, name, "seed")
            target = self.target(engine, name)
            server = self.server if engine == "postgres" else None
            start = median_cost([self.dbt(engine, name, "parse") for _ in range(3)])
            ours = self.dbt(engine, name, "run")
            hand = reported(["benchmarks.upsert", target, "first"], server)
            yield self.beside(f"4 {engine}, {name} first dbt run", ours, start, hand, 1.3)
            same = median_cost([self.dbt(engine, name, "run") for _ in range(self.repeat)])
            above = same.wall - start.wall
            yield Figure(
                f"4 {engine}, {name} no-op dbt run, s above its start-up",
                f"{same.wall:.2f} s",
                f"{start.wall:.2f} s",
                above,
                1.5,
            )
            self.change(size)
            self.loader(engine, name, self.workspace(size))
            ours = self.dbt(engine, name, "run")
            hand = reported(["benchmarks.upsert", target, "next"], server)
            yield self.beside(f"4 {engine}, {name} dbt run of 1 % more", ours, start, hand, 1.5)

    @staticmethod
    def beside(what: str, ours: Cost, start: Cost, hand: Cost, goal: float) -> Figure:
        """Compare a dbt run, without its start-up time, with a statement."""
        above = max(ours.wall - start.wall, 0.0)
        return Figure(what, f"{above:.2f} s", f"{hand.wall:.2f} s", above / hand.wall, goal)

    def case_5(self) -> Iterator[Figure]:
        """Measure start-up times."""
        helps = [process([sys.executable, "-m", "loader", "--help"]) for _ in range(self.repeat)]
        seconds = median_cost(helps).cpu
        yield Figure("5 loader --help, CPU s", f"{seconds:.2f}", "", seconds, 0.15)
        root = self.folder / "workspaces" / "one"
        file = root / "daily-reports/md-output/rocks/a.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("**Employee**: Ana\n\n## 2025-10-27\n\n- x\n")
        dlt = median_cost(
            [process([sys.executable, "-c", "import dlt"]) for _ in range(self.repeat)]
        )
        for engine in _ENGINES:
            costs = []
            for _ in range(self.repeat):
                self.renew(engine, "one")
                costs.append(self.loader(engine, "one", root))
            seconds = median_cost(costs).cpu
            yield Figure(
                f"5 {engine}, one file, CPU s",
                f"{seconds:.2f}",
                f"{dlt.cpu:.2f} (import dlt)",
                seconds,
                1.5,
            )
        self.dbt("duckdb", "one", "build")
        same = median_cost([self.dbt("duckdb", "one", "build") for _ in range(self.repeat)])
        yield Figure("5 dbt build with nothing to do, CPU s", f"{same.cpu:.2f}")

    def case_6(self) -> Iterator[Figure]:
        """Measure uploads to a store with 20 ms latency."""
        latency = 0.02
        for concurrency in (1, 8, 32):
            ended = reported(["benchmarks.uploads", str(concurrency), str(latency)])
            rate, most = 1 / ended.wall, concurrency / latency
            yield Figure(
                f"6 uploads per second, {concurrency} at once",
                f"{rate:,.0f}",
                f"{most:,.0f}",
                rate / most,
                -0.8,
            )
            micros = f"{ended.cpu * 1_000_000:,.0f}"
            yield Figure(f"6 CPU per upload, {concurrency} at once, µs", micros)

    def parts(self, kind: str, workers: int, files: int, *, is_postgres: bool) -> dict[str, float]:
        """Return the cost of a run of many files on an executor."""
        self.memory.mkdir(exist_ok=True)
        root = self.memory / f"many-{files}"
        if not root.exists():
            write_many(root, files)
        place = self.memory / "warehouse"
        shutil.rmtree(place, ignore_errors=True)
        self.server.renew()
        environ = {"DATABASE_URL": self.server.url} if is_postgres else {}
        command = [sys.executable, "-m", "benchmarks.parts", kind, str(workers), str(root)]
        ended = subprocess.run(
            [*command, str(place)],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "DATABASE_URL": "", **environ},
        )
        told: dict[str, float] = json.loads(ended.stdout)
        return told

    def case_7(self) -> Iterator[Figure]:
        """Compare a run on Dask with one on a pool of as many processes."""
        files = 50_000
        for workers in (1, 2):
            rates: dict[str, list[float]] = {"processes": [], "dask": []}
            for _ in range(max(1, self.repeat // 2)):
                for kind, found in rates.items():
                    took = self.parts(kind, workers, files, is_postgres=False)["seconds"]
                    found.append(files / took)
            pool, dask = (median(found) for found in rates.values())
            yield Figure(
                f"7 files/s on Dask, {workers} of one thread",
                f"{dask:,.0f}",
                f"{pool:,.0f} (processes)",
                dask / pool,
                -0.8,
            )

    def case_8(self) -> Iterator[Figure]:
        """Measure the driver's memory."""
        peaks = []
        for files in (100_000, 1_000_000):
            took = self.parts("processes", 2, files, is_postgres=True)
            peaks.append(took["peak"] / _MEGABYTE)
            yield Figure(f"8 driver's peak memory at {files:,} files, MB", f"{peaks[-1]:.0f}")
        yield Figure(
            "8 driver's peak memory, 1,000,000 to 100,000",
            f"{peaks[1]:.0f} MB",
            f"{peaks[0]:.0f} MB",
            peaks[1] / peaks[0],
            1.1,
        )


def _printed(figures: list[Figure]) -> None:
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    table = Table("what", "ours", "limit", "ratio", "goal", "met")
    for figure in figures:
        ratio = "" if figure.ratio is None else f"{figure.ratio:,.2f}"
        sign = "≥" if (figure.goal or 0) < 0 else "≤"
        goal = "" if figure.goal is None else f"{sign} {abs(figure.goal):,g}"
        met = {None: "", True: "yes", False: "no"}[figure.is_met]
        table.add_row(figure.what, figure.ours, figure.limit, ratio, goal, met)
    Console(width=120).print(table)


def main() -> None:
    """Run the requested cases."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--sizes", default="S,M,L")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="1,2,3,4,5,6,7,8")
    parser.add_argument("--folder", type=Path, help="keeps the workspaces for another time")
    args = parser.parse_args()
    sizes = [_SIZES[name] for name in args.sizes.split(",")]
    folder = args.folder or Path(tempfile.mkdtemp(prefix="bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(folder, sizes, args.repeat)
    figures: list[Figure] = []
    try:
        for number in args.only.split(","):
            case: Callable[[], Iterator[Figure]] = getattr(bench, f"case_{number}")
            for figure in case():
                print(figure, flush=True)
                figures.append(figure)
    finally:
        bench.server.stop()
        shutil.rmtree(bench.memory, ignore_errors=True)
        if not args.folder:
            shutil.rmtree(folder, ignore_errors=True)
    _printed(figures)
    machine = f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}"
    results = {"machine": machine, "points": bench.points}
    (ROOT / "benchmarks/results.json").write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
