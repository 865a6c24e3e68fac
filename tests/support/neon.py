"""Neon's REST API for tests: its documented shapes, on databases of a local PostgreSQL."""

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

from tests.support.tls import Authority

KEY = "napi_0123456789canary"
PROJECT = "quiet-dawn-123456"


class NeonServer:
    """A project whose default branch is a database; `with` starts and stops it.

    Args:
        host: The host of the default branch; other branches have their own.
        copy: Creates the database of a branch, given its name; returns its address.
        authority: Serves it over TLS.
    """

    def __init__(
        self, host: str, copy: Callable[[str], str], authority: Authority | None = None
    ) -> None:
        self.branches: dict[str, dict[str, Any]] = {
            "br-main": {"id": "br-main", "name": "main", "default": True, "protected": False}
        }
        self.uris: dict[str, str] = {}
        self.log: list[str] = []
        self.refusals: list[tuple[int, str]] = []
        self.ends_as = ["finished"]
        self.host = host
        self._copy = copy
        self._running: dict[str, int] = {}
        server = self

        class Handler(_Handler):
            neon = server

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        if authority:
            authority.serve(self._http)
        scheme = "https" if authority else "http"
        self.url = f"{scheme}://127.0.0.1:{self._http.server_address[1]}/api/v2"

    def __enter__(self) -> Self:
        threading.Thread(target=self._http.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def answer(  # noqa: PLR0911 - one for each operation
        self, method: str, path: str, query: dict[str, str], body: dict[str, Any]
    ) -> tuple[int, Any]:
        match method, path.strip("/").split("/"):
            case "GET", ["endpoints"]:
                return 200, {"endpoints": [self._endpoint(id_) for id_ in self.branches]}
            case "GET", ["branches"]:
                return 200, self._page(query)
            case "POST", ["branches"]:
                return self._create(body)
            case "DELETE", ["branches", id_]:
                if id_ not in self.branches:
                    return 404, {"code": "", "message": "branch not found"}
                return 200, {"branch": self.branches.pop(id_), "operations": [self._operation()]}
            case "GET", ["connection_uri"]:
                assert query["pooled"] == "false"
                assert query["role_name"] == "postgres"
                return 200, {"uri": self.uris[query["branch_id"]]}
            case "GET", ["operations", id_]:
                self._running[id_] -= 1
                status = "running" if self._running[id_] > 0 else self.ends_as.pop(0)
                self.ends_as = self.ends_as or ["finished"]
                return 200, {"operation": {"id": id_, "action": "a", "status": status}}
        return 404, {"code": "", "message": "not found"}

    def _endpoint(self, branch: str) -> dict[str, str]:
        id_ = branch.replace("br-", "ep-")
        host = self.host if branch == "br-main" else f"{id_}.neon.tech"
        return {"id": id_, "host": host, "branch_id": branch, "type": "read_write"}

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        """Return one branch per page, to test paging."""
        found = [b for b in self.branches.values() if query.get("search", "") in b["name"]]
        first = int(query.get("cursor", 0))
        pages = {"next": str(first + 1)} if first + 1 < len(found) else {}
        return {"branches": found[first : first + 1], "pagination": pages}

    def _create(self, body: dict[str, Any]) -> tuple[int, Any]:
        assert body["endpoints"] == [{"type": "read_write"}]
        name, parent = body["branch"]["name"], body["branch"]["parent_id"]
        assert parent in self.branches
        id_ = f"br-{name}"
        self.uris[id_] = self._copy(name)
        self.branches[id_] = {"id": id_, "name": name, "parent_id": parent, "default": False}
        operations = [self._operation(), self._operation()]
        return 201, {"branch": self.branches[id_], "endpoints": [], "operations": operations}

    def _operation(self) -> dict[str, Any]:
        id_ = f"op-{len(self._running)}"
        self._running[id_] = 1
        return {"id": id_, "action": "create_branch", "status": "running"}


class _Handler(BaseHTTPRequestHandler):
    neon: NeonServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        place = urlsplit(self.path)
        length = int(self.headers.get("content-length") or 0)
        body = json.loads(self.rfile.read(length)) if length else {}
        query = {name: values[0] for name, values in parse_qs(place.query).items()}
        found = re.fullmatch(rf"/api/v2/projects/{PROJECT}/(.*)", place.path)
        self.neon.log.append(f"{self.command} {found[1] if found else place.path}")
        if self.headers.get("authorization") != f"Bearer {KEY}":
            status, answer = 401, {"code": "", "message": "authentication required"}
        elif not found:
            status, answer = 404, {"code": "", "message": "project not found"}
        elif self.neon.refusals:
            status, message = self.neon.refusals.pop(0)
            answer = {"code": "", "message": message}
        else:
            status, answer = self.neon.answer(self.command, found[1], query, body)
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_POST = do_DELETE = do_GET  # noqa: N815 - the base class requires these names

    def log_message(self, *_: object) -> None:
        pass
