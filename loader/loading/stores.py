"""Open the configured blob store."""

from loader.blobs import BlobStore
from loader.blobs.opening import open_store
from loader.errors import SettingsError
from loader.settings import Settings

_HINT = """\
Vercel Blob upload is not enabled.
Neon storage requires Vercel upload (it stores blob references). Add to .env:

    ENABLE_VERCEL_BLOB_UPLOAD=true
    BLOB_READ_WRITE_TOKEN=your_token

To keep the blobs in a local folder instead: python -m loader run --blob-store local"""


def configured_store(settings: Settings) -> BlobStore:
    """Open the store for new blobs.

    Raises:
        SettingsError: Vercel Blob is not enabled, or a setting of the store is malformed.
    """
    if settings.blob_store == "vercel" and not settings.is_blob_upload_enabled:
        raise SettingsError(_HINT)
    return open_store(settings.blob_store)
