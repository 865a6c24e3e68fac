"""Kill a loader at its n-th operation, and check the result of the next run."""

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support import small
from tests.support.loader_server import run_loader
from tests.support.postgres import Postgres
from tests.support.project import Ended, Project
from tests.support.rows import (
    Rows,
    after_more_runs,
    differences,
    final_rows,
    finished_loads,
    leftovers,
    raw_rows,
)
from tests.support.sweep import Sweep

KILLED = -9
LOCAL = ("--engine", "local")


@dataclass
class Scene:
    """A database before a run, restored for each try.

    Args:
        project: The project to run.
        server: The database's server; None for DuckDB.
        raw: The raw rows before and after an undisturbed run.
        finals: The final rows before and after it, both times after a build.
        runs: The number of finished runs before it.
        seconds: The duration of the undisturbed run and its build.
    """

    project: Project
    server: Postgres | None
    raw: tuple[Rows, Rows] = ({}, {})
    finals: tuple[Rows, Rows] = ({}, {})
    runs: int = 0
    seconds: tuple[float, float] = (0, 0)
    _names: dict[tuple[str, ...], list[str]] = field(default_factory=dict)

    @property
    def _stored(self) -> Path:
        return self.project.folder / "before"

    @property
    def _database(self) -> str:
        return self.project.folder.name.lower()

    def run(self, *args: str, **environ: str) -> Ended:
        """Run the loader in a separate process."""
        command = self.project.run_args("--quiet", "--blob-store", "local", *args)
        return run_loader(self.project, *command, **environ)

    def prepare(self, *, is_second: bool) -> None:
        """Set workspace and database to the state before the run; record the result of the run."""
        small.write(self.project.workspace)
        if self.server:
            self.project.url = self.server.create_database(self._database)
        before: tuple[Rows, Rows] = ({}, {})
        if is_second:
            self._run_undisturbed()
            self.project.build()
            before = raw_rows(self.project), final_rows(self.project)
            self.runs = len(finished_loads(self.project))
            small.edit(self.project.workspace)
        self._store()
        began = time.monotonic()
        self._run_undisturbed()
        ran = time.monotonic()
        self.project.build()
        self.seconds = (ran - began, time.monotonic() - ran)
        self.raw = (before[0], raw_rows(self.project))
        self.finals = (before[1], final_rows(self.project))
        assert {} == leftovers(self.project)

    def _run_undisturbed(self) -> None:
        ended = self.run()
        assert ended.code == 0, ended

    def _store(self) -> None:
        (self.project.folder / "warehouse").mkdir(exist_ok=True)
        shutil.copytree(self.project.folder / "warehouse", self._stored, symlinks=True)
        if self.server:
            self.server.create_database(f"{self._database}_before", template=self._database)

    def restore(self) -> None:
        """Restore the state before the run."""
        make_writable(self.project.folder / "warehouse")
        shutil.rmtree(self.project.folder / "warehouse")
        shutil.copytree(self._stored, self.project.folder / "warehouse", symlinks=True)
        if self.server:
            self.server.create_database(self._database, template=f"{self._database}_before")

    def operations(self, *args: str) -> list[str]:
        """Return the names of the operations of an undisturbed run."""
        if args not in self._names:
            self.restore()
            ended = self.run(*args, COUNT_TO=str(self._operations))
            assert ended.code == 0, ended
            self._names[args] = self._counted()
        return self._names[args]

    def kill(self, number: int, *args: str) -> str:
        """Restore the state, run, and kill at the n-th operation; return the operation's name.

        The number of operations varies with threads. If it is lower, the run ends normally.
        """
        self.restore()
        ended = self.run(*args, KILL_AT=str(number), COUNT_TO=str(self._operations))
        names = self._counted()
        if len(names) < number:
            assert ended.code == 0, ended
            return "none"
        assert (ended.code, len(names)) == (KILLED, number), ended
        return names[-1]

    @property
    def _operations(self) -> Path:
        return self.project.folder / "operations"

    def _counted(self) -> list[str]:
        count, *names = self._operations.read_text().splitlines()
        assert int(count) == len(names)
        return names

    def verify(self, sweep: Sweep, ended: Ended, what: str, *, is_built: bool) -> None:
        """Count a try by the exit of the next run, and by the resulting rows.

        Args:
            sweep: The sweep to count it in.
            ended: The next run.
            what: A description of the try.
            is_built: Whether to build, and to compare the final tables too.
        """
        if ended.code != 0:
            sweep.stuck += 1
            sweep.differences.append(f"{what}: exit {ended.code}: {ended.err[:500]}")
            return
        rest = leftovers(self.project)
        runs = len(finished_loads(self.project)) - self.runs
        assert 1 <= runs <= 2, what  # the killed run may be finished
        expected = after_more_runs(*self.raw, runs)
        different = differences(expected, raw_rows(self.project))
        if is_built:
            self.project.build()
            expected = after_more_runs(*self.finals, runs)
            different |= differences(expected, final_rows(self.project))
        sweep.lost += any(lacking for lacking, _ in different.values())
        sweep.doubled += bool(rest) or any(surplus for _, surplus in different.values())
        sweep.exact += not rest and not different
        if rest or different:
            shown = json.dumps({"left over": rest, "lacks, has too many": different})
            sweep.differences.append(f"{what}: {shown[:700]}")


def make_writable(folder: Path) -> None:
    """Make everything in a folder removable."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def working_files(project: Project) -> list[Path]:
    """Return the files below the warehouse folder, except the database and the blobs."""
    folder = project.folder / "warehouse"
    tops = [
        path
        for path in folder.iterdir()
        if not path.name.startswith("warehouse.duckdb") and path.name != "blobs"
    ]
    return sorted(path for top in tops for path in [top, *top.rglob("*")])


def damage(project: Project, how: str) -> None:
    """Damage the working files as a broken disk or a careless user might."""
    paths = working_files(project)
    assert paths, "there is nothing to damage"
    for path in reversed(paths):  # files before their folders
        if path.is_dir():
            if how == "read-only":
                path.chmod(0o555)
            continue
        match how:
            case "truncated":
                content = path.read_bytes()
                path.write_bytes(content[: len(content) // 2])
            case "garbage":
                path.write_bytes(b"\xff\0garbage\n" * 10)
            case "read-only":
                path.chmod(0o444)
    if how == "deleted":
        for path in paths:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)


def spread(total: int, tries: int) -> list[int]:
    """Return evenly spread numbers from 1 to a total, `tries` at most."""
    if tries >= total:
        return list(range(1, total + 1))
    return sorted({1 + round(index * (total - 1) / (tries - 1)) for index in range(tries)})


def new_scene(folder: Path, dbt_dir: Path, server: Postgres | None, *, is_second: bool) -> Scene:
    """Make a scene in a folder."""
    (folder / "workspace").mkdir(parents=True)
    scene = Scene(Project(folder, dbt_dir, pytest.MonkeyPatch()), server)
    scene.prepare(is_second=is_second)
    return scene
