"""Blobs in a local folder, for work without any account."""

import contextlib
import os
import tempfile
from pathlib import Path

from loader.blobs import Blob, BlobError


class LocalBlobStore:
    """Blobs as files below a folder; a blob's url is `local:{key}`.

    Args:
        root: The folder; made when the first blob comes.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, key: str, data: bytes) -> Blob:
        """See `BlobStore.put`. A file appears whole or not at all."""
        path = self._root / key
        url = f"local:{key}"
        try:
            if path.stat().st_size == len(data):
                return Blob(key, url, is_new=False)
        except OSError:
            pass  # not there yet; anything worse shows itself below
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_atomically(path, data)
        except OSError as error:
            message = f"{path}: {error.strerror or type(error).__name__}"
            raise BlobError(message) from error
        return Blob(key, url, is_new=True)


class DryBlobStore:
    """Names blobs and keeps none, for `--dry-run`."""

    def put(self, key: str, data: bytes) -> Blob:  # noqa: ARG002 - the protocol's signature
        """See `BlobStore.put`."""
        return Blob(key, f"local:{key}", is_new=False)


def _write_atomically(path: Path, data: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".upload-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(temporary).unlink()
        raise
