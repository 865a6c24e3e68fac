"""Open a blob store by its name or URL."""

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from loader.blobs import BlobStore
from loader.blobs.local import LocalBlobStore
from loader.errors import SettingsError
from loader.workspace import SCHEMES
from loader.workspace.kinds import KINDS

STORES = ", ".join(("vercel", "local", *(f"{scheme}://…" for scheme in ("file", *SCHEMES))))
# No user, query or `..`, because a store's URL is stored and shown.
_PLACE = rf"(?:file://|(?:{'|'.join(SCHEMES)}):/)/(?!.*\.\.(?:/|$))[^/:?#@]+(?:/[^:?#@]*)?"
NAME_OR_URL = re.compile(rf"vercel|local|{_PLACE}")
# A row could name any object: read and delete only names that `blob_key` makes.
_BLOB = re.compile(
    rf"(?P<store>{_PLACE})/[^/:]+/(?:{'|'.join(files.blob_folder for files in KINDS.values())})"
    r"/[^:]+-[0-9a-f]{12}(?:\.[^/:]*)?"
)


def is_store(text: str) -> bool:
    """Return whether a text is the name or the URL of a blob store, as listed in `STORES`."""
    return bool(NAME_OR_URL.fullmatch(text))


def store_of(blob_url: str, local: str) -> str:
    """Return the URL of a blob's store, for `open_store`.

    Args:
        blob_url: URL of the blob.
        local: URL of the local store.
    """
    if blob_url.startswith("local:"):
        return local
    place = _BLOB.fullmatch(blob_url)
    return place["store"] if place else "vercel"


def stores_of(local: Path) -> Callable[[str], BlobStore]:
    """Return a function that maps a blob's URL to its store and opens each store once.

    Args:
        local: The folder of the local store.
    """
    opened = cache(open_store)
    return lambda blob_url: opened(store_of(blob_url, f"local:{local}"))


def open_store(url: str, *, is_listed: bool = True) -> BlobStore:
    """Open a blob store.

    Args:
        url: `vercel`, `vercel:STORE_ID`, `local:FOLDER`, `file:///FOLDER`, or a URL of `SCHEMES`.
        is_listed: Whether Vercel's blobs are listed once per team. Otherwise the store reports
            an existing blob when it is sent again.

    Raises:
        SettingsError: The settings of Vercel Blob are missing, malformed or for another store, or
            the library of an object store is not installed.
    """
    scheme, _, rest = url.partition(":")
    if scheme == "local":
        return LocalBlobStore(Path(rest))
    if scheme == "file":
        return LocalBlobStore(Path(rest.removeprefix("//")), url)
    if scheme == "vercel":
        return _vercel(rest, is_listed=is_listed)
    from loader.blobs.remote import RemoteBlobStore  # noqa: PLC0415 - importing fsspec is slow

    return RemoteBlobStore(url)


def _vercel(store_id: str, *, is_listed: bool) -> BlobStore:
    # The local target does not need urllib3, and settings import this module.
    from loader.blobs.vercel import VercelBlobStore  # noqa: PLC0415
    from loader.blobs.vercel_api import VercelBlobClient  # noqa: PLC0415
    from loader.settings import load_vercel_settings  # noqa: PLC0415

    settings = load_vercel_settings()
    if store_id not in {"", settings.store_id}:
        message = (
            f"A worker has the BLOB_READ_WRITE_TOKEN of another store than the run's, {store_id!r}."
            " Give all workers the same token."
        )
        raise SettingsError(message)
    return VercelBlobStore(VercelBlobClient(settings), is_listed=is_listed)
