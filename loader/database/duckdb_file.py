"""Open a DuckDB file: wait while another process uses it, and explain errors."""

import logging
import re
import shlex
from collections.abc import Callable, Mapping
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader.blobs.retry import Retry
from loader.errors import WarehouseError

if TYPE_CHECKING:
    import duckdb

PATIENCE = 30.0  # seconds; a build of the example takes a third of that
_LONGEST = 200  # characters of DuckDB's message
_MAGIC = slice(8, 12)
_MAGIC_BYTES = b"DUCK"
_CONFIG = {
    # Without this check, DuckDB would download an extension for an SQLite file.
    "autoinstall_known_extensions": "false",
    # A new file gets the oldest format, which programs with an older DuckDB can read and write.
    # An existing file keeps its format.
    "storage_compatibility_version": "v1.0.0",
}
_HOLDER = re.compile(r"lock is held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")
_IN_USE = ("Could not set lock", "different configuration than existing connections")
_DAMAGE = re.compile(
    r"not a valid DuckDB|corrupt|checksum|could not read enough bytes|replaying WAL"
    r"|serialization error|INTERNAL Error|database has been invalidated",
    re.IGNORECASE,
)
_REFUSED = re.compile(r"Permission denied|Read-only file system|Operation not permitted")
_FULL = re.compile(r"No space left on device|Disk quota exceeded|out of disk space", re.IGNORECASE)
_VERSION = re.compile(
    r"storage version number (?P<found>\d+), but we can only read storage versions"
    r" between (?P<first>\d+) and (?P<last>\d+)"
)

_log = logging.getLogger("loader")


def open_file(
    path: Path,
    *,
    is_read_only: bool,
    patience: float | None = None,
    config: Mapping[str, str] | None = None,
) -> "duckdb.DuckDBPyConnection":
    """Return a connection to a DuckDB file. Wait while another process uses the file.

    Args:
        path: The file.
        is_read_only: Whether to open the file read-only.
        patience: Seconds to wait for another process; by default PATIENCE.
        config: DuckDB's options.

    Raises:
        WarehouseError: The file stays in use by another process, or cannot be opened.
    """
    import duckdb  # noqa: PLC0415 - not needed by the Neon targets

    options: dict[str, Any] = {**_CONFIG, **(config or {})}

    def connect() -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(path), read_only=is_read_only, config=options)

    return retried(path, connect, patience)


def retried(
    path: Path,
    connect: "Callable[[], duckdb.DuckDBPyConnection]",
    patience: float | None = None,
) -> "duckdb.DuckDBPyConnection":
    """Return a connection to a DuckDB file. Wait while another process uses the file.

    Args:
        path: The file.
        connect: Opens the file once.
        patience: Seconds to wait for another process; by default PATIENCE.

    Raises:
        WarehouseError: The file stays in use by another process, or cannot be opened.
    """
    import duckdb  # noqa: PLC0415 - not needed by the Neon targets

    seconds = PATIENCE if patience is None else patience
    retry = Retry(seconds, chain([0.1, 0.2, 0.5], repeat(1)))
    while True:
        try:
            return connect()
        except duckdb.Error as error:
            text = str(error)
            if not any(words in text for words in _IN_USE):
                raise WarehouseError(_unusable(path, text)) from error
            if retry.tries == 0 and seconds:
                _log.warning("%s is in use. Waiting %.0f seconds for it.", path, seconds)
            if not retry.wait():
                hint = "Wait for it to end, or end it. Then run the same command again."
                message = f"{path} is in use by {_holder(text)}.\n{hint}"
                raise WarehouseError(message) from error


def explain(path: Path, text: str) -> str | None:
    """Return the message for DuckDB's error about its file; None for any other error."""
    if found := _VERSION.search(text):
        is_newer = int(found["found"]) > int(found["last"])
        return (
            f"{path} was written by {'a newer' if is_newer else 'an older'} DuckDB: its storage"
            f" version is {found['found']}, and this one reads {found['first']} to"
            f" {found['last']}.\n"
            + ("Install this release's packages: make setup. Or make" if is_newer else "Make")
            + f" a new file from the workspace: {_renewal(path)}"
        )
    if _FULL.search(text):
        return (
            f"The disk that holds {path} is full: {_first_line(path, text)}.\n"
            "Free some space, or set WAREHOUSE_DIR to a folder that has it; then run the same"
            " command again."
        )
    if _DAMAGE.search(text):
        return (
            f"{path} is damaged: {_first_line(path, text)}.\n"
            f"Make a new file from the workspace: {_renewal(path)}"
        )
    return None


def _unusable(path: Path, text: str) -> str:
    what = None
    if path.is_dir():
        what = "is a folder, not a DuckDB file"
    elif refused := _REFUSED.search(text):
        return (
            f"Cannot open {path}: {refused[0]}.\n"
            "Let this user read and write the file and its folder, or set WAREHOUSE_DIR to another."
        )
    elif path.is_file():
        # Safe only without a connection of this process, because closing a file releases its locks.
        with path.open("rb") as file:
            head = file.read(_MAGIC.stop)
        if not head:
            what = "is damaged: it is empty"
        elif head[_MAGIC] != _MAGIC_BYTES:
            what = "is damaged, or not a DuckDB file: it does not begin like one"
    if what:
        return f"{path} {what}.\nMake a new file from the workspace: {_renewal(path)}"
    return explain(path, text) or f"Cannot open {path}: {_first_line(path, text)}."


def _holder(text: str) -> str:
    if found := _HOLDER.search(text):
        return f"{Path(found['program']).name} (PID {found['pid']})"
    return "another session of this process" if _IN_USE[1] in text else "another process"


def _renewal(path: Path) -> str:
    """Return the commands that move a file away and fill a new one."""
    paths = [path, path.with_name(f"{path.name}.wal")]
    moves = [
        shlex.join(["mv", str(each), str(each.with_name(f"damaged-{each.name}"))])
        for each in paths
        if each == path or each.exists()
    ]
    load = "python -m loader run --target local --workspace DIR"
    return " && ".join([*moves, load, "dbt build --target local"])


def _first_line(path: Path, text: str) -> str:
    """Return the first line of an error, without the error's kind and the path."""
    line = re.sub(r"^[A-Za-z ]*Error: ", "", text.strip().partition("\n")[0])
    line = line.replace(f'file "{path.absolute()}"', "it").replace(f'file "{path}"', "it")
    return line.rstrip(".!")[:_LONGEST]
