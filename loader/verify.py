"""Whether the blobs that the database references are there, and hold what they should."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial

from loader.blobs import BlobStore, StoredBlob
from loader.blobs.errors import BlobError, BlobNotFoundError, BlobStoreError
from loader.blobs.local import SCHEME
from loader.errors import WarehouseError
from loader.run import Progress
from loader.threads import Task, in_order
from loader.warehouse import FINISHED, Warehouse

# A reading's checksum is that of its file. Jira's blob may be a part of one: its row has its own.
_REFERENCES = f"""
    with referenced as (
        select team, kind, source_path, blob_key, blob_url, file_sha256, byte_size, loaded_at
        from raw.files
        where blob_url is not null and kind <> 'jira_snapshots' and {FINISHED}
        union all
        select
            team,
            'jira_snapshots',
            source_path,
            blob_key,
            blob_url,
            checksum_sha256,
            byte_size,
            loaded_at
        from raw.jira_snapshots
        where {FINISHED}
    )

    select distinct on (blob_url, file_sha256)
        team, kind, source_path, blob_key, blob_url, file_sha256, byte_size
    from referenced
    where loaded_at >= %s
    order by blob_url, file_sha256, loaded_at desc
"""  # noqa: S608 - constants only


class Verdict(StrEnum):
    """What became of a check."""

    OK = "ok"
    MISSING = "missing"
    DIFFERENT = "different"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Reference:
    """A blob as the database knows it.

    Args:
        team: The team's folder.
        kind: The table that its file feeds.
        source_path: Its file, relative to the workspace.
        key: Its name in the store.
        url: Where it can be read.
        sha256: Of its bytes.
        size: How many they are.
    """

    team: str
    kind: str
    source_path: str
    key: str
    url: str
    sha256: str
    size: int

    @property
    def is_local(self) -> bool:
        """Whether it is in the local store."""
        return self.url.startswith(SCHEME)


@dataclass(frozen=True, slots=True)
class Check:
    """What a blob turned out to be; `detail` says what is wrong with it."""

    reference: Reference
    verdict: Verdict
    detail: str = ""


def read_references(
    warehouse: Warehouse,
    teams: dict[str, str],
    only: Sequence[str] = (),
    since: date | None = None,
) -> list[Reference]:
    """The blobs that finished loads reference, each once, by address.

    Args:
        warehouse: The database.
        teams: Team names by folder name.
        only: Folders or names of the teams in question; empty for all.
        since: Only what was loaded on this day (UTC) or later.

    Raises:
        WarehouseError: Nothing is loaded, a team is not there, or the database cannot be asked.
    """
    if "files" not in warehouse.tables("raw"):
        message = "nothing is loaded yet. Load first: python -m loader run --workspace DIR"
        raise WarehouseError(message)
    day = since or date(1970, 1, 1)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    references = [Reference(*row) for row in warehouse.fetch(_REFERENCES, [first])]
    loaded = {reference.team for reference in references}
    for name in only:
        if not any(name in (folder, teams.get(folder)) for folder in loaded):
            known = ", ".join(sorted(loaded)) or "none"
            raise WarehouseError(f"no blob of a team {name!r} is referenced. There are: {known}")
    return [
        reference
        for reference in references
        if not only or {reference.team, teams.get(reference.team)} & set(only)
    ]


def sampled(references: list[Reference], size: int | None) -> list[Reference]:
    """So many of them, drawn by chance, another choice each time; all without a size."""
    if size is None or size >= len(references):
        return references
    return random.sample(references, size)


def check(
    references: list[Reference],
    store_of: Callable[[bool], BlobStore],
    concurrency: int,
    progress: Progress,
) -> Iterator[Check]:
    """Download each blob and compare its SHA-256 and size, in pieces, several blobs at a time.

    Args:
        references: What to check.
        store_of: Gives the local store (True) or the other one.
        concurrency: How many blobs at a time.
        progress: Told of each.

    Raises:
        BlobStoreError: The store cannot be used at all.
    """
    progress.start(len(references))
    tasks = (
        Task(reference, partial(_check, reference, store_of(reference.is_local)))
        for reference in references
    )
    for reference, checked in in_order(tasks, concurrency):
        progress.advance(reference.size)
        if checked:
            yield checked


def orphans(
    store: BlobStore, references: list[Reference], prefixes: Sequence[str]
) -> Iterator[StoredBlob]:
    """The blobs in the store that no row references.

    Args:
        store: Where to look.
        references: All of the database's.
        prefixes: Which names to look at, by how they begin.

    Raises:
        BlobStoreError: The store cannot be asked.
    """
    known = {name for reference in references for name in (reference.key, reference.url)}
    for prefix in prefixes:
        for blob in store.list(prefix):
            if blob.key not in known and blob.url not in known:
                yield blob


def _check(reference: Reference, store: BlobStore) -> Check:
    try:
        sha256, size = store.download(reference.url, _measured)
    except BlobStoreError:
        raise
    except BlobNotFoundError as error:
        return Check(reference, Verdict.MISSING, str(error))
    except BlobError as error:
        return Check(reference, Verdict.UNREADABLE, str(error))
    if (sha256, size) == (reference.sha256, reference.size):
        return Check(reference, Verdict.OK)
    detail = (
        f"{size:,} bytes with SHA-256 {sha256}, instead of {reference.size:,} with"
        f" {reference.sha256}"
    )
    return Check(reference, Verdict.DIFFERENT, detail)


def _measured(pieces: Iterator[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
