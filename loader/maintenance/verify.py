"""Whether the blobs that the database references are there, and hold what they should."""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial

from loader.blobs import BlobStore, StoredBlob, has_digest
from loader.blobs.errors import BlobError, BlobNotFoundError, BlobStoreError
from loader.database.queries import FINISHED
from loader.database.warehouse import Warehouse, check_release, missing_tables
from loader.errors import WarehouseError
from loader.extract.options import Progress
from loader.extract.threads import Task, in_order
from loader.tables import FILE_TABLES, LINKS

_COLUMNS = "team, kind, source_path, blob_key, blob_url, sha256, byte_size, loaded_at"
_DESCRIBED = {kind for kind, table in FILE_TABLES.items() if table.describes_blob}
# A reading's checksum is that of its file. If the blob is a part of the file, its row has its own.
_OF_ROWS = [
    f"""
        select
            team, '{kind}' as kind, source_path, blob_key, blob_url, checksum_sha256 as sha256,
            byte_size, loaded_at
        from raw.{kind}
        where {FINISHED}
    """
    for kind in sorted(_DESCRIBED)
]
_OF_READINGS = f"""
        select
            team, kind, source_path, blob_key, blob_url, file_sha256 as sha256, byte_size, loaded_at
        from raw.files
        where
            blob_url is not null
            and kind not in ({", ".join(map("'{}'".format, sorted(_DESCRIBED)))})
            and {FINISHED}
"""
_REFERENCES = f"""
    select distinct on (blob_url, sha256) {_COLUMNS}
    from ({" union all ".join([_OF_READINGS, *_OF_ROWS])}) as referenced
    order by blob_url, sha256, loaded_at desc
"""
# What the final tables hold of loads that raw does not have any more. Most kinds know the checksum
# of the text, or no size of the blob: its name has to do.
_STORED = " union ".join(
    f"""
        select
            team_id, '{kind}' as kind, blob_key, blob_url,
            {"checksum_sha256" if table.describes_blob else "cast(null as text)"} as sha256,
            {"byte_size" if table.describes_blob else "cast(null as bigint)"} as byte_size,
            loaded_at
        from {kind}
    """
    for kind, table in FILE_TABLES.items()
)
_FINAL_REFERENCES = f"""
    select
        teams.name, stored.kind, '', stored.blob_key, stored.blob_url, stored.sha256,
        stored.byte_size, stored.loaded_at
    from ({_STORED}) as stored
    inner join teams on stored.team_id = teams.id
    where stored.blob_url is not null
    order by stored.blob_url, stored.loaded_at
"""


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
        team: The team's folder, or its name.
        kind: The table that its file feeds.
        source_path: Its file, relative to the workspace; empty where raw does not know it any more.
        key: Its name in the store.
        url: Where it can be read.
        sha256: Of its bytes; None where only the first digits, in its name, are known.
        size: How many they are; likewise.
        loaded_at: When it was last loaded.
    """

    team: str
    kind: str
    source_path: str
    key: str
    url: str
    sha256: str | None
    size: int | None
    loaded_at: datetime


@dataclass(frozen=True, slots=True)
class BlobCheck:
    """What a blob turned out to be; `detail` says what is wrong with it."""

    reference: Reference
    verdict: Verdict
    detail: str = ""


def read_references(warehouse: Warehouse) -> list[Reference]:
    """The blobs that finished loads and the final tables reference, each once, by address.

    Raises:
        WarehouseError: Nothing is loaded, or the database cannot be asked.
    """
    tables = warehouse.tables("raw")
    if not tables:
        load = f"python -m loader run --target {warehouse.settings.target} --workspace DIR"
        raise WarehouseError(f"nothing is loaded yet. Load first: {load}")
    missing = {"files", *_DESCRIBED} - tables
    if missing:
        raise missing_tables(missing, warehouse.settings.target)
    check_release(warehouse)
    references = [Reference(*row) for row in warehouse.fetch(_REFERENCES)]
    if LINKS in warehouse.final_tables():
        known_urls = {reference.url for reference in references}
        final = {row[4]: Reference(*row) for row in warehouse.fetch(_FINAL_REFERENCES)}
        references += [each for url, each in final.items() if url not in known_urls]
    return references


def of_teams(
    references: list[Reference], teams: dict[str, str], only: Sequence[str]
) -> list[Reference]:
    """Those of some teams.

    Args:
        references: What to choose from.
        teams: Team names by folder name.
        only: Folders or names of the teams in question; empty for all.

    Raises:
        WarehouseError: A team has none.
    """
    wanted = {teams.get(name, name) for name in only}
    loaded = {reference.team for reference in references}
    names = {teams.get(team, team) for team in loaded}
    for name in sorted(wanted - names):
        known = ", ".join(sorted(loaded | names)) or "none"
        raise WarehouseError(f"no blob of a team {name!r} is referenced. There are: {known}")
    return [each for each in references if not only or teams.get(each.team, each.team) in wanted]


def loaded_since(references: list[Reference], day: date) -> list[Reference]:
    """Those that were loaded on this day (UTC) or later."""
    return [each for each in references if each.loaded_at.astimezone(UTC).date() >= day]


def sampled(references: list[Reference], size: int | None) -> list[Reference]:
    """So many of them, drawn by chance, another choice each time; all without a size."""
    if size is None or size >= len(references):
        return references
    return random.sample(references, size)


def check(
    references: list[Reference],
    store_of: Callable[[str], BlobStore],
    concurrency: int,
    progress: Progress,
) -> Iterator[BlobCheck]:
    """Download each blob and compare its SHA-256 and size, in pieces, several blobs at a time.

    Args:
        references: What to check.
        store_of: Gives the store of a blob, by its URL.
        concurrency: How many blobs at a time.
        progress: Told of each.

    Raises:
        BlobStoreError: The store cannot be used at all.
    """
    progress.start(len(references))
    for store in dict.fromkeys(store_of(reference.url) for reference in references):
        next(store.list(""), None)  # is it there, and does it let us in?
    tasks = (
        Task(reference, partial(_check, reference, store_of(reference.url)))
        for reference in references
    )
    for reference, checked in in_order(tasks, concurrency):
        progress.advance(reference.size)
        if checked:
            yield checked


def listed(
    store: BlobStore, references: list[Reference], prefixes: Sequence[str]
) -> Iterator[tuple[StoredBlob, bool]]:
    """The blobs in the store, each with whether a row references it.

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
            yield blob, blob.key in known or blob.url in known


def _check(reference: Reference, store: BlobStore) -> BlobCheck:
    try:
        sha256, size = store.download(reference.url, _measured)
    except BlobStoreError:
        raise
    except BlobNotFoundError as error:
        return BlobCheck(reference, Verdict.MISSING, str(error))
    except BlobError as error:
        return BlobCheck(reference, Verdict.UNREADABLE, str(error))
    found = f"{size:,} bytes with SHA-256 {sha256}"
    if reference.sha256 is None or reference.size is None:
        if has_digest(reference.key, sha256):
            return BlobCheck(reference, Verdict.OK)
        return BlobCheck(reference, Verdict.DIFFERENT, f"{found}, which its name does not tell")
    if (sha256, size) == (reference.sha256, reference.size):
        return BlobCheck(reference, Verdict.OK)
    detail = f"{found}, instead of {reference.size:,} with {reference.sha256}"
    return BlobCheck(reference, Verdict.DIFFERENT, detail)


def _measured(pieces: Iterator[bytes]) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return digest.hexdigest(), size
