"""The files of a run: its plan, its listing and its parts.

They are below a path or an fsspec URL that all executors of the run reach.
"""

import io
import json
import os
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import IO, Any

from loader.errors import EngineError
from loader.extract.options import RunOptions
from loader.parsing.weekly import Week
from loader.workspace import open_workspace
from loader.workspace.filesystem import open_filesystem
from loader.workspace.kinds import Kind, parser_versions

_PLAN = "plan.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """The values that all tasks of a run share. Contains no secrets.

    Args:
        run_id: UUID of the run.
        folder: Path or URL of the run's folder.
        parts: Path or URL of the folder for its parts.
        keeps_parts: Whether the next run can use the parts if this one does not finish.
        workspace: Path or URL.
        teams: Team names by folder name.
        report: The report type, which selects `config.{report}.json`.
        config_file: An additional config file, below the workspace.
        week: First and last day of the week in ISO format; replaces the configured week.
        is_full: Whether to load unchanged files too.
        triggered_by: The person who generated the reports and who loads them.
        max_file_bytes: The maximum size of a file; larger files are rejected.
        blob_store: URL of the blob store that the tasks open; empty if this process uploads.
        blob_concurrency: Parallel uploads of each task; 0 to send one blob after the other.
        part_files: Maximum number of files in a part.
        part_bytes: Maximum bytes of a part's files; a single file may be larger.
        parser_versions: The required version of each kind's parser.
        contents: Kinds whose texts are parsed into content tables.
    """

    run_id: str
    folder: str
    parts: str
    keeps_parts: bool
    workspace: str
    teams: dict[str, str]
    report: str
    config_file: str | None
    week: tuple[str, str] | None
    is_full: bool
    triggered_by: str | None
    max_file_bytes: int
    blob_store: str
    blob_concurrency: int
    part_files: int
    part_bytes: int
    parser_versions: dict[str, int]
    contents: list[str]

    def __hash__(self) -> int:
        """Return the hash of the run's id."""
        return hash(self.run_id)

    def options(self) -> RunOptions:
        """Return the options of the tasks."""
        week = Week(*map(date.fromisoformat, self.week)) if self.week else None
        return RunOptions(
            workspace=open_workspace(self.workspace),
            teams=self.teams,
            report=self.report,
            config_file=self.config_file,
            week=week,
            is_full=self.is_full,
            triggered_by=self.triggered_by,
            max_file_bytes=self.max_file_bytes,
            contents=frozenset(map(Kind, self.contents)),
        )


class RunFolder:
    """A folder of a run.

    Args:
        url: Path or URL of the folder. Only its user can read a local folder.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_remote = "://" in url

    @cached_property
    def _remote(self) -> tuple[Any, str]:
        return open_filesystem(self.url)

    @property
    def plan(self) -> Plan:
        """Return the run's plan."""
        with self.open(_PLAN) as file:
            return Plan(**json.load(file))

    @plan.setter
    def plan(self, plan: Plan) -> None:
        with self.create(_PLAN) as file:
            file.write(json.dumps(asdict(plan)).encode())

    @contextmanager
    def create(self, name: str) -> Iterator[IO[bytes]]:
        """Write a file atomically: by a rename, or as one object."""
        if self.is_remote:
            sink = io.BytesIO()
            yield sink
            fs, root = self._remote
            fs.pipe_file(f"{root}/{name}", sink.getvalue())
            return
        path = Path(self.url, name)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        try:
            with temporary.open("wb") as file:
                yield file
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        if not self.is_remote:
            return Path(self.url, name).open("rb")
        fs, root = self._remote
        opened: IO[bytes] = fs.open(f"{root}/{name}", "rb")
        return opened

    def local_path(self, name: str, folder: Path) -> Path:
        """Return a local path of a file; copy a remote file first.

        Args:
            name: The file.
            folder: The destination of the copy.
        """
        if not self.is_remote:
            return Path(self.url, name)
        copied = folder / name
        copied.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fs, root = self._remote
        fs.get_file(f"{root}/{name}", str(copied))
        return copied

    def folders(self) -> list[str]:
        """Return the names of the folders in this one; none if it does not exist.

        Raises:
            EngineError: The store cannot be listed.
        """
        if not self.is_remote:
            with suppress(OSError):
                return sorted(entry.name for entry in os.scandir(self.url) if entry.is_dir())
            return []
        fs, root = self._remote
        try:
            entries: list[dict[str, Any]] = fs.ls(root, detail=True)
        except FileNotFoundError:
            return []
        except Exception as error:  # each store raises its own errors
            problem = str(error).strip() or type(error).__name__
            message = f"Cannot list {self.url}: {problem}\nCheck PARTS_URL."
            raise EngineError(message) from error
        names = (e["name"].rpartition("/")[2] for e in entries if e["type"] == "directory")
        return sorted(names)

    def files(self) -> list[str]:
        """Return the names of the files below this folder; none if it does not exist."""
        if not self.is_remote:
            root = Path(self.url)
            return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
        fs, place = self._remote
        return sorted(name.removeprefix(f"{place}/") for name in fs.find(place))

    def remove(self) -> None:
        """Remove the folder with its contents."""
        if not self.is_remote:
            remove_tree(Path(self.url))
            return
        fs, root = self._remote
        with suppress(FileNotFoundError):
            fs.rm(root, recursive=True)


@lru_cache(maxsize=2)
def prepared(run: str) -> tuple[RunFolder, RunFolder, Plan, RunOptions]:
    """Return the run's folder, the folder of its parts, its plan and its options; cached.

    Raises:
        EngineError: The loader on this machine has another version than the run.
    """
    folder = RunFolder(run)
    plan = folder.plan
    if plan.parser_versions != parser_versions():
        message = (
            f"A worker has the parser versions {parser_versions()}, and the run has"
            f" {plan.parser_versions}."
            " Install the same loader everywhere."
        )
        raise EngineError(message)
    return folder, RunFolder(plan.parts), plan, plan.options()


def remove_tree(path: Path) -> None:
    """Remove a file or folder of ours, even if its modes forbid it."""

    def allow(function: Any, name: str, _: object) -> None:  # noqa: ANN401 - as shutil calls it
        with suppress(OSError):
            Path(name).parent.chmod(stat.S_IRWXU)
            Path(name).chmod(stat.S_IRWXU)
            function(name)

    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, onerror=allow)
    else:
        path.unlink(missing_ok=True)
