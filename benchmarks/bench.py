"""What the benchmark cases share: workspaces, databases, and the commands that they measure."""

import os
import shutil
import sys
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks.measure import Cost, Server, process
from benchmarks.workspaces import LARGE, Size, write_workspace

ENGINES = ("duckdb", "postgres")
MEGABYTE = 1_000_000


class Bench:
    """The folder and the options of a benchmark.

    Args:
        folder: The folder for all created files.
        sizes: The workspace sizes to measure.
        repeat: The number of repetitions; a third of it for the largest size.
        engines: The databases to measure.
        weeks: The number of weekly runs that the case `years` simulates.
        rows: The number of entries and turns that the case `latency` searches.
    """

    def __init__(  # noqa: PLR0913 - the options of the command
        self,
        folder: Path,
        sizes: Sequence[Size],
        repeat: int = 5,
        engines: Sequence[str] = ENGINES,
        *,
        weeks: int = 260,
        rows: int = 1_000_000,
    ) -> None:
        self.folder = folder
        self.sizes = sizes
        self.repeat = repeat
        self.engines = engines
        self.weeks = weeks
        self.rows = rows
        # The points that a case draws, by the name of the picture's section.
        self.points: dict[str, list[dict[str, Any]]] = {}
        # Creating a million small files is not part of the measurement.
        place = Path("/dev/shm")
        self.memory = (place if place.is_dir() else folder) / f"bench-{os.getpid()}"

    @cached_property
    def server(self) -> Server:
        """The PostgreSQL server, which starts with the first case that needs it."""
        return Server(self.folder / "postgres-server")

    def close(self) -> None:
        """Stop the server, if it runs."""
        if "server" in self.__dict__:
            self.server.stop()
        shutil.rmtree(self.memory, ignore_errors=True)

    def times(self, size: Size) -> int:
        """Return the number of repetitions for a size."""
        return max(1, self.repeat // 3) if size is LARGE else self.repeat

    def workspace(self, size: Size) -> Path:
        """Return the workspace of a size, which is written once."""
        root = self.folder / "workspaces" / size.name
        if not root.exists():
            write_workspace(root, size)
        return root

    def server_of(self, engine: str) -> Server | None:
        """Return the server whose CPU time belongs to an engine."""
        return self.server if engine == "postgres" else None

    def environ(self, engine: str, name: str) -> dict[str, str]:
        """Return the settings of a warehouse."""
        place = {"WAREHOUSE_DIR": str(self.folder / engine / name), "DATABASE_URL": ""}
        return place | ({"DATABASE_URL": self.server.url} if engine == "postgres" else {})

    def renew(self, engine: str, name: str) -> None:
        """Remove a warehouse and its database."""
        shutil.rmtree(self.folder / engine / name, ignore_errors=True)
        if engine == "postgres":
            self.server.renew()

    def target(self, engine: str, name: str) -> str:
        """Return the address of PostgreSQL, or the DuckDB file."""
        file = self.folder / engine / name / "warehouse.duckdb"
        return self.server.url if engine == "postgres" else str(file)

    def command(self, engine: str, name: str, *args: str, **environ: str) -> Cost:
        """Return the cost of a command of the loader."""
        command = [sys.executable, "-m", "loader", *args, *_target(engine)]
        return process(command, self.server_of(engine), **self.environ(engine, name), **environ)

    def run(self, engine: str, name: str, workspace: Path, *args: str, **environ: str) -> Cost:
        """Return the cost of `python -m loader run`, or of `weekly` with `args`."""
        verb, *options = args or ("run",)
        store = ["--blob-store", "local"] if engine == "postgres" else []
        place = ["-q", "--workspace", str(workspace), *store]
        return self.command(engine, name, verb, *place, *options, **environ)

    def dbt(self, engine: str, name: str, *args: str) -> Cost:
        """Return the cost of a dbt command."""
        command = [str(Path(sys.executable).parent / "dbt"), "--quiet", *args, *_target(engine)]
        return process(command, self.server_of(engine), **self.environ(engine, name))

    def first_load(self, engine: str, size: Size, **environ: str) -> Cost:
        """Return the cost of a run into an empty warehouse."""
        self.renew(engine, size.name)
        return self.run(engine, size.name, self.workspace(size), **environ)

    def change(self, size: Size) -> None:
        """Add a line to the last day of one daily file in a hundred."""
        for file in sorted(self.workspace(size).glob("daily-reports/*/*/*.md"))[::100]:
            with file.open("a") as opened:
                opened.write(f"- one thing more, {time.time_ns()}\n")


def _target(engine: str) -> list[str]:
    return ["--target", "prod" if engine == "postgres" else "local"]
