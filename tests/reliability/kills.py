"""A loader killed at its n-th operation, and what the next run leaves."""

import json
import shutil
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.conftest import Postgres
from tests.project import Ended, Project
from tests.reliability.sweep import Rows, Sweep, finals
from tests.support import small
from tests.support.loader_server import run_loader
from tests.support.raw import Raw, after_more_runs, finished_loads, leftovers, raw_rows

KILLED = -9
LOCAL = ("--engine", "local")


@dataclass
class Scene:
    """A database before a run, to be put back for each try.

    Args:
        project: The database that is tried on.
        server: Of the database; None for DuckDB.
        before: The rows before the run.
        after: The rows after an undisturbed run.
        runs: How many finished runs there are before.
        clean: The final rows after an undisturbed run.
    """

    project: Project
    server: Postgres | None
    before: Raw = field(default_factory=dict)
    after: Raw = field(default_factory=dict)
    runs: int = 0
    clean: Rows = field(default_factory=dict)

    @property
    def _stored(self) -> Path:
        return self.project.folder / "before"

    @property
    def _database(self) -> str:
        return self.project.folder.name.replace("-", "_")

    def run(self, *args: str, **environ: str) -> Ended:
        """Run the loader in a process of its own."""
        args = self.project.run_args("--quiet", "--blob-store", "local", *args)
        return run_loader(self.project, *args, **environ)

    def prepare(self, *, is_second: bool) -> None:
        """Bring workspace and database to the moment before the run; see what the run leaves."""
        small.write(self.project.workspace)
        if self.server:
            self.project.url = self.server.create_database(self._database)
        if is_second:
            self._run_undisturbed()
            small.edit(self.project.workspace)
            self.before = raw_rows(self.project)
        self.runs = len(finished_loads(self.project)) if is_second else 0
        self._store()
        self._run_undisturbed()
        self.after = raw_rows(self.project)
        assert {} == leftovers(self.project)
        self.project.build()
        self.clean = finals(self.project)

    def _run_undisturbed(self) -> None:
        ended = self.run()
        assert ended.code == 0, ended

    def _store(self) -> None:
        (self.project.folder / "warehouse").mkdir(exist_ok=True)
        shutil.copytree(self.project.folder / "warehouse", self._stored, symlinks=True)
        if self.server:
            self.server.create_database(f"{self._database}_before", template=self._database)

    def restore(self) -> None:
        """Put back the moment before the run."""
        make_writable(self.project.folder / "warehouse")
        shutil.rmtree(self.project.folder / "warehouse")
        shutil.copytree(self._stored, self.project.folder / "warehouse", symlinks=True)
        if self.server:
            self.server.create_database(self._database, template=f"{self._database}_before")

    def operations(self, *args: str) -> list[str]:
        """Return the names of the operations of an undisturbed run."""
        self.restore()
        ended = self.run(*args, COUNT_TO=str(self._operations))
        assert ended.code == 0, ended
        return self._counted()

    def kill(self, number: int, *args: str) -> str:
        """Run from the moment before, killed at its n-th operation; return the operation's name.

        Threads may take fewer operations than the last time: then the run ends by itself.
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

    def difference(self) -> dict[str, tuple[list[str], list[str]]]:
        """Return the rows that each raw table lacks, and those that it has too many."""
        runs = len(finished_loads(self.project)) - self.runs
        expected, found = after_more_runs(self.before, self.after, runs), raw_rows(self.project)
        none: Counter[str] = Counter()
        different = {
            table: (
                list((expected.get(table, none) - found.get(table, none)).elements()),
                list((found.get(table, none) - expected.get(table, none)).elements()),
            )
            for table in sorted(expected | found)
        }
        return {table: rows for table, rows in different.items() if rows != ([], [])}

    def verify(self, sweep: Sweep, ended: Ended, what: str, *, is_built: bool) -> None:
        """Count a try by how the next run ended, and by the rows that it left."""
        if ended.code != 0:
            sweep.stuck += 1
            sweep.differences.append(f"{what}: exit {ended.code}: {ended.err[:500]}")
            return
        rest, different = leftovers(self.project), self.difference()
        if rest or different:
            sweep.lost += any(lacking for lacking, _ in different.values())
            sweep.doubled += bool(rest) or any(surplus for _, surplus in different.values())
            shown = json.dumps({"rest": rest, "lacks, has too many": different})
            sweep.differences.append(f"{what}: {shown[:500]}")
            return
        runs = len(finished_loads(self.project)) - self.runs
        assert 1 <= runs <= 2, what  # the killed run may have been finished
        if not is_built:
            sweep.exact += 1
            return
        self.project.build()
        sweep.compare(self.project)


def make_writable(folder: Path) -> None:
    """Let everything in a folder be removed again."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def working_files(project: Project) -> list[Path]:
    """Return what is below the warehouse folder, except the database and the blobs."""
    folder = project.folder / "warehouse"
    tops = [
        path
        for path in folder.iterdir()
        if not path.name.startswith("warehouse.duckdb") and path.name != "blobs"
    ]
    return sorted(path for top in tops for path in [top, *top.rglob("*")])


def damage(project: Project, how: str) -> None:
    """Damage the working files as a broken disk or a careless user does."""
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
    """Return so many numbers from 1 to a total, evenly spread; all of them if there are fewer."""
    if tries >= total:
        return list(range(1, total + 1))
    return sorted({1 + round(index * (total - 1) / (tries - 1)) for index in range(tries)})


def new_scene(folder: Path, dbt_dir: Path, server: Postgres | None, *, is_second: bool) -> Scene:
    """Make a scene in a folder."""
    (folder / "workspace").mkdir(parents=True)
    scene = Scene(Project(folder, dbt_dir, pytest.MonkeyPatch()), server)
    scene.prepare(is_second=is_second)
    return scene
