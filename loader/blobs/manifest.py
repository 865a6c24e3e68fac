"""Uploads that another program made, as a map from files to blobs."""

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.blobs import UNSTORABLE, StoredBlob
from loader.blobs.addresses import kind_of
from loader.blobs.errors import BlobMismatchError
from loader.errors import ManifestError
from loader.workspace.kinds import KINDS
from loader.workspace.regular import read_regular

_GROUPS = ("transcripts", "dailyReports", "slack", "jiraData")
_MOST = 100 * 1024 * 1024  # bytes, as MAX_FILE_MB by default
_SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload: the file, the blob's name, and the checksum of the bytes."""

    path: str
    key: str
    url: str
    sha256: str


class Manifest:
    """Finds the uploads of files.

    Args:
        uploads: All uploads, in any order.
    """

    def __init__(self, uploads: Iterable[Upload] = ()) -> None:
        self._by_path: defaultdict[str, list[Upload]] = defaultdict(list)
        self._contents: defaultdict[str, set[str]] = defaultdict(set)
        for upload in uploads:
            self._by_path[upload.path].append(upload)
            self._contents[upload.url].add(upload.sha256)

    @property
    def paths(self) -> set[str]:
        """Return the files in the manifest, relative to the workspace."""
        return set(self._by_path)

    def find(self, path: str, data: bytes) -> StoredBlob | None:
        """Return the blob of a file; None if the manifest does not contain the file.

        Args:
            path: The file, relative to the workspace.
            data: The file's bytes.

        Raises:
            BlobMismatchError: The upload had other bytes, or a later upload replaced its blob.
        """
        if path not in self._by_path:
            return None
        sha256 = hashlib.sha256(data).hexdigest()
        uploads = [upload for upload in self._by_path[path] if upload.sha256 == sha256]
        if not uploads:
            uploaded = self._by_path[path][0].sha256
            raise BlobMismatchError(
                f"The file's SHA-256 is {sha256!r}, but that of its upload is {uploaded!r}."
            )
        for upload in uploads:
            if len(self._contents[upload.url]) == 1:
                return StoredBlob(upload.key, upload.url, len(data))
        raise BlobMismatchError(f"Another upload replaced its blob: {uploads[0].url}")


def load_manifest(path: Path, access: str, max_bytes: int = _MOST) -> Manifest:
    """Read a manifest of uploads.

    Args:
        path: A JSON file with some of the groups `transcripts`, `dailyReports`, `slack` and
            `jiraData`, each `{"urls": [{"pathname", "url", "localPath", "checksum"}, …]}`. A
            `localPath` may be absolute, also from another machine: only the part below the
            workspace counts.
        access: `private` refuses addresses of public stores.
        max_bytes: The maximum size in bytes.

    Raises:
        ManifestError: The file cannot be read, or has another form.
    """
    try:
        document = json.loads(read_regular(str(path), max_bytes))
    except OSError as error:
        raise ManifestError(f"{path}: {error.strerror or type(error).__name__}.") from error
    except ValueError as error:
        raise ManifestError(f"{path}: not JSON: {error}.") from error
    except RecursionError as error:
        raise ManifestError(f"{path}: not JSON: nested too deeply.") from error
    try:
        return Manifest(_uploads(document, access))
    except _FormError as error:
        raise ManifestError(f"{path}: {error}.") from None


class _FormError(Exception):
    """A malformed value; the message names its key."""


def _uploads(document: object, access: str) -> list[Upload]:
    uploads = []
    groups = _typed(document, dict, "the document")
    if not set(groups) & set(_GROUPS):
        raise _FormError(f"it has none of the groups {', '.join(_GROUPS)}")
    for group in _GROUPS:
        if groups.get(group) is None:
            continue
        entries = _typed(groups[group], dict, group).get("urls", [])
        for number, entry in enumerate(_typed(entries, list, f"{group}.urls")):
            where = f"{group}.urls[{number}]"
            fields = _typed(entry, dict, where)
            values = {
                name: _typed(fields.get(name), str, f"{where}.{name}")
                for name in ("localPath", "pathname", "url", "checksum")
            }
            sha256 = values["checksum"].lower()
            if not _SHA256.fullmatch(sha256):
                raise _FormError(f"{where}.checksum is not a SHA-256 in 64 hex digits")
            kind = kind_of(values["url"])
            if kind is None:
                raise _FormError(f"{where}.url is not an address of a Vercel Blob store")
            if kind == "public" and access == "private":
                raise _FormError(f"{where}.url is public, and BLOB_ACCESS is private")
            local_path = _relative(values["localPath"])
            uploads.append(Upload(local_path, values["pathname"], values["url"], sha256))
    return uploads


def _typed(value: object, kind: type, where: str) -> Any:  # noqa: ANN401
    words: dict[type, str] = {dict: "an object", list: "a list", str: "a text"}
    if not isinstance(value, kind) or value == "":
        raise _FormError(f"{where} is not {words[kind]}")
    if isinstance(value, str) and UNSTORABLE.search(value):
        raise _FormError(f"{where} has a control character or half of a surrogate pair")
    return value


def _relative(local_path: str) -> str:
    """Return a path from its last workspace folder on; the whole path if it has none."""
    path = local_path if "/" in local_path else local_path.replace("\\", "/")
    starts = [f"/{path}".rfind(f"/{files.root}/") for files in KINDS.values()]
    return path[max(*starts, 0) :]
