"""A run's folder: `plan.json`, `readings/`, `manifest/`, `frozen.json`, and a file for each part.

Below a path that all who do the run's tasks reach, or a URL that fsspec knows.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import IO, Any
from uuid import UUID

from fsspec.implementations.local import LocalFileSystem

from loader.blobs.local import write_atomically
from loader.errors import EngineError
from loader.filesystem import open_filesystem
from loader.parsing.weekly import Week
from loader.run import Order, Stamp
from loader.workspace import open_workspace

_PLAN, _FROZEN = "plan.json", "frozen.json"


@dataclass(frozen=True, slots=True)
class Plan:
    """What all tasks of a run share. Holds no secret.

    Args:
        target: Whose run it is.
        run_id: UUID of the run, and of its load.
        loaded_at: Its one time, in ISO format.
        started_at: When it began, likewise.
        workspace: Path or URL.
        teams: Team names by folder name.
        folders: The team folders to read, if not all.
        report: Which `config.{report}.json`.
        week: First and last day of the week, in ISO format, instead of the config's.
        is_full: Whether to load what is unchanged too.
        triggered_by: Who had the reports generated, and who loads.
        blob_dir: The local blob store; None for Vercel Blob.
        blob_store_id: Which Vercel store.
        blob_concurrency: How many blobs each task sends at once; 0 to send each in its turn.
        part_files: How many files a part has, at most.
        part_bytes: How many bytes they have, unless it is one.
        parser_version: Of the parsers that must read them.
    """

    target: str
    run_id: str
    loaded_at: str
    started_at: str
    workspace: str
    teams: dict[str, str]
    folders: list[str] | None
    report: str
    week: tuple[str, str] | None
    is_full: bool
    triggered_by: str | None
    blob_dir: str | None
    blob_store_id: str | None
    blob_concurrency: int
    part_files: int
    part_bytes: int
    parser_version: int

    @property
    def stamp(self) -> Stamp:
        """What all rows share."""
        loaded_at = datetime.fromisoformat(self.loaded_at)
        return Stamp(UUID(self.run_id), loaded_at, datetime.fromisoformat(self.started_at))

    def order(self) -> Order:
        """What the tasks are to do."""
        week = Week(*map(date.fromisoformat, self.week)) if self.week else None
        return Order(
            workspace=open_workspace(self.workspace),
            teams=self.teams,
            report=self.report,
            week=week,
            is_full=self.is_full,
            triggered_by=self.triggered_by,
        )


@dataclass(frozen=True, slots=True)
class Frozen:
    """What a run is to read, from now on.

    Args:
        shards: The manifest's files.
        parts: How many parts there are.
        files: How many files.
        ignored: How many other files there are.
    """

    shards: list[str]
    parts: int
    files: int
    ignored: int


class RunFolder:
    """A run's files.

    Args:
        url: Path or URL of the folder.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs, self._root = open_filesystem(url)

    @property
    def plan(self) -> Plan:
        """What all tasks share."""
        return Plan(**json.loads(self.read(_PLAN)))

    @plan.setter
    def plan(self, plan: Plan) -> None:
        self.write(_PLAN, json.dumps(asdict(plan)).encode())

    @property
    def frozen(self) -> Frozen | None:
        """What is to be read; None while it is not known."""
        try:
            return Frozen(**json.loads(self.read(_FROZEN)))
        except FileNotFoundError:
            return None

    @frozen.setter
    def frozen(self, frozen: Frozen) -> None:
        self.write(_FROZEN, json.dumps(asdict(frozen)).encode())

    def write(self, name: str, data: bytes) -> None:
        """Write a file that appears whole or not at all: by a rename, or as one object."""
        path = f"{self._root}/{name}"
        if isinstance(self._fs, LocalFileSystem):
            write_atomically(path, data)
        else:
            self._fs.pipe_file(path, data)

    def read(self, name: str) -> bytes:
        """A file's bytes.

        Raises:
            FileNotFoundError: There is none.
        """
        data: bytes = self._fs.cat_file(f"{self._root}/{name}")
        return data

    def open(self, name: str, *, is_new: bool = False) -> IO[bytes]:
        """A file to read from, or to write into; that appears when it is closed or before."""
        if is_new:
            self._fs.makedirs(f"{self._root}/{name}".rpartition("/")[0], exist_ok=True)
        opened: IO[bytes] = self._fs.open(f"{self._root}/{name}", "wb" if is_new else "rb")
        return opened

    def has(self, name: str) -> bool:
        """Whether there is a file."""
        return bool(self._fs.exists(f"{self._root}/{name}"))

    def folders(self) -> list["RunFolder"]:
        """The folders in this one, sorted; none where it is not there.

        Raises:
            EngineError: The store cannot be listed.
        """
        try:
            entries: list[dict[str, Any]] = self._fs.ls(self._root, detail=True)
        except FileNotFoundError:
            return []
        except Exception as error:  # each store has some of its own
            problem = str(error).strip() or type(error).__name__
            message = f"{self.url} cannot be listed: {problem}\nLook at PARTS_URL."
            raise EngineError(message) from error
        names = (e["name"].rpartition("/")[2] for e in entries if e["type"] == "directory")
        return [RunFolder(f"{self.url}/{name}") for name in sorted(names)]

    def remove(self) -> None:
        """Remove all of it; what says that the run is frozen goes first."""
        for name in (_FROZEN, ""):
            with suppress(FileNotFoundError):
                self._fs.rm(f"{self._root}/{name}".rstrip("/"), recursive=not name)
