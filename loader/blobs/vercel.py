"""The store of content-addressed blobs on Vercel Blob."""

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence

from loader.blobs import StoredBlob, Taken
from loader.blobs.errors import (
    BlobError,
    BlobMismatchError,
    BlobStoreError,
    BlobUnavailableError,
)
from loader.blobs.vercel_api import PAGE, VercelBlobClient
from loader.words import counted

_MOST_FAILURES = 8


class VercelBlobStore:
    """Content-addressed blobs: each is sent once, by any machine, and never overwritten.

    The team's blobs are listed when its first file is looked up. Without listings, the store
    refuses a blob that it already has.

    Args:
        client: The client of the store.
        is_listed: Whether to list the blobs of each team.
    """

    is_remote = True

    def __init__(self, client: VercelBlobClient, *, is_listed: bool = True) -> None:
        self.url = f"vercel:{client.settings.store_id}"
        self._client = client
        self._is_listed = is_listed
        self._listings: dict[str, dict[str, StoredBlob]] = {}
        self._lock = threading.Lock()
        self._failures = 0

    def __str__(self) -> str:
        return f"Vercel Blob, {self._client.settings.access}"

    def find(self, key: str, size: int) -> StoredBlob | None:
        """See `BlobStore.find`."""
        if not self._is_listed:
            return None
        prefix = key.partition("/")[0] + "/"
        with self._lock:
            if prefix not in self._listings:
                self._listings[prefix] = {blob.key: blob for blob in self.list(prefix)}
            blob = self._listings[prefix].get(key)
        if blob and blob.size != size:
            raise BlobMismatchError(
                f"The store has {counted(blob.size, 'byte')} under the name {key!r},"
                f" instead of {size:,}. Nothing is ever overwritten: look at that"
                " blob, and delete it."
            )
        return blob

    def put(self, key: str, data: bytes) -> StoredBlob:
        """See `BlobStore.put`.

        The name may exist by now: an answer was lost before a retry, or another machine was faster.
        That is no error if the blob holds these bytes.
        """
        with self._limit_failures():
            try:
                return self._client.put(key, data)
            except (BlobUnavailableError, BlobStoreError):
                raise
            except BlobError as refusal:
                return self._verified(key, data, refusal)

    def _verified(self, key: str, data: bytes, refusal: BlobError) -> StoredBlob:
        """Return the existing blob if it holds these bytes; otherwise raise."""
        try:
            blob = self._client.head(key)
            is_equal = blob.size == len(data) and self._client.download(blob.url, b"".join) == data
        except BlobStoreError:
            raise
        except BlobError:
            raise refusal from None
        if not is_equal:
            raise BlobMismatchError(f"The store has other bytes under the name {key!r}.")
        return blob

    def list(self, prefix: str) -> Iterator[StoredBlob]:
        """See `BlobStore.list`."""
        try:
            yield from self._client.list(prefix)
        except BlobStoreError:
            raise
        except BlobError as error:
            raise BlobStoreError(f"Cannot list the blob store: {error}") from error

    def download(self, url: str, take: Callable[[Iterator[bytes]], Taken]) -> Taken:
        """See `BlobStore.download`."""
        with self._limit_failures():
            return self._client.download(url, take)

    def owns(self, url: str) -> bool:
        """See `BlobStore.owns`."""
        return self._client.owns(url)

    def delete(self, urls: Sequence[str]) -> None:
        """See `BlobStore.delete`."""
        for first in range(0, len(urls), PAGE):
            self._client.delete(urls[first : first + PAGE])

    @contextlib.contextmanager
    def _limit_failures(self) -> Iterator[None]:
        """Stop after many requests without an answer, because each costs a minute."""
        if self._failures >= _MOST_FAILURES:
            raise BlobUnavailableError(
                f"Not tried: the store did not answer {_MOST_FAILURES} requests in a row."
            )
        try:
            yield
        except BlobUnavailableError:
            self._failures += 1
            raise
        self._failures = 0
