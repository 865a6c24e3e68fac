"""A client of Vercel Blob's HTTP API, version 12."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import quote

from urllib3 import BaseHTTPResponse

from loader.blobs import UNSTORABLE, StoredBlob, Taken, VercelSettings
from loader.blobs.addresses import HOST, is_at, kind_of
from loader.blobs.errors import (
    BlobError,
    BlobStoreError,
    BlobUnavailableError,
)
from loader.blobs.transport import Transport, other_kind

_API_VERSION = "12"
_PART = 8 * 1024 * 1024  # bytes; larger blobs are uploaded in parts of this size
PAGE = 1000  # blobs; the maximum per page of a listing
_PIECE = 256 * 1024  # bytes per chunk of a download
_VERCEL = "https://vercel.com"  # serves the API, not blobs
# A test server has the store's host in its path.
_KIND = re.compile(rf"https?://(?:[^/]+/)?[^/]+\.(private|public){re.escape(HOST)}/")
_CONTENT_TYPE = "text/markdown; charset=utf-8"
_JSON = {"content-type": "application/json"}

_Body = bytes | memoryview | None


class VercelBlobClient:
    """The operations of one store.

    Args:
        settings: The connection to the store.

        All methods raise BlobError; see the tree in errors.py.
    """

    def __init__(self, settings: VercelSettings) -> None:
        self.settings = settings
        self._transport = Transport(settings)
        store, api = settings.store_id.lower(), "/".join(settings.api_url.split("/")[:3])
        self._public = f"https://{store}.public{HOST}"
        # Origins that may receive the token, in addition to the API.
        self._private = {f"https://{store}.private{HOST}", api} - {_VERCEL}
        self._headers = {
            "x-api-version": _API_VERSION,
            "x-vercel-blob-store-id": settings.store_id,
        }
        self._put_headers = self._headers | {
            "x-vercel-blob-access": settings.access,
            "x-content-type": _CONTENT_TYPE,
            "x-add-random-suffix": "0",
            "x-allow-overwrite": "0",
        }

    def put(self, key: str, data: bytes) -> StoredBlob:
        """Store bytes under a new name; a large blob is sent in parts."""
        if len(data) > _PART:
            answer = self._put_in_parts(key, data)
        else:
            answer = self._call("PUT", "/", {"pathname": key}, self._put_headers, data)
        blob = self._blob(answer, len(data))
        if blob.key != key:
            raise BlobError(f"The store put it under another name: {blob.key!r}.")
        return blob

    def _put_in_parts(self, key: str, data: bytes) -> dict[str, Any]:
        def act(action: str, more: dict[str, str], body: _Body = None) -> dict[str, Any]:
            headers = self._put_headers | {"x-mpu-action": action} | more
            return self._call("POST", "/mpu", {"pathname": key}, headers, body)

        upload = act("create", {})
        place = {
            "x-mpu-key": quote(_text(upload, "key"), safe=""),
            "x-mpu-upload-id": _text(upload, "uploadId"),
        }
        parts = []
        for number, start in enumerate(range(0, len(data), _PART), start=1):
            body = memoryview(data)[start : start + _PART]
            part = act("upload", place | {"x-mpu-part-number": str(number)}, body)
            parts.append({"partNumber": number, "etag": _text(part, "etag")})
        return act("complete", place | _JSON, _json_bytes(parts))

    def head(self, key_or_url: str) -> StoredBlob:
        """Return the store's metadata of a blob."""
        answer = self._call("GET", "", {"url": key_or_url}, self._headers)
        return self._blob(answer)

    def list(self, prefix: str = "") -> Iterator[StoredBlob]:
        """Yield all blobs whose names begin with the prefix; fetch pages on demand."""
        cursor = ""
        while True:
            params = {"limit": str(PAGE), "prefix": prefix, "cursor": cursor}
            params = {name: value for name, value in params.items() if value}
            answer = self._call("GET", "", params, self._headers)
            blobs = answer.get("blobs")
            if not isinstance(blobs, list):
                raise BlobUnavailableError("The store answered a listing without blobs.")
            yield from map(self._blob, blobs)
            last, cursor = cursor, answer.get("cursor") or ""
            if not answer.get("hasMore"):
                return
            if cursor in ("", last):
                raise BlobUnavailableError("The store's listing does not go on.")

    def owns(self, url: str) -> bool:
        """See `BlobStore.owns`."""
        return any(is_at(url, origin) for origin in (self._public, *self._private))

    def delete(self, urls: Sequence[str]) -> None:
        """Delete blobs by name or address; a missing blob is not an error."""
        self._transport.call(
            "POST",
            "/delete",
            headers=self._headers | _JSON,
            body=_json_bytes({"urls": list(urls)}),
        )

    def download(self, url: str, take: Callable[[Iterator[bytes]], Taken]) -> Taken:
        """Read a blob in chunks; see `BlobStore.download`. Only our own store gets the token."""
        is_private = self._is_private(url)
        if is_private:  # bypass the CDN
            url += "&cache=0" if "?" in url else "?cache=0"

        def pieces(response: BaseHTTPResponse) -> Taken:
            return take(response.stream(_PIECE))

        return self._transport.stream(url, pieces, is_authorised=is_private)

    def _is_private(self, url: str) -> bool:
        """Return whether an address needs the token; raise BlobError if it is not a store's."""
        if any(is_at(url, origin) for origin in self._private):
            return True
        kind = kind_of(url)
        if kind == "private":
            raise BlobError("It is in another private store than that of BLOB_READ_WRITE_TOKEN.")
        if kind != "public":
            raise BlobError("It is not an address of a Vercel Blob store.")
        return False

    def _call(
        self,
        method: str,
        path: str,
        params: dict[str, str],
        headers: dict[str, str],
        body: _Body = None,
    ) -> dict[str, Any]:
        answer = self._transport.call(method, path, params=params, headers=headers, body=body)
        if not isinstance(answer, dict):
            raise BlobUnavailableError("The store did not answer with a JSON object.")
        return answer

    def _blob(self, answer: object, size: int | None = None) -> StoredBlob:
        """Return the blob in the store's answer; raise if the store is of the wrong kind."""
        if not isinstance(answer, dict):
            raise BlobUnavailableError("The store described a blob without a JSON object.")
        url = _text(answer, "url")
        size = answer.get("size") if size is None else size
        if not isinstance(size, int):
            raise BlobUnavailableError("The store's answer has no size.")
        kind = _KIND.match(url.lower())
        if kind and kind[1] != self.settings.access:
            raise BlobStoreError(other_kind(kind[1]))
        return StoredBlob(_text(answer, "pathname"), url, size)


def _text(answer: dict[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not value or UNSTORABLE.search(value):
        raise BlobUnavailableError(f"The store's answer has no {name!r}.")
    return value


def _json_bytes(value: object) -> bytes:
    return json.dumps(value).encode()
