"""Errors of blob stores. `str(error)` is the message that a user sees.

BlobError                    a blob cannot be stored or read
├── BlobStoreError           the store cannot be used: the command stops
├── BlobUnavailableError     no valid answer after all retries
├── BlobNotFoundError        the blob does not exist
├── BlobExistsError          the name is taken
├── BlobMismatchError        the blob holds other bytes than expected
└── BlobNotUploadedError     the file was not uploaded, and uploads are off
"""

from loader.errors import LoaderError


class BlobError(LoaderError):
    """A blob cannot be stored or read; the message says why."""


class BlobStoreError(BlobError):
    """The store cannot be used: access denied, suspended, of the wrong kind, or unreachable."""


class BlobUnavailableError(BlobError):
    """The store gave no valid answer after all retries."""


class BlobNotFoundError(BlobError):
    """The blob does not exist."""


class BlobExistsError(BlobError):
    """A blob with this name exists already."""


class BlobMismatchError(BlobError):
    """A blob holds other bytes than expected."""


class BlobNotUploadedError(BlobError):
    """The file was not uploaded, and uploads are off."""
