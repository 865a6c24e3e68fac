"""List and read the files of a workspace, with their team and kind.

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
MOST_IGNORED = 1000  # paths that are kept; all files are counted
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the workspace.

    Args:
        kind: The table that it feeds.
        team: The team's folder, as found.
        path: Relative to the workspace, with `/`, as found.
        name: Relative to the folder of the team's files of this kind.
        size: In bytes, if known.
        modified_at: The time of the last change, in seconds since 1970, if known.
        version: A value that changes whenever the file changes; None if it does not matter.
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
        rejections: Entries that are not regular files of the team, with reasons.
        ignored: Number of files that are not input (hidden, or with another extension).
        ignored_paths: Paths of the first ignored files.
    """

    files: list[SourceFile] = field(default_factory=list)
    rejections: list[tuple[SourceFile, Rejection]] = field(default_factory=list)
    ignored: int = 0
    ignored_paths: list[str] = field(default_factory=list)

    def ignore(self, path: str, *, is_named: bool = True) -> None:
        """Count a file that is not input; keep its path only if `is_named`."""
        self.ignored += 1
        if is_named and len(self.ignored_paths) < MOST_IGNORED:
            self.ignored_paths.append(path)


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes.

    Args:
        modified_at: The time of the file's last change, in seconds since 1970.
    """

    data: bytes
    modified_at: float


class ChangedError(OSError):
    """A file changed after it was listed."""


class Workspace(Protocol):
    """The folder or store that holds the orchestrator's files.

    Args:
        url: The folder's path or the prefix's URL.
        reads_at_once: The useful number of parallel reads; 0 to read one file after another.
    """

    url: str
    reads_at_once: int

    def team_folders(self) -> list[str]:
        """Return the names of all team folders, sorted; none if no known folder exists.

        Raises:
            WorkspaceError: The workspace does not exist or cannot be listed.
        """

    def scan_root(self, kind: Kind, listing: Listing) -> None:
        """Reject each file next to the team folders, because it is one level too high.

        Slack files may contain raw messages: count them, but never record their names.

        Args:
            kind: The table that they would feed.
            listing: Receives the rejections and the ignored files.

        Raises:
            WorkspaceError: The store cannot be listed.
        """

    def scan(self, kind: Kind, team: str, listing: Listing) -> Iterable[SourceFile]:
        """Yield the input files of a team and kind at any depth, in sorted order.

        A missing folder counts as empty.

        Args:
            kind: The table that they feed.
            team: The team's folder.
            listing: Receives all other entries; complete after the last file.

        Raises:
            WorkspaceError: The store cannot be listed.
        """

    def with_version(self, file: SourceFile) -> SourceFile:
        """Return a file with its size, time and version, if they are known."""

    def read(self, file: SourceFile, max_bytes: int) -> Content:
        """Return a file's bytes.

        Args:
            file: The file as listed.
            max_bytes: The maximum size in bytes.

        Raises:
            ChangedError: The file has another version than `file`.
            OutsideError: A link leads out of the team's folder.
            TooLargeError: The file is larger than `max_bytes`.
            OSError: The file cannot be read, or is not a regular file.
        """

    def read_bytes(self, path: str, max_bytes: int = SMALL) -> bytes:
        """Return the bytes of any file, by its path below the workspace.

        Args:
            path: Relative to the workspace, with `/`.
            max_bytes: The maximum size in bytes.

        Raises:
            FileNotFoundError: The file does not exist.
            OutsideError: A link leads out of the workspace.
            TooLargeError: The file is larger than `max_bytes`.
            OSError: The file cannot be read, or is not a regular file.
        """

    def exists(self, path: str) -> bool:
        """Return whether a path below the workspace exists."""


def open_workspace(place: str | Path) -> Workspace:
    """Open the workspace at a folder or URL.

    Args:
        place: A path, or a URL of one of `SCHEMES` or of `file`.

    Raises:
        SettingsError: The store's library is not installed.
        WorkspaceError: The URL's scheme is not supported.
    """
    from loader.workspace.local import LocalWorkspace  # noqa: PLC0415 - these modules import this one

    url = _URL.fullmatch(str(place))
    if not url:
        return LocalWorkspace(Path(place))
    if url[1] == "file":
        return LocalWorkspace(Path(url[2]))
    if url[1] not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in (*SCHEMES, "file"))
        message = (
            f"Unknown scheme '{url[1]}://' of --workspace. Use one of {known}, or a folder's path."
        )
        raise WorkspaceError(message)
    from loader.workspace.remote import RemoteWorkspace  # noqa: PLC0415 - most runs do not need it

    return RemoteWorkspace(str(place).rstrip("/"))


def list_files(workspace: Workspace, kind: Kind, team: str) -> Listing:
    """Return the complete listing of `Workspace.scan`."""
    listing = Listing()
    listing.files.extend(workspace.scan(kind, team, listing))
    return listing


def add_misplaced(
    kind: Kind, files: Iterable[str], folders: Iterable[str], listing: Listing
) -> None:
    """Add the files next to the team folders to a listing.

    Args:
        kind: The table that the files would feed.
        files: The names of the files, sorted.
        folders: The names of the folders.
        listing: Receives the rejections and the ignored files.
    """
    known = KINDS[kind]
    is_raw = bool(known.below_team)  # never name raw messages
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
    """Return the error for a workspace that does not exist."""
    return WorkspaceError(
        f"There is no folder {url}.\nName the workspace: python -m loader run --workspace FOLDER"
    )
