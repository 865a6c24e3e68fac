"""A blob store in a local folder, for work without an account."""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from loader.blobs import StoredBlob, Taken
from loader.blobs.errors import BlobError, BlobNotFoundError
from loader.workspace.regular import open_regular

_PIECE = 1024 * 1024  # bytes


class LocalBlobStore:
    """Blobs as files below a folder.

    Args:
        root: The folder, created with the first blob.
        url: `file://{root}`, the prefix of blob URLs; by default, URLs are `local:{key}`.
    """

    is_remote = False

    def __init__(self, root: Path, url: str = "") -> None:
        self.url = url or f"local:{root.absolute()}"
        self._root = root
        self._base = f"{url}/" if url else "local:"

    def __str__(self) -> str:
        return f"a folder: {self._root}"

    def find(self, key: str, size: int) -> StoredBlob | None:
        """See `BlobStore.find`. A file of another size counts as missing: `put` replaces it."""
        try:
            is_there = os.stat(f"{self._root}/{key}").st_size == size  # noqa: PTH116 - half the time
        except OSError:
            return None  # `put` reports any other error
        return StoredBlob(key, self._base + key, size) if is_there else None

    def put(self, key: str, data: bytes) -> StoredBlob:
        """See `BlobStore.put`. Files are written atomically."""
        path = f"{self._root}/{key}"
        try:
            write_atomically(path, data)
        except OSError as error:
            raise _explained(Path(path), error) from error
        return StoredBlob(key, self._base + key, len(data))

    def list(self, prefix: str) -> Iterator[StoredBlob]:
        """See `BlobStore.list`."""
        for folder, _, names in os.walk(self._root):
            for name in names:
                path = Path(folder, name)
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix):
                    yield StoredBlob(key, self._base + key, path.stat().st_size)

    def download(self, url: str, take: Callable[[Iterator[bytes]], Taken]) -> Taken:
        """See `BlobStore.download`."""
        path = self._path(url)
        try:
            with os.fdopen(open_regular(str(path))[0], "rb") as file:
                return take(iter(lambda: file.read(_PIECE), b""))
        except FileNotFoundError as error:
            raise BlobNotFoundError(f"There is no {path}.") from error
        except OSError as error:
            raise _explained(path, error) from error

    def owns(self, url: str) -> bool:
        """See `BlobStore.owns`."""
        return url.startswith(self._base)

    def delete(self, urls: Sequence[str]) -> None:
        """See `BlobStore.delete`."""
        for url in urls:
            path = self._path(url)
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise _explained(path, error) from error

    def _path(self, url: str) -> Path:
        path = self._root / url.removeprefix(self._base)
        if not path.resolve().is_relative_to(self._root.resolve()):
            raise BlobError(f"{url} leads out of {self._root}.")
        return path


def _explained(path: Path, error: OSError) -> BlobError:
    return BlobError(f"{path}: {error.strerror or type(error).__name__}")


def write_atomically(path: str, data: bytes) -> None:
    """Write a file atomically, and create missing folders."""
    folder = path.rpartition("/")[0]
    temporary = f"{folder}/.upload-{os.urandom(8).hex()}"  # several machines may share the folder
    try:
        file = open(temporary, "wb", buffering=0)  # noqa: PTH123, SIM115 - a third of the time
    except FileNotFoundError:
        Path(folder).mkdir(parents=True, exist_ok=True)
        file = open(temporary, "wb", buffering=0)  # noqa: PTH123, SIM115
    try:
        with file:
            rest = memoryview(data)
            while rest:
                rest = rest[file.write(rest) or 0 :]
        os.replace(temporary, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
