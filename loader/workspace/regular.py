"""Read regular files of a bounded size. Refuse everything else without waiting.

A pipe would hang a run, and `/dev/zero` would fill the memory. The checks use the open descriptor,
not the path: another process may replace the path at any moment.
"""

import os
import stat
from contextlib import suppress

from loader.words import counted

SMALL = 1024 * 1024  # bytes; the maximum for configs and seeds
_FLAGS = (
    os.O_RDONLY
    | os.O_CLOEXEC
    | os.O_NONBLOCK  # do not wait for a pipe's writer
    | os.O_NOCTTY
)
_LEAST_PIECE = 64 * 1024  # bytes; some files report a size of 0 although they have content


class NotRegularError(OSError):
    """A pipe, socket, device or folder."""

    def __init__(self) -> None:
        super().__init__(None, "not a regular file")


class OutsideError(OSError):
    """A file is outside of the folder in which it must be."""

    def __init__(self) -> None:
        # The target is not recorded: the names of raw Slack files stay out of the database.
        super().__init__(None, "a link leads out of the folder")


class TooLargeError(OSError):
    """A file is larger than the maximum.

    Args:
        size: In bytes, as far as it was read.
        most: The maximum size in bytes.
    """

    def __init__(self, size: int, most: int) -> None:
        super().__init__(None, f"{counted(size, 'byte')}; at most {most:,} are read")
        self.size = size


def read_regular(path: str, max_bytes: int, below: str | None = None) -> bytes:
    """Return the bytes of a file; see `open_regular` for the errors."""
    descriptor, found = open_regular(path, below)
    try:
        return read_descriptor(descriptor, found.st_size, max_bytes)
    finally:
        os.close(descriptor)


def open_regular(path: str, below: str | None = None) -> tuple[int, os.stat_result]:
    """Open a regular file.

    Args:
        path: The file.
        below: The real path of the folder that must contain the file, after all links.

    Returns:
        The descriptor, which the caller closes, and the file's status.

    Raises:
        NotRegularError: It is not a regular file.
        OutsideError: The file is outside of the folder.
        OSError: The file cannot be opened.
    """
    descriptor = os.open(path, _FLAGS)  # `open` would need twice as many system calls
    try:
        found = os.fstat(descriptor)
        _check(path, descriptor, found, below)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, found


def _check(path: str, descriptor: int, found: os.stat_result, below: str | None) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NotRegularError
    if below is not None and not _is_below(below, path, descriptor, found):
        raise OutsideError


def read_descriptor(descriptor: int, size: int, max_bytes: int) -> bytes:
    """Read to the end of an open file, which may have grown.

    Args:
        descriptor: The open file.
        size: Its size in bytes when it was opened.
        max_bytes: The maximum number of bytes to read.

    Raises:
        TooLargeError: The file has more bytes.
    """
    if size > max_bytes:
        raise TooLargeError(size, max_bytes)
    data = os.read(descriptor, size + 1)
    if len(data) == size:
        return data
    pieces, count = [data], len(data)
    while pieces[-1] and count <= max_bytes:
        pieces.append(os.read(descriptor, max(size, _LEAST_PIECE)))
        count += len(pieces[-1])
    if count > max_bytes:
        raise TooLargeError(count, max_bytes)
    return b"".join(pieces)


def _is_below(folder: str, path: str, descriptor: int, found: os.stat_result) -> bool:
    """Return whether an open file is in a folder, independent of later changes to its path."""
    start = folder.rstrip(os.sep) + os.sep
    with suppress(OSError):  # Linux only; without /proc, compare the paths
        if os.readlink(f"/proc/self/fd/{descriptor}").startswith(start):  # noqa: PTH115 - faster
            return True
    real = os.path.realpath(path)
    with suppress(OSError):
        return real.startswith(start) and os.path.samestat(found, os.lstat(real))
    return False
