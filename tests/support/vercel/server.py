"""Vercel Blob over HTTP for tests, with faults.

tests/blobs/test_official_client.py shows that the official client works with it.
"""

import contextlib
import json
import socket
import struct
import threading
import uuid
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.tls import Authority
from tests.support.vercel.store import ApiError, Fault, Request, Store, operation_of

_HOST = ".blob.vercel-storage.com"
_HTML = b"<!doctype html><title>Just a moment</title>"
_REFUSALS = {
    Fault.UNAVAILABLE: ApiError(503, "service_unavailable", "Try again"),
    Fault.RATE_LIMITED: ApiError(429, "rate_limited", "Too many", **{"retry-after": "2"}),
    Fault.FORBIDDEN: ApiError(403, "forbidden", "Forbidden"),
    Fault.SUSPENDED: ApiError(403, "store_suspended", "This store has been suspended."),
}


class BlobServer:
    """Stores at one address; `with` starts and stops it.

    Args:
        authority: Serves it over TLS.
    """

    def __init__(self, authority: Authority | None = None) -> None:
        self.stores: dict[str, Store] = {}
        self.closing = threading.Event()
        server = self

        class Handler(_Handler):
            blob_server = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        if authority:
            authority.serve(self._http)
        scheme = "https" if authority else "http"
        self.origin = f"{scheme}://127.0.0.1:{self._http.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._http.shutdown()
        self._http.server_close()

    def new_store(self, access: str = "private", store_id: str = "") -> Store:
        store = Store(store_id or uuid.uuid4().hex[:16], access, self.origin)
        self.stores[store.store_id] = store
        return store

    def copy_store(self, store: Store) -> Store:
        """Replace a store by another one with the same blobs, to be changed."""
        copy = self.new_store(store.access, store.store_id)
        copy.files = deepcopy(store.files)
        return copy


class _Handler(BaseHTTPRequestHandler):
    blob_server: BlobServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._serve()

    do_PUT = do_POST = do_GET  # noqa: N815 - the base class requires these names

    def log_message(self, *_: object) -> None:
        pass

    def _serve(self) -> None:
        try:
            body = b"".join(self._body())
        except ConnectionResetError:
            self.close_connection = True
            return
        place = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        if not place.path.startswith("/api/blob"):
            self._download(place.path)
            return
        store: Store | None = None
        try:
            store = self._authorised()
            path = place.path.removeprefix("/api/blob").strip("/")
            request = Request(self.command, path, query, body, self.headers)
            operation, pathname, act = operation_of(store, request)
            store.log.append((operation, pathname))
            fault = store.fault_of(operation, pathname)
            self._api(store, operation, act, fault)
        except ApiError as error:
            content = {"error": {"code": error.code, "message": str(error)}}
            self._answer(error.status, json.dumps(content).encode(), headers=error.headers)

    def _authorised(self) -> Store:
        token = self.headers.get("authorization", "").removeprefix("Bearer ")
        parts = token.split("_")
        store = self.blob_server.stores.get(parts[3] if len(parts) == 5 else "")
        if not store:
            raise ApiError(404, "store_not_found", "This store does not exist.")
        if token != store.token or self.headers.get("x-vercel-blob-store-id") != store.store_id:
            raise ApiError(403, "forbidden", f"Access denied for {token}")
        if store.is_suspended:
            raise ApiError(403, "store_suspended", "This store has been suspended.")
        if self.headers.get("x-api-version") != "12":
            raise ApiError(400, "bad_request", "Unknown API version")
        return store

    def _api(
        self, store: Store, operation: str, act: Callable[[], object], fault: Fault | None
    ) -> None:
        if fault in _REFUSALS:
            raise _REFUSALS[fault]
        match fault:
            case Fault.HALF_OPEN:
                self.blob_server.closing.wait()
                self._reset()
            case Fault.RESET:
                self._reset()
            case Fault.HTML:
                self._answer(200, _HTML, "text/html")
            case Fault.REDIRECT:
                self._answer(307, b"", headers={"location": store.elsewhere})
            case _:
                with store.under_way(operation):
                    content = json.dumps(act()).encode()
                if fault is Fault.RESET_AFTER:
                    self._reset()
                elif fault is Fault.HTML_AFTER:
                    self._answer(200, _HTML, "text/html")
                else:
                    is_cut = fault is Fault.TRUNCATED
                    self._answer(200, content[: len(content) // 2] if is_cut else content)

    def _download(self, path: str) -> None:
        host = self.headers.get("host", "").lower()
        pathname = unquote(path[1:])
        if not host.endswith(_HOST):
            host, _, pathname = pathname.partition("/")
        store_id, _, access = host.removesuffix(_HOST).rpartition(".")
        store = next(
            (s for s in self.blob_server.stores.values() if s.store_id.lower() == store_id.lower()),
            None,
        )
        if not store or store.access != access:
            self._answer(404, b"Not found", "text/plain")
            return
        store.log.append(("download", pathname))
        fault = store.fault_of("download", pathname)
        is_allowed = self.headers.get("authorization") == f"Bearer {store.token}"
        file = store.files.get(pathname)
        if fault is Fault.UNAVAILABLE:
            self._answer(503, b"Try again", "text/plain")
        elif fault is Fault.FORBIDDEN or (access == "private" and not is_allowed):
            self._answer(403, b"Forbidden", "text/plain")
        elif fault is Fault.REDIRECT:
            self._answer(307, b"", headers={"location": store.elsewhere})
        elif fault is Fault.HALF_OPEN:
            self.blob_server.closing.wait()
            self._reset()
        elif not file:
            self._answer(404, b"Not found", "text/plain")
        else:
            data = file.data[:-1] + b"?" if fault is Fault.WRONG_BYTES else file.data
            sent = data[: len(data) // 2] if fault is Fault.TRUNCATED else data
            self._answer(
                200,
                sent,
                file.content_type,
                length=len(data),
                headers={
                    "etag": file.etag,
                    "cache-control": file.cache_control,
                    "last-modified": format_datetime(file.uploaded_at, usegmt=True),
                },
            )

    def _body(self) -> Iterator[bytes]:
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        else:
            length = int(self.headers.get("content-length") or 0)
            body = self.rfile.read(length)
            if len(body) < length:  # the sender has gone: no store keeps half a body
                raise ConnectionResetError
            yield body

    def _answer(
        self,
        status: int,
        content: bytes,
        content_type: str = "application/json",
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        length = len(content) if length is None else length
        self.send_response(status)
        for name, value in {"content-type": content_type, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(length))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.close_connection or length != len(content)

    def _reset(self) -> None:
        with contextlib.suppress(OSError):
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()
        self.close_connection = True
