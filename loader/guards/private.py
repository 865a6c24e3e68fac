"""Restrict the loader's local files to its user: files 0600, folders 0700."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Paths below WAREHOUSE_DIR, which other users may share.
_OURS = ("blobs", "dbt", "dlt", "parts", "runs")


@contextmanager
def private_files() -> Iterator[None]:
    """Create files and folders for this user only, also in child processes."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def close_to_others(warehouse_dir: Path) -> None:
    """Remove other users' access to files of dbt and earlier releases in WAREHOUSE_DIR.

    A closed folder also protects its contents.
    """
    ours = [warehouse_dir / name for name in _OURS]
    for path in [*ours, *warehouse_dir.glob("warehouse.duckdb*")]:
        with suppress(OSError):  # missing, or owned by another user
            found = path.lstat()
            is_open = stat.S_IMODE(found.st_mode) & _OTHERS
            if is_open and found.st_uid == os.getuid() and not stat.S_ISLNK(found.st_mode):
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
