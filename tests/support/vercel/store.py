"""A Vercel Blob store in memory, by the rules of its HTTP API, version 12."""

import contextlib
import hashlib
import json
import re
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from enum import Enum, auto
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote, unquote, urlsplit

_SMALLEST_PART = 5 * 1024 * 1024
_EXISTS = (
    "This blob already exists, use `allowOverwrite: true` if you want to overwrite it. Or"
    " `addRandomSuffix: true` to generate a unique filename."
)


class Fault(Enum):
    """Faults of a request."""

    UNAVAILABLE = auto()
    RATE_LIMITED = auto()
    RESET = auto()
    RESET_AFTER = auto()
    HALF_OPEN = auto()
    HTML = auto()
    HTML_AFTER = auto()
    TRUNCATED = auto()
    FORBIDDEN = auto()
    SUSPENDED = auto()
    WRONG_BYTES = auto()
    REDIRECT = auto()


class ApiError(Exception):
    """An error of the API."""

    def __init__(self, status: int, code: str, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers


Headers = Message


@dataclass
class StoredFile:
    data: bytes
    content_type: str
    cache_control: str
    uploaded_at: datetime
    etag: str


@dataclass
class Upload:
    pathname: str
    parts: dict[int, tuple[str, bytes]] = field(default_factory=dict)


@dataclass
class Planned:
    fault: Fault
    operation: str
    pathname: str
    left: float


@dataclass
class Store:
    """One blob store.

    Args:
        store_id: Its id, which is a part of its token.
        access: `private` or `public`.
        origin: The server's origin.
    """

    store_id: str
    access: str
    origin: str
    secret: str = "5ecretOfTheStore"
    files: dict[str, StoredFile] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    log: list[tuple[str, str]] = field(default_factory=list)
    faults: list[Planned] = field(default_factory=list)
    is_suspended: bool = False
    meeting: threading.Barrier | None = None
    """If set, each put waits here for others, which must arrive at the same time."""
    before_put: Callable[[], object] = lambda: None
    """Called before each put."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    at_once: int = 0
    most_at_once: int = 0
    """The highest number of parallel puts."""
    elsewhere: str = "/elsewhere"
    """The target of a redirect."""

    @property
    def token(self) -> str:
        return f"vercel_blob_rw_{self.store_id}_{self.secret}"

    @property
    def environ(self) -> dict[str, str]:
        """The settings for a client of this store."""
        return {
            "ENABLE_VERCEL_BLOB_UPLOAD": "true",
            "BLOB_READ_WRITE_TOKEN": self.token,
            "BLOB_ACCESS": self.access,
            "VERCEL_BLOB_API_URL": f"{self.origin}/api/blob",
        }

    @property
    def host(self) -> str:
        """The real store's host, which is the first part of a path here."""
        return f"{self.store_id}.{self.access}.blob.vercel-storage.com"

    def fail(
        self, fault: Fault, operation: str, pathname: str = "", times: float = float("inf")
    ) -> None:
        """Make the next requests of an operation fail, for names with a text."""
        self.faults.append(Planned(fault, operation, pathname, times))

    def count(self, operation: str) -> int:
        """Return the number of requests of an operation."""
        return sum(name == operation for name, _ in self.log)

    @contextlib.contextmanager
    def under_way(self, operation: str) -> Iterator[None]:
        """Wrap each operation."""
        if operation != "put":
            yield
            return
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.at_once, self.most_at_once)
        if self.meeting:
            self.meeting.wait(timeout=30)
        self.before_put()
        yield
        with self.lock:
            self.at_once -= 1

    def fault_of(self, operation: str, pathname: str) -> Fault | None:
        for planned in self.faults:
            if planned.operation == operation and planned.pathname in pathname and planned.left > 0:
                planned.left -= 1
                return planned.fault
        return None

    def url(self, pathname: str) -> str:
        return f"{self.origin}/{self.host}/{quote(pathname)}"

    def pathname(self, url_or_pathname: str) -> str:
        if not url_or_pathname.startswith(("http://", "https://")):
            return url_or_pathname
        place = urlsplit(url_or_pathname)
        path = place.path.removeprefix(f"/{self.host}")
        return unquote(path).removeprefix("/")

    def described(self, pathname: str) -> dict[str, Any]:
        file = self.files[pathname]
        url = self.url(pathname)
        return {
            "url": url,
            "downloadUrl": f"{url}?download=1",
            "pathname": pathname,
            "contentType": file.content_type,
            "contentDisposition": f'attachment; filename="{quote(PurePosixPath(pathname).name)}"',
            "etag": file.etag,
        }

    def put(self, pathname: str, data: bytes, headers: Headers) -> dict[str, Any]:
        pathname = self.checked(pathname, headers)
        etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
        guessed = "text/markdown" if pathname.endswith(".md") else "application/octet-stream"
        age = headers.get("x-cache-control-max-age", "2592000")
        self.files[pathname] = StoredFile(
            data,
            headers.get("x-content-type") or guessed,
            f"public, max-age={age}",
            datetime.now(UTC),
            etag,
        )
        return self.described(pathname)

    def checked(self, pathname: str, headers: Headers) -> str:
        """Return the name to store under; reject the requests that the API rejects."""
        access = headers.get("x-vercel-blob-access", "public")
        if access != self.access:
            message = (
                f"Cannot use {access} access on a {self.access} store. The store is configured"
                f" with {self.access} access."
            )
            raise ApiError(400, "bad_request", message)
        is_long = len(pathname.encode("utf-16-le")) > 2 * 950
        is_odd = "//" in pathname or {".", ".."} & set(pathname.split("/"))
        if not pathname or is_long or is_odd or re.search(r"[\x00-\x1f\x7f]", pathname):
            raise ApiError(400, "bad_request", "Invalid pathname")
        if headers.get("x-add-random-suffix") == "1":
            path = PurePosixPath(pathname)
            pathname = str(path.with_stem(f"{path.stem}-{uuid.uuid4().hex[:30]}"))
        file = self.files.get(pathname)
        wanted = headers.get("x-if-match")
        if wanted and (not file or file.etag != wanted):
            raise ApiError(412, "precondition_failed", "ETag mismatch")
        if file and not wanted and headers.get("x-allow-overwrite") != "1":
            raise ApiError(400, "bad_request", _EXISTS)
        return pathname

    def head(self, url_or_pathname: str) -> dict[str, Any]:
        pathname = self.pathname(url_or_pathname)
        if pathname not in self.files:
            raise ApiError(404, "not_found", "The requested blob does not exist")
        file = self.files[pathname]
        return self.described(pathname) | {
            "size": len(file.data),
            "uploadedAt": file.uploaded_at.isoformat(timespec="milliseconds")[:-6] + "Z",
            "cacheControl": file.cache_control,
        }

    def list(self, limit: int, prefix: str, cursor: str, mode: str) -> dict[str, Any]:
        names = sorted(name for name in self.files if name.startswith(prefix) and name > cursor)
        folders = set()
        if mode == "folded":
            below = {name: name[len(prefix) :] for name in names}
            folders = {prefix + rest.split("/")[0] + "/" for rest in below.values() if "/" in rest}
            names = [name for name in names if "/" not in below[name]]
        page, has_more = names[:limit], len(names) > limit
        answer: dict[str, Any] = {"blobs": [self.head(name) for name in page], "hasMore": has_more}
        if has_more:
            answer["cursor"] = page[-1]
        return answer | ({"folders": sorted(folders)} if mode == "folded" else {})

    def multipart(self, pathname: str, data: bytes, headers: Headers) -> dict[str, Any]:
        action = headers["x-mpu-action"]
        if action == "create":
            key, upload_id = self.checked(pathname, headers), uuid.uuid4().hex
            self.uploads[upload_id] = Upload(key)
            return {"key": key, "uploadId": upload_id}
        upload = self.uploads.get(headers["x-mpu-upload-id"])
        if not upload or upload.pathname != unquote(headers["x-mpu-key"]):
            raise ApiError(404, "not_found", "The upload does not exist")
        if action == "upload":
            etag = f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
            upload.parts[int(headers["x-mpu-part-number"])] = (etag, data)
            return {"etag": etag}
        told = sorted((part["partNumber"], part["etag"]) for part in json.loads(data))
        if told != sorted((number, etag) for number, (etag, _) in upload.parts.items()):
            raise ApiError(400, "bad_request", "One or more parts could not be found")
        parts = [upload.parts[number][1] for number, _ in told]
        if any(len(part) < _SMALLEST_PART for part in parts[:-1]):
            raise ApiError(400, "bad_request", "A part is too small")
        answer = self.put(upload.pathname, b"".join(parts), headers)
        del self.uploads[headers["x-mpu-upload-id"]]
        return answer


@dataclass(frozen=True)
class Request:
    """A request to the API; `path` is relative to its address."""

    method: str
    path: str
    query: dict[str, str]
    body: bytes
    headers: Headers


def operation_of(store: Store, request: Request) -> tuple[str, str, Callable[[], object]]:
    """Return the operation's name, its pathname or prefix, and its function."""
    query, body, headers = request.query, request.body, request.headers
    pathname = query.get("pathname", "")
    match request.method, request.path:
        case "PUT", "":
            return "put", pathname, lambda: store.put(pathname, body, headers)
        case "GET", "" if "url" in query:
            return "head", store.pathname(query["url"]), lambda: store.head(query["url"])
        case "GET", "":
            limit, prefix = int(query.get("limit", 1000)), query.get("prefix", "")
            arguments = (min(limit, 1000), prefix, query.get("cursor", ""), query.get("mode", ""))
            return "list", prefix, lambda: store.list(*arguments)
        case "POST", "delete":
            urls = json.loads(body)["urls"]

            def delete() -> None:
                for url in urls:
                    store.files.pop(store.pathname(url), None)

            return "delete", " ".join(urls), delete
        case "POST", "mpu":
            action = headers.get("x-mpu-action", "")
            return f"mpu-{action}", pathname, lambda: store.multipart(pathname, body, headers)
    raise ApiError(404, "not_found", f"No such operation: {request.method} {request.path}")
