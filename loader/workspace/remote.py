"""A workspace below a prefix of an object store, through fsspec."""

import hashlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fsspec.asyn import sync

from loader.errors import WorkspaceError
from loader.workspace import (
    ChangedError,
    Content,
    Listing,
    SourceFile,
    add_misplaced,
    no_workspace,
)
from loader.workspace.filesystem import open_filesystem
from loader.workspace.kinds import KINDS, Kind
from loader.workspace.regular import SMALL, NotRegularError, TooLargeError

_PAGE = 10_000  # files
_VERSIONS = ("ETag", "etag", "generation")
_TIMES = ("LastModified", "last_modified", "updated", "mtime")


class RemoteWorkspace:
    """See `Workspace`. Keys with a part that begins with a dot are hidden. No links exist.

    Args:
        url: Of the prefix, as `s3://bucket/prefix`.

    Raises:
        SettingsError: The store's library is not installed.
    """

    reads_at_once = 16

    def __init__(self, url: str) -> None:
        self.url = url
        self._scheme = url.partition("://")[0]
        self._fs, self._root = open_filesystem(url)

    def team_folders(self) -> list[str]:
        """See `Workspace.team_folders`."""
        found = {name for files in KINDS.values() for name in self._children(files.root)[0]}
        if not found and not self._fs.exists(self._root):
            raise no_workspace(self.url)
        return sorted(name for name in found if not name.startswith("."))

    def scan_root(self, kind: Kind, listing: Listing) -> None:
        """See `Workspace.scan_root`."""
        folders, files = self._children(KINDS[kind].root)
        add_misplaced(kind, files, folders, listing)

    def _children(self, folder: str) -> tuple[list[str], list[str]]:
        """Return the names of the folders and of the files in a folder, sorted."""
        try:
            entries = self._fs.ls(f"{self._root}/{folder}", detail=True)
        except FileNotFoundError:
            return [], []
        except Exception as error:
            raise self._listing_error(error) from error
        named = sorted((each["name"].rpartition("/")[2], each["type"]) for each in entries)
        folders = [name for name, type_ in named if type_ == "directory"]
        return folders, [name for name, type_ in named if type_ == "file" and name]

    def scan(self, kind: Kind, team: str, listing: Listing) -> Iterator[SourceFile]:
        """See `Workspace.scan`. With S3, it keeps one page of files in memory."""
        folder = KINDS[kind]
        root = folder.folder.format(team)
        for info in self._infos(f"{self._root}/{root}"):
            path = info["name"][len(self._root) + 1 :]
            name = path[len(root) + 1 :]
            if info["type"] != "file" or not name or name.endswith("/"):
                continue  # the folder's own entry
            if not name.lower().endswith(folder.suffixes) or f"/{name}".find("/.") >= 0:
                listing.ignore(path)
                continue
            yield _with_metadata(SourceFile(kind, team, path, name), info)

    def with_version(self, file: SourceFile) -> SourceFile:
        """See `Workspace.with_version`: the listing already has the version."""
        return file

    def read(self, file: SourceFile, max_bytes: int) -> Content:
        """See `Workspace.read`."""
        data = self._bytes(file.path, file.size, max_bytes)
        # If the ETag is the MD5 of the bytes, no second request is needed.
        is_as_listed = file.version in (None, hashlib.md5(data, usedforsecurity=False).hexdigest())
        if not is_as_listed and _with_metadata(file, self._info(file.path)).version != file.version:
            raise ChangedError
        return Content(data, file.modified_at)

    def read_bytes(self, path: str, max_bytes: int = SMALL) -> bytes:
        """See `Workspace.read_bytes`."""
        try:
            info = self._fs.info(f"{self._root}/{path}")
        except OSError:
            raise
        except Exception as error:  # each store raises its own errors
            raise OSError(None, f"{type(error).__name__}: {error}") from error
        if info["type"] != "file":
            raise NotRegularError
        return self._bytes(path, int(info.get("size") or 0), max_bytes)

    def _bytes(self, path: str, size: int, max_bytes: int) -> bytes:
        """Read a file of a known size, which may have grown."""
        if size > max_bytes:
            raise TooLargeError(size, max_bytes)
        # S3 refuses a range of an empty file.
        limits = {"start": 0, "end": max_bytes + 1} if size else {}
        try:
            data: bytes = self._fs.cat_file(f"{self._root}/{path}", **limits)
        except OSError:
            raise
        except Exception as error:
            raise OSError(None, f"{type(error).__name__}: {error}") from error
        if len(data) > max_bytes:
            raise TooLargeError(len(data), max_bytes)
        return data

    def exists(self, path: str) -> bool:
        """See `Workspace.exists`."""
        return bool(self._fs.exists(f"{self._root}/{path}"))

    def _info(self, path: str) -> dict[str, Any]:
        try:
            info: dict[str, Any] = self._fs.info(f"{self._root}/{path}")
        except FileNotFoundError:
            return {}
        return info

    def _infos(self, root: str) -> Iterator[dict[str, Any]]:
        """Yield the store's entry of each key below a folder, in the order of code points."""
        try:
            if self._scheme == "s3":
                yield from self._pages(root)
            else:
                yield from _in_order(self._fs.find(root, detail=True))
        except FileNotFoundError:
            return
        except WorkspaceError:
            raise
        except Exception as error:
            raise self._listing_error(error) from error

    def _pages(self, root: str) -> Iterator[dict[str, Any]]:
        """Yield entries page by page, like `find`. Only S3 lists its keys sorted.

        s3fs 2026.9 has pages only in the private `_iterdir`; `find` collects all keys first. Remove
        this when fsspec lists in pages: tests/workspace/test_remote.py then fails.
        """
        bucket, _, prefix = root.partition("/")
        infos = self._fs._iterdir(bucket, delimiter="", prefix=f"{prefix}/")  # noqa: SLF001
        last = ""
        while page := sync(self._fs.loop, _page, infos):
            for info in page:
                if info["name"] <= last:
                    message = f"{self.url} lists its keys out of order, as S3 Express does."
                    raise WorkspaceError(message)
                last = info["name"]
                yield info

    def _listing_error(self, error: Exception) -> WorkspaceError:
        problem = str(error).strip() or type(error).__name__
        return WorkspaceError(
            f"Cannot list {self.url}: {problem}\n"
            "Check its name, and the credentials in the environment."
        )


async def _page(infos: AsyncIterator[dict[str, Any]]) -> list[dict[str, Any]]:
    page = []
    async for info in infos:
        page.append(info)
        if len(page) == _PAGE:
            break
    return page


def _in_order(found: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for name in sorted(found):
        yield found[name]


def _with_metadata(file: SourceFile, info: Mapping[str, Any]) -> SourceFile:
    """Return a file with the size, time and version of the store's entry."""
    mark = next((str(info[name]) for name in _VERSIONS if info.get(name)), None)
    when = next((info[name] for name in _TIMES if info.get(name)), 0.0)
    if isinstance(when, str):
        when = datetime.fromisoformat(when)
    seconds = when.timestamp() if isinstance(when, datetime) else float(when)
    size = int(info.get("size") or 0)
    version = mark.strip('"') if mark else f"{seconds}-{size}"
    return replace(file, size=size, modified_at=seconds, version=version)
