"""Check that the referenced blobs exist and have the expected content."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from urllib.parse import unquote

from loader.blobs import BlobStore, StoredBlob, digest_in
from loader.blobs.errors import BlobError, BlobNotFoundError, BlobStoreError
from loader.extract.options import Progress
from loader.extract.threads import Task, in_order
from loader.maintenance.references import Content, Reference
from loader.parsing.decoding import decode
from loader.parsing.text import SPACES
from loader.words import counted

_MOST_HELD = 100_000_000  # bytes of a blob in which texts are searched


class Verdict(StrEnum):
    """The verdict on a blob."""

    OK = "ok"
    NOT_CHECKABLE = "not_checkable"
    MISSING = "missing"
    DIFFERENT = "different"
    UNREADABLE = "unreadable"


FINE = frozenset({Verdict.OK, Verdict.NOT_CHECKABLE})


class Compared(StrEnum):
    """The reference that a correct blob was compared with.

    `name` means the hash prefix in the blob's name. `text` means that the blob contains the texts
    of all rows that refer to it; the rest of the file is unknown.
    """

    SHA256 = "sha256"
    NAME = "name"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class BlobCheck:
    """The result for a blob; `detail` describes the problem."""

    reference: Reference
    verdict: Verdict
    detail: str = ""
    compared: Compared | None = None


@dataclass(frozen=True, slots=True)
class _Bytes:
    """A download; `data` is None if it is not needed, or too large to keep in memory."""

    sha256: str
    size: int
    data: bytes | None


def check(
    references: Sequence[Reference],
    store_of: Callable[[str], BlobStore],
    concurrency: int,
    progress: Progress,
) -> Iterator[BlobCheck]:
    """Download each blob and compare it with the database, several at a time.

    Args:
        references: The blobs to check.
        store_of: Returns the store of a blob, given its URL.
        concurrency: The number of parallel downloads.
        progress: Called after each blob.

    Raises:
        BlobStoreError: The store is unavailable.
    """
    progress.start(len(references))
    for store in dict.fromkeys(store_of(reference.url) for reference in references):
        next(store.list(""), None)  # fail early if the store is missing or refuses access
    tasks = (
        Task(reference, partial(_check, reference, store_of(reference.url)))
        for reference in references
    )
    for reference, checked in in_order(tasks, concurrency):
        progress.advance(reference.size)
        if checked:
            yield checked


def listed(
    store: BlobStore, names: Iterable[str], prefixes: Sequence[str]
) -> Iterator[tuple[StoredBlob, bool]]:
    """Yield the blobs in the store, each with whether a row references it.

    Args:
        store: The store to list.
        names: All names and addresses by which rows refer to blobs of this store.
        prefixes: Name prefixes to list.

    Raises:
        BlobStoreError: The store cannot be listed.
    """
    known = frozenset(map(_plain, names))
    for prefix in prefixes:
        for blob in store.list(prefix):
            yield blob, not known.isdisjoint({_plain(blob.key), _plain(blob.url)})


def _plain(name: str) -> str:
    """Return a name or an address in one spelling: as text, without query and fragment."""
    return unquote(name.partition("?")[0])


def _check(reference: Reference, store: BlobStore) -> BlobCheck:
    is_held = any(content.text for content in reference.contents)
    try:
        found = store.download(reference.url, partial(_measured, is_held=is_held))
    except BlobStoreError:
        raise
    except BlobNotFoundError as error:
        return BlobCheck(reference, Verdict.MISSING, str(error))
    except BlobError as error:
        return BlobCheck(reference, Verdict.UNREADABLE, str(error))
    if reference.sha256 is not None:
        known = Content(reference.sha256, reference.size, None)
        return _compared_with(reference, [known], found)
    if digest := digest_in(reference.key):
        if found.sha256.startswith(digest):
            return BlobCheck(reference, Verdict.OK, compared=Compared.NAME)
        return _different(reference, found, "which its name does not tell")
    return _compared_with(reference, reference.contents, found)


def _compared_with(reference: Reference, contents: Sequence[Content], found: _Bytes) -> BlobCheck:
    """Compare a blob with the hash of a load, or with the rows that refer to it."""
    for each in contents:
        if each.size not in (None, found.size):
            of_sha256 = f" with {each.checksum}" if each.checksum is not None else ""
            return _different(reference, found, f"instead of {each.size:,}{of_sha256}")
    others = [each for each in contents if each.checksum != found.sha256]
    if contents and not others:
        return BlobCheck(reference, Verdict.OK, compared=Compared.SHA256)
    if any(each.text for each in contents):
        return _compared_with_texts(reference, contents, found)
    for each in others:
        if each.checksum is not None:
            return _different(reference, found, f"instead of {each.checksum}")
    detail = "its name has no hash, and its row no checksum"
    if any(each.size is not None for each in contents):
        detail = "its size is that of its row, which has no checksum"
    return BlobCheck(reference, Verdict.NOT_CHECKABLE, detail)


def _compared_with_texts(
    reference: Reference, contents: Sequence[Content], found: _Bytes
) -> BlobCheck:
    """Search a blob for the texts of rows, ignoring encoding, line ends and spaces."""
    if found.data is None:
        return BlobCheck(reference, Verdict.NOT_CHECKABLE, "it is too large to look for texts")
    whole = _words(decode(found.data)[0])
    count = sum(
        each.checksum == found.sha256 or _words(each.text or "") in whole for each in contents
    )
    if count == len(contents):
        return BlobCheck(reference, Verdict.OK, compared=Compared.TEXT)
    rows = counted(len(contents), "row")
    detail = f"it holds the text of {count:,} of its {rows}"
    return BlobCheck(reference, Verdict.DIFFERENT, detail)


def _different(reference: Reference, found: _Bytes, but: str) -> BlobCheck:
    detail = f"{counted(found.size, 'byte')} with SHA-256 {found.sha256}, {but}"
    return BlobCheck(reference, Verdict.DIFFERENT, detail)


def _words(text: str) -> str:
    return SPACES.sub(" ", text).strip()


def _measured(pieces: Iterator[bytes], *, is_held: bool) -> _Bytes:
    digest, size, held = hashlib.sha256(), 0, bytearray()
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        if is_held:
            held += piece
            is_held = size <= _MOST_HELD
    return _Bytes(digest.hexdigest(), size, bytes(held) if is_held else None)
