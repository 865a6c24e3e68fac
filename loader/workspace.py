"""Which files a workspace holds, of which team and kind. Reads names, never contents."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from loader.errors import WorkspaceError
from loader.kinds import FOLDERS, Kind
from loader.rejections import Reason, Rejection


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file of the workspace.

    Args:
        kind: The table that it feeds.
        team: The team's folder, as found.
        path: Relative to the workspace, with `/`, as found.
        name: Relative to the folder in which the team's files of this kind are.
    """

    kind: Kind
    team: str
    path: str
    name: str


@dataclass(slots=True)
class Listing:
    """What a walk found.

    Args:
        files: The input files, in sorted order.
        rejections: What is no regular file of the team, with its reason.
        ignored: How many files are no input (hidden, or of another extension).
    """

    files: list[SourceFile] = field(default_factory=list)
    rejections: list[tuple[SourceFile, Rejection]] = field(default_factory=list)
    ignored: int = 0


def team_folders(workspace: Path) -> list[str]:
    """The names of all team folders, sorted.

    Raises:
        WorkspaceError: The folder is no orchestrator workspace.
    """
    roots = [folder.root for folder in FOLDERS.values()]
    present = [workspace / root for root in roots if (workspace / root).is_dir()]
    if not present:
        message = (
            f"{workspace} is no orchestrator workspace: none of {', '.join(roots)} is in it.\n"
            "Name the workspace: python -m loader run --workspace DIR"
        )
        raise WorkspaceError(message)
    return sorted(
        {
            entry.name
            for root in present
            for entry in _entries(root)
            if not entry.name.startswith(".") and (entry.is_symlink() or entry.is_dir())
        }
    )


def list_files(workspace: Path, kind: Kind, team: str) -> Listing:
    """Walk a team's folder of one kind, every depth, in sorted order.

    A folder that is not there is empty. A symbolic link is followed only to a target below the
    same folder that is not read under its own name; any other is a rejection.
    """
    folder = FOLDERS[kind]
    root = folder.of_team(team)
    walk = _Walk(workspace, kind, team, root)
    links = [path for path in (f"{folder.root}/{team}", root) if (workspace / path).is_symlink()]
    if links:
        walk.reject(links[0], Reason.LINK_OUTSIDE_TEAM, "the folder is a link")
    elif (workspace / root).is_dir():
        if _is_unicode(team):
            walk.run()
        else:
            walk.reject(root, Reason.NAME_NOT_UNICODE, "the folder's name is not valid UTF-8")
    return walk.listing


class _Walk:
    """One walk: real entries first, then the links that lead to something not yet read."""

    def __init__(self, workspace: Path, kind: Kind, team: str, root: str) -> None:
        self.listing = Listing()
        self._workspace = workspace
        self._kind = kind
        self._team = printable(team)
        self._root = root
        self._links: list[str] = []
        self._seen: set[str] = set()  # real paths

    def run(self) -> None:
        real_root = os.path.realpath(self._workspace / self._root)
        self._folder(self._root)
        while self._links:
            links, self._links = sorted(self._links), []
            for path in links:
                self._link(path, real_root)
        self.listing.files.sort(key=lambda file: file.path)
        self.listing.rejections.sort(key=lambda rejected: rejected[0].path)

    def reject(self, path: str, reason: Reason, detail: str) -> None:
        self.listing.rejections.append((self._source(printable(path)), Rejection(reason, detail)))

    def _folder(self, root: str) -> None:
        pending = [root]
        while pending:
            folder = pending.pop()
            real = os.path.realpath(self._workspace / folder)
            self._seen.add(real)
            try:
                entries = _entries(self._workspace / folder)
            except OSError as error:
                self.reject(folder, Reason.UNREADABLE, _words(error))
                continue
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.name.startswith("."):
                    self.listing.ignored += 1
                elif entry.is_symlink():
                    self._links.append(path)
                elif entry.is_dir():
                    pending.append(path)
                else:
                    self._file(path, f"{real}/{entry.name}", is_regular=entry.is_file())

    def _link(self, path: str, real_root: str) -> None:
        real = os.path.realpath(self._workspace / path)
        if real in self._seen:
            self.reject(path, Reason.LINK_REPEATED, "its target is read under its own name")
        elif not real.startswith(real_root + os.sep):
            # Where it leads is not said: the names of raw Slack files stay out of the database.
            self.reject(path, Reason.LINK_OUTSIDE_TEAM, "it leads out of the team's folder")
        elif not os.path.exists(real):  # noqa: PTH110 - Path.exists raises on a loop
            self.reject(path, Reason.UNREADABLE, "the link's target is not there")
        elif Path(real).is_dir():
            self._folder(path)
        else:
            self._file(path, real, is_regular=Path(real).is_file())

    def _file(self, path: str, real: str, *, is_regular: bool) -> None:
        if not path.lower().endswith(FOLDERS[self._kind].suffixes):
            self.listing.ignored += 1
            return
        self._seen.add(real)
        if not is_regular:
            self.reject(path, Reason.UNREADABLE, "not a regular file")
        elif not _is_unicode(path):
            self.reject(path, Reason.NAME_NOT_UNICODE, "the name is not valid UTF-8")
        else:
            self.listing.files.append(self._source(path))

    def _source(self, path: str) -> SourceFile:
        return SourceFile(self._kind, self._team, path, path[len(self._root) + 1 :])


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return sorted(entries, key=lambda entry: entry.name)


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__


def _is_unicode(path: str) -> bool:
    return path.isascii() or printable(path) == path


def printable(path: str) -> str:
    """A path as text that can be stored: bytes that are not UTF-8 as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
