"""Read regular files of a bounded size. Everything else is refused, without waiting for it.

A pipe would hang a run, and `/dev/zero` would fill the memory. What counts is the file that was
opened, not its name: another process may replace the name at any moment.
"""

import os
import stat
from contextlib import suppress

from loader.words import counted

SMALL = 1024 * 1024  # bytes; the most for configs, seeds and the like
_FLAGS = (
    os.O_RDONLY
    | os.O_CLOEXEC
    | os.O_NONBLOCK  # a pipe is opened without a writer
    | os.O_NOCTTY
)
_LEAST_PIECE = 64 * 1024  # bytes; some files say that they are empty


class NotRegularError(OSError):
    """A pipe, socket, device or folder."""

    def __init__(self) -> None:
        super().__init__(None, "not a regular file")


class OutsideError(OSError):
    """A file is not where it has to be."""

    def __init__(self) -> None:
        # Where it leads is not said: the names of raw Slack files stay out of the database.
        super().__init__(None, "a link leads out of the folder")


class TooLargeError(OSError):
    """A file is larger than it may be.

    Args:
        size: In bytes, as far as it was looked at.
        most: The size that is allowed.
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
        below: The real path of a folder in which the file has to be, whatever links lead to it.

    Returns:
        Its descriptor, to be closed, and what is known of it.

    Raises:
        NotRegularError: It is not a regular file.
        OutsideError: It is outside the folder.
        OSError: It cannot be opened.
    """
    descriptor = os.open(path, _FLAGS)  # not `open`: it takes twice the system calls
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
        descriptor: Of the file.
        size: What it had a moment ago, in bytes.
        max_bytes: The most that is read.

    Raises:
        TooLargeError: There is more.
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
    """Whether an open file is in a folder, now that no name can mislead any more."""
    start = folder.rstrip(os.sep) + os.sep
    with suppress(OSError):  # Linux; elsewhere, or without /proc, the names are asked
        if os.readlink(f"/proc/self/fd/{descriptor}").startswith(start):  # noqa: PTH115 - faster
            return True
    real = os.path.realpath(path)
    with suppress(OSError):
        return real.startswith(start) and os.path.samestat(found, os.lstat(real))
    return False
