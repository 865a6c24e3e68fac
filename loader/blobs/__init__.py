"""Blob stores keep files byte for byte, under content-addressed names."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from loader.network import Network

_LONGEST_PART = 200  # bytes; file systems allow 255, and the hash and a temporary suffix are added
_LONGEST_KEY = 950  # UTF-16 units, Vercel Blob's limit
_HASH_DIGITS = 12
_DIGEST = re.compile(rf"-([0-9a-f]{{{_HASH_DIGITS}}})(?:\.[^./]*)?$")

# Characters with a meaning in a file system or a URL; all others are kept.
_UNSAFE = re.compile("[^A-Za-z0-9._\\- ,'()+@=!&~\u00a1-\U0010ffff]")
# PostgreSQL stores no NUL, and UTF-8 has no lone surrogates.
UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class VercelSettings:
    """The connection to a Vercel Blob store.

    Args:
        token: The store's read-write token; not in the `repr`.
        store_id: The store's id, from the token.
        access: `private` or `public`, as the store was created.
        api_url: URL of the HTTP API, without a final slash.
        network: Proxy and certificates.
    """

    token: str = field(repr=False)
    store_id: str
    access: str
    api_url: str
    network: Network = field(default_factory=Network)


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob in the store.

    Args:
        key: Its name in the store.
        url: The address to read it from.
        size: In bytes.
    """

    key: str
    url: str
    size: int


class BlobStore(Protocol):
    """A store that never overwrites a blob; `str` describes it.

    Args:
        url: The address that opens the store in any process: see `open_store`.
        is_remote: Whether parallel requests are faster.
    """

    url: str
    is_remote: bool

    def find(self, key: str, size: int) -> StoredBlob | None:
        """Return the blob of this name; None if it does not exist.

        Args:
            key: A name from `blob_key`: equal keys mean equal bytes.
            size: The expected size in bytes.

        Raises:
            BlobMismatchError: The blob has another size.
            BlobStoreError: The store cannot be reached.
        """

    def put(self, key: str, data: bytes) -> StoredBlob:
        """Store bytes under a name that does not exist yet.

        Raises:
            BlobError: The store did not confirm the blob.
        """

    def list(self, prefix: str) -> Iterator[StoredBlob]:
        """Yield all blobs whose names begin with the prefix.

        Raises:
            BlobError: The store cannot be reached.
        """

    def download(self, url: str, take: Callable[[Iterator[bytes]], Taken]) -> Taken:
        """Read a blob in chunks.

        Args:
            url: Its address.
            take: Receives the chunks; called again on each retry.

        Raises:
            BlobError: The blob does not exist, or did not arrive completely.
        """

    def owns(self, url: str) -> bool:
        """Return whether an address is in this store. Only its own blobs can be deleted."""

    def delete(self, urls: Sequence[str]) -> None:
        """Delete blobs by address; a missing blob is not an error.

        Raises:
            BlobError: A blob could not be deleted.
        """


def blob_key(team: str, module: str, name: str, data: bytes) -> str:
    """Return a blob's name: `{team}/{module}/{name}`, with 12 digits of the SHA-256 in the stem.

    Percent-encode characters with a meaning in file systems or URLs, and cut parts that are too
    long. The hash still makes the names of different contents differ.

    Args:
        team: The team's folder.
        module: The kind of the file.
        name: Path below the team's folder, with `/`.
        data: The file's bytes.
    """
    digest = hashlib.sha256(data).hexdigest()[:_HASH_DIGITS]
    folder, _, file = name.rpartition("/")
    stem, dot, extension = file.rpartition(".")
    if not dot:
        stem, extension = file, ""
    last = f"{_cut(_safe(stem))}-{digest}{dot}{_safe(extension)}"
    parts = [_cut(_safe(part)) for part in (team, *module.split("/"), *folder.split("/")) if part]
    while parts[2:] and _units("/".join([*parts, last])) > _LONGEST_KEY:
        parts.pop()
    return "/".join([*parts, last])


def digest_in(key: str) -> str | None:
    """Return the digits of the SHA-256 at the end of a blob's name; None if it has none."""
    digest = _DIGEST.search(key)
    return digest[1] if digest else None


def team_prefix(team: str) -> str:
    """Return the prefix of the names of all blobs of a team."""
    return f"{_cut(_safe(team))}/"


def _safe(part: str) -> str:
    encoded = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", part)
    return encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded


def _cut(part: str) -> str:
    data = part.encode()
    return part if len(data) <= _LONGEST_PART else data[:_LONGEST_PART].decode(errors="ignore")


def _units(key: str) -> int:
    return len(key.encode("utf-16-le")) // 2
