"""Access control: only a browser on this machine with the token, from pages of the studio."""

import hmac
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, urlencode

HOST = "127.0.0.1"
TOKEN = "token"  # noqa: S105 - the parameter's name
STATIC = "/static/"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    # Without a referrer, a browser sends `Origin: null` with our own forms.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
_MISDIRECTED, _FORBIDDEN, _UNAUTHORIZED, _NOT_ALLOWED = 421, 403, 401, 405
_Message = MutableMapping[str, Any]
_Receive = Callable[[], Awaitable[_Message]]
_Send = Callable[[_Message], Awaitable[None]]
# Renders the page of a rejection from status and reason.
Refuse = Callable[[int, str], bytes]


class Guard:
    """An ASGI application that rejects unauthorized requests.

    Args:
        port: The port on this machine.
        token: The token that a browser must have.
        refuse: Renders the page of a rejection.
    """

    def __init__(self, app: Any, *, port: int, token: str, refuse: Refuse) -> None:  # noqa: ANN401
        self._app = app
        self._token = token
        self._refuse = refuse
        self._cookie = cookie_name(port)
        self._hosts = {f"{HOST}:{port}", f"localhost:{port}"}

    async def __call__(self, scope: _Message, receive: _Receive, send: _Send) -> None:
        """Answer a request, or reject it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close"})
            return
        send = _with_headers(send)
        headers = _Headers(scope["headers"])
        if refusal := self._refusal(scope, headers):
            await _respond(send, refusal[0], self._refuse(*refusal))
            return
        given = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        tokens = [value for name, value in given if name == TOKEN]
        if tokens and self._is_token(tokens[-1]):
            query = urlencode([(name, value) for name, value in given if name != TOKEN])
            await self._redirect(send, scope, query)
        elif scope["path"].startswith(STATIC) or self._is_token(headers.cookie(self._cookie)):
            await self._app(scope, receive, send)
        else:
            reason = "This browser has not opened the studio with its whole address yet."
            await _respond(send, _UNAUTHORIZED, self._refuse(_UNAUTHORIZED, reason))

    def _refusal(self, scope: Mapping[str, Any], headers: "_Headers") -> tuple[int, str] | None:
        """Return status and reason if the request must be rejected."""
        hosts, origins = headers.all("host"), headers.all("origin")
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            return _MISDIRECTED, "This host is not served here."
        if any(origin != f"http://{hosts[0]}" for origin in origins):
            return _FORBIDDEN, "Another origin may not ask here."
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            return _NOT_ALLOWED, "Only GET, HEAD and POST are answered here."
        # From another site or port, allow links only: no pictures, scripts or forms.
        site = (headers.all("sec-fetch-site") or ["none"])[-1]
        is_link = scope["method"] == "GET" and headers.all("sec-fetch-dest") == ["document"]
        if site not in {"same-origin", "none"} and not is_link:
            return _FORBIDDEN, "Another site may not ask here."
        return None

    def _is_token(self, given: str) -> bool:
        return hmac.compare_digest(given.encode(), self._token.encode())

    async def _redirect(self, send: _Send, scope: Mapping[str, Any], query: str) -> None:
        """Store the token in a cookie, and remove it from the address."""
        path = "/" + scope.get("raw_path", b"/").decode("latin-1").lstrip("/")
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
        headers = [("location", f"{path}?{query}" if query else path), ("set-cookie", cookie)]
        await _respond(send, 303, b"", headers)


def cookie_name(port: int) -> str:
    """Return the cookie's name with the port: all ports of a machine share cookies."""
    return f"orchestrator_studio_{port}"


class _Headers:
    def __init__(self, headers: list[tuple[bytes, bytes]]) -> None:
        self._headers = [
            (name.decode().lower(), value.decode("latin-1")) for name, value in headers
        ]

    def all(self, name: str) -> list[str]:
        """Return all values of a header."""
        return [value for each, value in self._headers if each == name]

    def cookie(self, name: str) -> str:
        """Return a cookie's value, or an empty text."""
        try:
            cookies = SimpleCookie("; ".join(self.all("cookie")))
        except CookieError:
            return ""
        return cookies[name].value if name in cookies else ""


def _with_headers(send: _Send) -> _Send:
    async def sent(message: _Message) -> None:
        if message["type"] == "http.response.start":
            given = {name.lower() for name, _ in message.get("headers", ())}
            own = dict(_HEADERS)
            if b"cache-control" not in given:
                own["cache-control"] = "no-store"
            more = [(name.encode(), value.encode()) for name, value in own.items()]
            message["headers"] = [*message.get("headers", ()), *more]
        await send(message)

    return sent


async def _respond(
    send: _Send, status: int, body: bytes, headers: list[tuple[str, str]] | None = None
) -> None:
    given = [
        ("content-type", "text/html; charset=utf-8"),
        ("content-length", str(len(body))),
        *(headers or []),
    ]
    start = [(name.encode(), value.encode()) for name, value in given]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
