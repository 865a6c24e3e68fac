"""What the loader keeps on this machine is for its user alone: files 0600, folders 0700."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# Below WAREHOUSE_DIR, which may be a folder that others use, too.
_OURS = ("blobs", "dbt", "dlt", "parts", "runs")


@contextmanager
def private_files() -> Iterator[None]:
    """Make files and folders for this user alone, in this process and those that it starts."""
    before = os.umask(_OTHERS)
    try:
        yield
    finally:
        os.umask(before)


def close_to_others(warehouse_dir: Path) -> None:
    """Take from all others what dbt, or an earlier release, let them read in WAREHOUSE_DIR.

    A closed folder closes what is below it.
    """
    ours = [warehouse_dir / name for name in _OURS]
    for path in [*ours, *warehouse_dir.glob("warehouse.duckdb*")]:
        with suppress(OSError):  # it is not there, or another user's
            found = path.lstat()
            is_open = stat.S_IMODE(found.st_mode) & _OTHERS
            if is_open and found.st_uid == os.getuid() and not stat.S_ISLNK(found.st_mode):
                path.chmod(stat.S_IMODE(found.st_mode) & ~_OTHERS)
