"""The blob stores that a command speaks to."""

from collections.abc import Callable
from functools import cache

from loader.blobs import BlobStore
from loader.blobs.opening import open_store
from loader.errors import SettingsError
from loader.settings import Settings

_MEND = """\
Vercel Blob upload is not enabled.
Neon storage requires Vercel upload (it stores blob references). Add to .env:

    ENABLE_VERCEL_BLOB_UPLOAD=true
    BLOB_READ_WRITE_TOKEN=your_token

To keep the blobs in a local folder instead: python -m loader run --blob-store local"""


def store_of(settings: Settings, *, is_local: bool) -> BlobStore:
    """Where the blobs of a target go.

    Raises:
        SettingsError: Vercel Blob is not enabled, or its settings are malformed.
    """
    if not is_local and not settings.is_blob_upload_enabled:
        raise SettingsError(_MEND)
    return stores(settings)(is_local)


def stores(settings: Settings) -> Callable[[bool], BlobStore]:
    """Gives the local store (True) or Vercel Blob, whose settings are read when it is needed."""

    @cache
    def store(is_local: bool) -> BlobStore:  # noqa: FBT001
        return open_store(settings.blob_dir if is_local else None)

    return store
