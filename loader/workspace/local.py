"""A workspace in a local folder."""

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from loader.parsing.rejections import Reason, Rejection
from loader.workspace import (
    ChangedError,
    Content,
    Listing,
    SourceFile,
    add_misplaced,
    no_workspace,
)
from loader.workspace.kinds import KINDS, Kind, KindFiles
from loader.workspace.regular import SMALL, open_regular, read_descriptor, read_regular


class LocalWorkspace:
    """See `Workspace`.

    A symbolic link is followed only if its target is below the same folder and is not read under
    its own name. Any other link is rejected.

    Args:
        root: The workspace's folder.
    """

    reads_at_once = 0

    def __init__(self, root: Path) -> None:
        self.url = str(root)
        self._root = root

    def team_folders(self) -> list[str]:
        """See `Workspace.team_folders`."""
        if not self._root.is_dir():
            raise no_workspace(self.url)
        found = {name for files in KINDS.values() for name in self._children(files)[0]}
        return sorted(name for name in found if not name.startswith("."))

    def scan_root(self, kind: Kind, listing: Listing) -> None:
        """See `Workspace.scan_root`."""
        folders, files = self._children(KINDS[kind])
        add_misplaced(kind, map(printable, files), folders, listing)

    def _children(self, kind: KindFiles) -> tuple[list[str], list[str]]:
        """Return the names of the team folders and of the files next to them."""
        root = self._root / kind.root
        folders: list[str] = []
        files: list[str] = []
        for entry in _entries(root) if root.is_dir() else ():
            # A broken link counts as a folder, unless its name looks like a file's.
            is_broken = not os.path.exists(entry.path)  # noqa: PTH110 - Path.exists raises on a loop
            is_folder = os.path.isdir(entry.path)  # noqa: PTH112 - Path.is_dir raises on a loop
            is_folder = is_folder or (is_broken and not entry.name.lower().endswith(kind.suffixes))
            (folders if is_folder else files).append(entry.name)
        return folders, files

    def scan(self, kind: Kind, team: str, listing: Listing) -> Iterable[SourceFile]:
        """See `Workspace.scan`."""
        folder = KINDS[kind]
        root = folder.folder.format(team)
        walk = _Walk(self._root, kind, team, root, listing)
        folders = [*accumulate(root.split("/"), "{}/{}".format)]
        links = [path for path in folders if (self._root / path).is_symlink()]
        if links:
            path = max(links[0], f"{folder.root}/{team}", key=len)
            walk.reject(path, Reason.LINK_OUTSIDE_TEAM, f"the folder {links[0]} is a link")
        elif (self._root / root).is_dir():
            if _is_unicode(team):
                walk.run()
            else:
                walk.reject(root, Reason.NAME_NOT_UNICODE, "the folder's name is not valid UTF-8")
        return walk.files

    def with_version(self, file: SourceFile) -> SourceFile:
        """See `Workspace.with_version`."""
        try:
            found = os.stat(f"{self.url}/{file.path}")  # noqa: PTH116 - half the time
        except OSError:  # the read reports the error
            return file
        size, modified_at = found.st_size, found.st_mtime
        return replace(file, size=size, modified_at=modified_at, version=_version(found))

    def read(self, file: SourceFile, max_bytes: int) -> Content:
        """See `Workspace.read`."""
        folder = file.path.removesuffix(f"/{file.name}")
        below = f"{self._real_root}/{folder}"
        descriptor, found = open_regular(f"{self.url}/{file.path}", below)
        try:
            data = read_descriptor(descriptor, found.st_size, max_bytes)
            if file.version is not None:
                for each in (found, os.fstat(descriptor)):
                    if _version(each) != file.version:
                        raise ChangedError
        finally:
            os.close(descriptor)
        return Content(data, found.st_mtime)

    def read_bytes(self, path: str, max_bytes: int = SMALL) -> bytes:
        """See `Workspace.read_bytes`."""
        return read_regular(f"{self.url}/{path}", max_bytes, self._real_root)

    def exists(self, path: str) -> bool:
        """See `Workspace.exists`."""
        return os.path.exists(f"{self.url}/{path}")  # noqa: PTH110 - Path.exists raises on a loop

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self._root)


def _version(found: os.stat_result) -> str:
    return f"{found.st_mtime_ns}-{found.st_size}"


class _Walk:
    """A walk: real entries first, then the links to entries that are not yet read."""

    def __init__(self, workspace: Path, kind: Kind, team: str, root: str, listing: Listing) -> None:
        self.files: list[SourceFile] = []
        self._listing = listing
        self._workspace = workspace
        self._kind = kind
        self._team = printable(team)
        self._root = root
        self._links: list[str] = []
        self._seen: set[str] = set()  # real paths of what was read

    def run(self) -> None:
        real_root = os.path.realpath(self._workspace / self._root)
        self._folder(self._root)
        while self._links:
            links, self._links = sorted(self._links), []
            for path in links:
                self._link(path, real_root)
        self.files.sort(key=lambda file: file.path)
        self._listing.rejections.sort(key=lambda rejected: rejected[0].path)

    def reject(self, path: str, reason: Reason, detail: str) -> None:
        self._listing.rejections.append((self._source(printable(path)), Rejection(reason, detail)))

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
                    self._listing.ignore(printable(path))
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
            # The target is not recorded: the names of raw Slack files stay out of the database.
            self.reject(path, Reason.LINK_OUTSIDE_TEAM, "it leads out of the team's folder")
        elif not os.path.exists(real):  # noqa: PTH110 - Path.exists raises on a loop
            self.reject(path, Reason.UNREADABLE, "the link's target is not there")
        elif Path(real).is_dir():
            self._folder(path)
        else:
            self._file(path, real, is_regular=Path(real).is_file())

    def _file(self, path: str, real: str, *, is_regular: bool) -> None:
        if not path.lower().endswith(KINDS[self._kind].suffixes):
            self._listing.ignore(printable(path))
            return
        self._seen.add(real)
        if not is_regular:
            self.reject(path, Reason.UNREADABLE, "not a regular file")
        elif not _is_unicode(path):
            self.reject(path, Reason.NAME_NOT_UNICODE, "the name is not valid UTF-8")
        else:
            self.files.append(self._source(path))

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
    """Return a path as text that can be stored, with escapes for bytes that are not UTF-8."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
