"""The blob store of a command or of a task."""

from pathlib import Path

from loader.blobs import BlobStore
from loader.blobs.local import LocalBlobStore
from loader.settings import load_vercel_settings


def open_store(folder: Path | None, *, is_listed: bool = True) -> BlobStore:
    """The local store in a folder, or Vercel Blob.

    Args:
        folder: The local store's; None for Vercel Blob.
        is_listed: Whether Vercel is asked once for all blobs of a team, or tells of each when it
            is sent.

    Raises:
        SettingsError: Vercel Blob's settings are missing or malformed.
    """
    if folder:
        return LocalBlobStore(folder)
    from loader.blobs.vercel import (  # noqa: PLC0415 - the local target goes without
        VercelBlobClient,
        VercelBlobStore,
    )

    return VercelBlobStore(VercelBlobClient(load_vercel_settings()), is_listed=is_listed)
