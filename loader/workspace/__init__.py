"""The files of a workspace with team and kind, and their bytes.

A workspace is a folder, or a prefix of an object store: `s3://bucket/prefix`, `gs://…`, `az://…`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from loader.errors import WorkspaceError
from loader.parsing.rejections import Reason, Rejection
from loader.workspace.kinds import KINDS, Kind
from loader.workspace.regular import SMALL
from loader.workspace.regular import TooLargeError as TooLargeError

SCHEMES = ("s3", "gs", "az")
MOST_IGNORED = 1000  # names that are kept; all are counted
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the workspace.

    Args:
        kind: The table that it feeds.
        team: The team's folder, as found.
        path: Relative to the workspace, with `/`, as found.
        name: Relative to the folder in which the team's files of this kind are.
        size: In bytes, where it is known.
        modified_at: When it last changed, in seconds since 1970, where it is known.
        version: What is another one as soon as the file is; None where it does not matter.
    """

    kind: Kind
    team: str
    path: str
    name: str
    size: int = 0
    modified_at: float = 0.0
    version: str | None = None


@dataclass(slots=True)
class Listing:
    """The contents of a team's folder for one kind.

    Args:
        files: The input files, in sorted order.
        rejections: What is no regular file of the team, with its reason.
        ignored: How many files are not input (hidden, or of another extension).
        ignored_paths: The first of them.
    """

    files: list[SourceFile] = field(default_factory=list)
    rejections: list[tuple[SourceFile, Rejection]] = field(default_factory=list)
    ignored: int = 0
    ignored_paths: list[str] = field(default_factory=list)

    def ignore(self, path: str, *, is_named: bool = True) -> None:
        """Count a file that is not input; its name is kept unless nobody may see it."""
        self.ignored += 1
        if is_named and len(self.ignored_paths) < MOST_IGNORED:
            self.ignored_paths.append(path)


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes.

    Args:
        data: The bytes.
        modified_at: When the file last changed, in seconds since 1970.
    """

    data: bytes
    modified_at: float


class ChangedError(OSError):
    """A file is no longer the version that was listed."""


class Workspace(Protocol):
    """Where the orchestrator's files are.

    Args:
        url: The folder's path or the prefix's URL.
        reads_at_once: How many reads are worth having under way at a time; 0 for one after another.
    """

    url: str
    reads_at_once: int

    def team_folders(self) -> list[str]:
        """Return the names of all team folders, sorted; none if no folder of ours is there.

        Raises:
            WorkspaceError: The workspace is not there, or it cannot be listed.
        """

    def scan_root(self, kind: Kind, listing: Listing) -> None:
        """List the files next to the team folders, one level too high: each is a rejection.

        Files of Slack may hold raw messages: they are counted, and never named.

        Args:
            kind: The table that they would feed.
            listing: Gets the rejections, and what is not input.

        Raises:
            WorkspaceError: The store cannot be listed.
        """

    def scan(self, kind: Kind, team: str, listing: Listing) -> Iterable[SourceFile]:
        """The input files of a team and kind, every depth, in sorted order.

        A folder that is not there is empty.

        Args:
            kind: The table that they feed.
            team: The team's folder.
            listing: Gets what else is found; it is complete behind the last file.

        Raises:
            WorkspaceError: The store cannot be listed.
        """

    def with_version(self, file: SourceFile) -> SourceFile:
        """A file with its size, time and version, as far as they can be known."""

    def read(self, file: SourceFile, max_bytes: int) -> Content:
        """Return a file's bytes.

        Args:
            file: The file.
            max_bytes: The size above which it is not read.

        Raises:
            ChangedError: It is not of the version that the argument names.
            OutsideError: A link leads out of the team's folder.
            TooLargeError: It is larger than `max_bytes`.
            OSError: It cannot be read, or is not a regular file.
        """

    def read_bytes(self, path: str, max_bytes: int = SMALL) -> bytes:
        """The bytes of any file, by its path below the workspace.

        Args:
            path: The path.
            max_bytes: The size above which it is not read.

        Raises:
            FileNotFoundError: It does not exist.
            OutsideError: A link leads out of the workspace.
            TooLargeError: It is larger than `max_bytes`.
            OSError: It cannot be read, or is not a regular file.
        """

    def exists(self, path: str) -> bool:
        """Whether there is something at a path below the workspace."""


def open_workspace(place: str | Path) -> Workspace:
    """The workspace at a folder or URL.

    Args:
        place: A path, or a URL of one of `SCHEMES` or of `file`.

    Raises:
        SettingsError: The store's library is not installed.
        WorkspaceError: No such URL can be read.
    """
    from loader.workspace.local import LocalWorkspace  # noqa: PLC0415 - they need the names above

    url = _URL.fullmatch(str(place))
    if not url:
        return LocalWorkspace(Path(place))
    if url[1] == "file":
        return LocalWorkspace(Path(url[2]))
    if url[1] not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in (*SCHEMES, "file"))
        message = (
            f"--workspace: unknown scheme '{url[1]}://'. Use one of {known}, or a folder's path."
        )
        raise WorkspaceError(message)
    from loader.workspace.remote import RemoteWorkspace  # noqa: PLC0415 - most runs go without

    return RemoteWorkspace(str(place).rstrip("/"))


def list_files(workspace: Workspace, kind: Kind, team: str) -> Listing:
    """All that `Workspace.scan` finds."""
    listing = Listing()
    listing.files.extend(workspace.scan(kind, team, listing))
    return listing


def add_misplaced(
    kind: Kind, files: Iterable[str], folders: Iterable[str], listing: Listing
) -> None:
    """Add what is next to the team folders to a listing.

    Args:
        kind: The table that the files would feed.
        files: The names of the files there, sorted.
        folders: The names of the folders there.
        listing: Gets the rejections, and what is not input.
    """
    known = KINDS[kind]
    is_raw = bool(known.below_team)  # raw messages may be next to the input: they have no name
    count = 0
    for name in files:
        if name.startswith(".") or not name.lower().endswith(known.suffixes):
            listing.ignore(f"{known.root}/{name}", is_named=not is_raw)
        elif is_raw:
            count += 1
        else:
            _misplace(kind, name, "it is next to the team folders", listing)
    if count:
        _misplace(kind, "", f"files next to the team folders: {count:,}", listing)
    if is_raw and known.below_team in folders:
        _misplace(kind, known.below_team, "it is not in the folder of a team", listing)


def _misplace(kind: Kind, name: str, detail: str, listing: Listing) -> None:
    path = f"{KINDS[kind].root}/{name}".rstrip("/")
    rejection = Rejection(Reason.NO_TEAM_FOLDER, detail)
    listing.rejections.append((SourceFile(kind, "", path, name), rejection))


def no_workspace(url: str) -> WorkspaceError:
    """Return the error for a place that is not there."""
    return WorkspaceError(
        f"There is no folder {url}.\nName the workspace: python -m loader run --workspace FOLDER"
    )
