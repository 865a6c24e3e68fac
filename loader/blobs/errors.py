"""What a blob store can answer other than yes. `str(error)` is the message that a user sees.

BlobError                    one blob could not be stored or read
├── BlobStoreError           no blob can be: the command stops
├── BlobUnavailableError     no answer that makes sense, after all tries
├── BlobNotFoundError        there is no such blob
├── BlobExistsError          the name is taken
├── BlobMismatchError        the blob holds other bytes than it should
└── BlobNotUploadedError     there is no upload of it, and none may be made
"""

from loader.errors import LoaderError


class BlobError(LoaderError):
    """One blob could not be stored or read; the message says why."""


class BlobStoreError(BlobError):
    """The store cannot be used at all: refused, suspended, of the other kind, out of reach."""


class BlobUnavailableError(BlobError):
    """The store gave no answer that makes sense, however often it was asked."""


class BlobNotFoundError(BlobError):
    """The store has no such blob."""


class BlobExistsError(BlobError):
    """The store has a blob of this name."""


class BlobMismatchError(BlobError):
    """A blob holds other bytes than it should."""


class BlobNotUploadedError(BlobError):
    """No upload of the file is known, and none may be made."""
