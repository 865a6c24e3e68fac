"""Find or make the blob of a file: uploaded elsewhere, already in the store, or new."""

from dataclasses import dataclass

from loader.blobs import BlobStore, StoredBlob, blob_key
from loader.blobs.errors import (
    BlobError,
    BlobMismatchError,
    BlobNotUploadedError,
    BlobStoreError,
)
from loader.blobs.manifest import Manifest
from loader.extract.file_result import FileResult
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.values import BlobKey, BlobUrl
from loader.workspace.kinds import KINDS


@dataclass(frozen=True, slots=True)
class BlobReference:
    """The blob of a file, or the reason for having none.

    Args:
        key: The blob's name; None without a blob.
        url: The address to read it from; None without a blob.
        uploaded: Bytes that were sent; None if nothing was sent.
        rejection: The reason for having no blob.
    """

    key: BlobKey | None = None
    url: BlobUrl | None = None
    uploaded: int | None = None
    rejection: Rejection | None = None


class Uploader:
    """Find or upload the blobs of files, several at a time.

    Args:
        store: The store for new blobs; None to upload nothing.
        manifest: Uploads made elsewhere, which are preferred.
        concurrency: Maximum number of parallel uploads; 0 to upload in this thread.
        is_dry: Whether to only look up blobs, and send nothing.
    """

    def __init__(
        self,
        store: BlobStore | None,
        manifest: Manifest | None = None,
        concurrency: int = 1,
        *,
        is_dry: bool = False,
    ) -> None:
        self._store = store
        self._manifest = manifest
        # Paths of the files in the manifest.
        self.uploaded = manifest.paths if manifest else frozenset[str]()
        self.concurrency = concurrency
        self._is_dry = is_dry

    def reference(self, result: FileResult) -> BlobReference:
        """Return the reference for a file's rows, or the reason for having none.

        Raises:
            BlobStoreError: The store cannot be used.
        """
        try:
            blob, is_new = self._blob(result)
        except BlobStoreError:
            raise
        except BlobMismatchError as error:
            return BlobReference(rejection=Rejection(Reason.BLOB_MISMATCH, str(error)))
        except BlobNotUploadedError as error:
            return BlobReference(rejection=Rejection(Reason.NOT_UPLOADED, str(error)))
        except BlobError as error:
            return BlobReference(rejection=Rejection(Reason.UPLOAD_FAILED, str(error)))
        return BlobReference(BlobKey(blob.key), BlobUrl(blob.url), blob.size if is_new else None)

    def _blob(self, result: FileResult) -> tuple[StoredBlob, bool]:
        """Return the blob of a result that has rows, and whether it had to be sent."""
        file, data = result.file, result.data or b""
        is_whole = result.blob_name == file.name
        blob = self._manifest.find(file.path, data) if self._manifest and is_whole else None
        if blob:
            return blob, False
        if not self._store:
            what = "the file" if is_whole else "a text that is taken from the file"
            raise BlobNotUploadedError(f"No manifest names {what}.")
        key = blob_key(file.team, KINDS[file.kind].blob_folder, result.blob_name, data)
        blob = self._store.find(key, len(data))
        if blob:
            return blob, False
        if self._is_dry:
            return StoredBlob(key, "", len(data)), True
        return self._store.put(key, data), True
