"""A blob store below a prefix of an object store, through fsspec."""

from collections.abc import Callable, Iterator, Sequence

from loader.blobs import StoredBlob, Taken
from loader.blobs.errors import BlobError, BlobMismatchError, BlobNotFoundError, BlobStoreError
from loader.settings import redacted
from loader.words import counted
from loader.workspace.filesystem import open_filesystem

_PIECE = 4 * 1024 * 1024  # bytes per chunk of a download


class RemoteBlobStore:
    """Blobs as objects; a blob's URL is the store's URL, a slash and the key.

    The store's own library finds the credentials. Objects are written atomically, and are private
    unless their bucket is public.

    Args:
        url: Of the prefix, as `s3://bucket/prefix`.

    Raises:
        SettingsError: The store's library is not installed.
    """

    is_remote = True

    def __init__(self, url: str) -> None:
        self.url = url
        self._fs, self._root = open_filesystem(url)

    def __str__(self) -> str:
        return self.url

    def find(self, key: str, size: int) -> StoredBlob | None:
        """See `BlobStore.find`."""
        try:
            info = self._fs.info(f"{self._root}/{key}")
        except FileNotFoundError:
            return None
        except Exception as error:  # each store raises its own errors
            raise self._error(error) from error
        if info["size"] != size:
            raise BlobMismatchError(
                f"The store has {counted(info['size'], 'byte')} under the name {key!r},"
                f" instead of {size:,}. Nothing is ever overwritten: look at that"
                " blob, and delete it."
            )
        return StoredBlob(key, f"{self.url}/{key}", size)

    def put(self, key: str, data: bytes) -> StoredBlob:
        """See `BlobStore.put`.

        The name may exist by now: another machine was faster, or an answer was lost before a retry.
        """
        blob = StoredBlob(key, f"{self.url}/{key}", len(data))
        try:
            self._fs.pipe_file(f"{self._root}/{key}", data, mode="create")
        except Exception as error:
            refusal = self._error(error)
            if isinstance(refusal, BlobStoreError) or not self.find(key, len(data)):
                raise refusal from error
            if self.download(blob.url, b"".join) != data:
                raise BlobMismatchError(
                    f"The store has other bytes under the name {key!r}."
                ) from None
        return blob

    def list(self, prefix: str) -> Iterator[StoredBlob]:
        """See `BlobStore.list`. Folders are listed one by one."""
        start = f"{self._root}/{prefix.rpartition('/')[0]}".rstrip("/")
        try:
            for folder, _, files in self._fs.walk(start, detail=True, on_error="raise"):
                for name, info in files.items():
                    key = f"{folder}/{name}"[len(self._root) + 1 :]
                    if name and key.startswith(prefix):
                        yield StoredBlob(key, f"{self.url}/{key}", info["size"])
        except FileNotFoundError as error:  # an empty prefix also raises this
            if not self._fs.exists(self._root.partition("/")[0]):
                raise BlobStoreError(f"Cannot list {self.url}: no such bucket.") from error
        except Exception as error:
            message = f"Cannot list {self.url}: {_words(error)}"
            raise BlobStoreError(message) from error

    def download(self, url: str, take: Callable[[Iterator[bytes]], Taken]) -> Taken:
        """See `BlobStore.download`."""
        path = f"{self._root}/{url.removeprefix(f'{self.url}/')}"
        try:
            with self._fs.open(path, "rb", block_size=_PIECE) as file:
                return take(iter(lambda: file.read(_PIECE), b""))
        except FileNotFoundError as error:
            raise BlobNotFoundError("The store has no such blob.") from error
        except PermissionError as error:
            raise BlobError(f"The store refuses this blob: {_words(error)}") from error
        except Exception as error:
            raise self._error(error) from error

    def owns(self, url: str) -> bool:
        """See `BlobStore.owns`."""
        return url.startswith(f"{self.url}/")

    def delete(self, urls: Sequence[str]) -> None:
        """See `BlobStore.delete`."""
        for url in urls:
            try:
                self._fs.rm_file(f"{self._root}/{url.removeprefix(f'{self.url}/')}")
            except FileNotFoundError:
                continue
            except Exception as error:
                raise self._error(error) from error

    def _error(self, error: Exception) -> BlobError:
        """Return BlobError if the store answered, BlobStoreError if it did not."""
        lasting = PermissionError, FileNotFoundError  # no permission, or no bucket
        if isinstance(error, OSError) and not isinstance(error, lasting):
            return BlobError(f"The store answered: {_words(error)}")
        return BlobStoreError(
            f"Cannot use {self.url}: {_words(error)}\n"
            "Check its name, and the credentials in the environment."
        )


def _words(error: Exception) -> str:
    return redacted(" ".join(str(error).split()) or type(error).__name__)
