"""Where files are kept, byte for byte, under names that tell their content."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from loader.network import Network

_LONGEST_PART = 200  # bytes; file systems take 255, and the hash and a temporary's mark are added
_LONGEST_KEY = 950  # UTF-16 units, Vercel Blob's limit
_HASH_DIGITS = 12
_DIGEST = re.compile(rf"-([0-9a-f]{{{_HASH_DIGITS}}})(?:\.[^./]*)?$")

# What a file system or a URL gives a meaning; all letters but those are kept.
_UNSAFE = re.compile("[^A-Za-z0-9._\\- ,'()+@=!&~\u00a1-\U0010ffff]")
# PostgreSQL stores no NUL, and no half of a surrogate pair is text.
UNSTORABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class VercelSettings:
    """How to reach a Vercel Blob store.

    Args:
        token: Of the store, to read and write; not in its `repr`.
        store_id: As the token tells it.
        access: `private` or `public`: what the store was made as.
        api_url: Of the HTTP API, without a slash at its end.
        network: Proxy and certificates.
    """

    token: str = field(repr=False)
    store_id: str
    access: str
    api_url: str
    network: Network = field(default_factory=Network)


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """A blob that is in the store.

    Args:
        key: Its name in the store.
        url: Where it can be read.
        size: In bytes.
    """

    key: str
    url: str
    size: int


class BlobStore(Protocol):
    """Keeps bytes under names that are never overwritten; `str` describes it.

    Args:
        url: Opens it again, in any process: see `open_store`.
        is_remote: Whether several requests at once are faster than one after the other.
    """

    url: str
    is_remote: bool

    def find(self, key: str, size: int) -> StoredBlob | None:
        """The blob of this name, if it is there.

        Args:
            key: From `blob_key`: equal keys hold equal bytes.
            size: Of the bytes.

        Raises:
            BlobMismatchError: The name holds something of another size.
            BlobStoreError: The store cannot be asked.
        """

    def put(self, key: str, data: bytes) -> StoredBlob:
        """Store bytes under a name that `find` did not find.

        Raises:
            BlobError: The store did not confirm it.
        """

    def list(self, prefix: str) -> Iterator[StoredBlob]:
        """All blobs whose names begin like this.

        Raises:
            BlobError: The store cannot be asked.
        """

    def download(self, url: str, take: Callable[[Iterator[bytes]], Taken]) -> Taken:
        """Read a blob in pieces.

        Args:
            url: Its address.
            take: Given the pieces; called again at each try.

        Raises:
            BlobError: It is not there, or did not arrive whole.
        """

    def owns(self, url: str) -> bool:
        """Whether an address is in this store: what is in another one cannot be deleted here."""

    def delete(self, urls: Sequence[str]) -> None:
        """Delete blobs, by address; one that is not there is no error.

        Raises:
            BlobError: One could not be deleted.
        """


def blob_key(team: str, module: str, name: str, data: bytes) -> str:
    """The name of a blob: `{team}/{module}/{name}`, the stem with 12 hex digits of the SHA-256.

    Characters that a file system or a URL gives a meaning are percent-encoded; parts that are too
    long are cut. The hash keeps names of different contents apart all the same.

    Args:
        team: The team's folder.
        module: What kind of file it is.
        name: Path below the team's folder, with `/`.
        data: The content.
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
    """Return the first digits of the SHA-256 at the end of a name; None if it has none."""
    digest = _DIGEST.search(key)
    return digest[1] if digest else None


def team_prefix(team: str) -> str:
    """How the names of all blobs of a team begin."""
    return f"{_cut(_safe(team))}/"


def _safe(part: str) -> str:
    encoded = _UNSAFE.sub(lambda match: f"%{ord(match[0]):02X}", part)
    return encoded.replace(".", "%2E") if set(encoded) == {"."} else encoded


def _cut(part: str) -> str:
    data = part.encode()
    return part if len(data) <= _LONGEST_PART else data[:_LONGEST_PART].decode(errors="ignore")


def _units(key: str) -> int:
    return len(key.encode("utf-16-le")) // 2
