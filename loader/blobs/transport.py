"""HTTP requests to the blob store, with the token, timeouts and retries.

They follow the store's HTTP API, version 12, and its official client.
"""

import io
import json
import random
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from itertools import count
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

from urllib3 import BaseHTTPResponse, Timeout
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as TimedOutError

from loader.blobs import VercelSettings
from loader.blobs.errors import (
    BlobError,
    BlobExistsError,
    BlobNotFoundError,
    BlobStoreError,
    BlobUnavailableError,
)
from loader.blobs.retry import Retry
from loader.https import CA_HINT, USER_AGENT, Connections, proxy_problem

PATIENCE = 60.0  # seconds for all tries of one request
_CONNECT_TIMEOUT = 10.0  # seconds; also for each 16 KiB sent
_READ_TIMEOUT = 30.0  # seconds without receiving a byte
_SHORTEST_TIMEOUT = 5.0
_MOST_ASKED = 120.0  # maximum seconds that the store may ask to wait, in addition to PATIENCE
_FIRST_WAIT, _LONGEST_WAIT = 0.25, 8.0  # seconds between tries

_PASSING_CODES = {"service_unavailable", "internal_server_error", "unknown_error", "rate_limited"}
_TRANSIENT_STATUSES = {408, 425, 429}
_REFUSED_STATUSES = {401, 403}
_STORE_CODES = {
    "forbidden": "The store refuses the token. Check BLOB_READ_WRITE_TOKEN:"
    " Vercel → Storage → your store → .env.local.",
    "store_suspended": "The store is suspended. Look at it in Vercel → Storage.",
    "store_not_found": "There is no such store. Check BLOB_READ_WRITE_TOKEN:"
    " Vercel → Storage → your store → .env.local.",
}
_OTHER_KIND = {
    "Cannot use private access on a public store": "public",
    "Cannot use public access on a private store": "private",
}

Answer = TypeVar("Answer")


class _PassingError(Exception):
    """A transient failure; `wait` is the number of seconds that the store asks to wait."""

    def __init__(self, problem: str, wait: float | None = None) -> None:
        super().__init__(problem)
        self.wait = wait


class Transport:
    """Sends requests; threads may share it.

    Args:
        settings: The connection to the store; messages never contain its token.
    """

    def __init__(self, settings: VercelSettings) -> None:
        self._token = settings.token
        self._connections = Connections(settings.network)
        self._api = self._connections.to(settings.api_url).connection_from_url(settings.api_url)
        self._api_path = urlsplit(settings.api_url).path
        self._agent = {"user-agent": USER_AGENT}
        self._authorised = self._agent | {"authorization": f"Bearer {self._token}"}

    def call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str],
        body: bytes | memoryview | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Send a request to the API and return its JSON answer.

        Args:
            method: The HTTP method.
            path: The path below the API's address, without parameters.
            params: The parameters, not yet encoded.
            headers: Headers in addition to the authorisation.
            body: Sent in small chunks, so that a slow connection does not time out.

        Returns:
            The JSON of the answer.

        Raises:
            BlobError: See the tree in errors.py.
        """
        target = f"{self._api_path}{path}" or "/"
        target += f"?{urlencode(params)}" if params else ""
        headers = self._authorised | {"accept-encoding": "gzip, deflate"} | dict(headers)
        if body is not None:
            headers["content-length"] = str(len(body))

        def attempt(timeout: Timeout) -> Any:  # noqa: ANN401
            response = self._api.urlopen(
                method,
                target,
                # A file object is sent in chunks. Plain bytes would have to be sent completely
                # within the timeout of one chunk.
                None if body is None else io.BytesIO(body),
                headers,
                retries=False,
                redirect=False,
                timeout=timeout,
            )
            return self._json(response)

        return self._retry(attempt)

    def stream(
        self, url: str, take: Callable[[BaseHTTPResponse], Answer], *, is_authorised: bool
    ) -> Answer:
        """Stream a download.

        Args:
            url: The address with its parameters.
            take: Reads the answer; called again on each retry.
            is_authorised: Whether to send the token.

        Raises:
            BlobError: See the tree in errors.py.
        """
        headers = self._authorised if is_authorised else self._agent
        headers = headers | {"accept-encoding": "identity"}

        def attempt(timeout: Timeout) -> Answer:
            with self._connections.to(url).urlopen(
                "GET",
                url,
                headers=headers,
                retries=False,
                redirect=False,
                timeout=timeout,
                preload_content=False,
            ) as response:
                if response.status == HTTPStatus.OK:
                    return take(response)
                if response.status == HTTPStatus.NOT_FOUND:
                    raise BlobNotFoundError("The store has no such blob.")
                problem = f"The store answered {response.status}"
                if _is_transient(response.status):
                    raise _PassingError(problem, _wait(response))
                if response.status in _REFUSED_STATUSES:
                    problem += ": it refuses BLOB_READ_WRITE_TOKEN for this blob"
                raise BlobError(f"{problem}.")

        return self._retry(attempt)

    def _retry(self, attempt: Callable[[Timeout], Answer]) -> Answer:
        """Retry transient failures until PATIENCE ends, but try at least twice."""
        retry = Retry(PATIENCE, _pauses(), least=2, most_asked=_MOST_ASKED)
        while True:
            left = max(retry.left, _SHORTEST_TIMEOUT)
            try:
                return attempt(Timeout(min(_CONNECT_TIMEOUT, left), min(_READ_TIMEOUT, left)))
            except HTTPError as error:
                problem = _PassingError(_cause(error))
            except _PassingError as error:
                problem = error
            if not retry.wait(problem.wait or 0):
                for_long = f", asks to wait {problem.wait:.0f} s" if problem.wait else ""
                times = "once" if retry.tries == 1 else f"{retry.tries} times"
                message = f"{problem}{for_long} (tried {times} in {retry.seconds:.0f} s)."
                raise BlobUnavailableError(message) from None

    def _json(self, response: BaseHTTPResponse) -> Any:  # noqa: ANN401
        """Return the answer's JSON, or raise the error in it."""
        status = response.status
        if response.get_redirect_location():
            raise BlobError(f"The store answered {status}, a redirect, which is not followed.")
        try:
            answer = json.loads(response.data)
        except ValueError:
            problem = f"The store answered {status} with something other than JSON"
            raise _PassingError(problem, _wait(response)) from None
        if status < HTTPStatus.BAD_REQUEST:
            return answer
        error = answer.get("error") if isinstance(answer, dict) else None
        told = error if isinstance(error, dict) else {}
        code = str(told.get("code") or "unknown_error")
        message = self._redacted(str(told.get("message") or "no message"))
        if code in _STORE_CODES:
            raise BlobStoreError(_STORE_CODES[code])
        if code in _PASSING_CODES or _is_transient(status):
            raise _PassingError(f"The store answered {status} {code}: {message}", _wait(response))
        for words, kind in _OTHER_KIND.items():
            if words in message:
                raise BlobStoreError(other_kind(kind))
        if code == "not_found":
            raise BlobNotFoundError("The store has no such blob.")
        if "already exists" in message:
            raise BlobExistsError("The store has a blob of this name.")
        raise BlobError(f"The store answered {status} {code}: {message}")

    def _redacted(self, text: str) -> str:
        return text.replace(self._token, "***")


def other_kind(kind: str) -> str:
    """Return the message if BLOB_ACCESS and the store's `kind` differ."""
    other = "public" if kind == "private" else "private"
    return (
        f"The store is {kind}, and BLOB_ACCESS is {other}. Set BLOB_ACCESS={kind},"
        f" or take the token of a {other} store."
    )


def _is_transient(status: int) -> bool:
    return status in _TRANSIENT_STATUSES or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _pauses() -> Iterator[float]:
    for tries in count():
        yield min(_FIRST_WAIT * 2**tries, _LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311


def _wait(response: BaseHTTPResponse) -> float | None:
    """Return the seconds in a Retry-After header, which holds seconds or a date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0)
    except ValueError:
        return None


def _cause(error: HTTPError) -> str:
    """Return the cause of a connection error, without the object names of urllib3's messages.

    Raises:
        BlobStoreError: A retry cannot help, because the certificate or the proxy is wrong.
    """
    if problem := proxy_problem(error):
        if "answers 4" in problem:
            raise BlobStoreError(f"{problem}.") from None
        return problem
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
        if isinstance(cause, ssl.SSLCertVerificationError):
            raise BlobStoreError(
                f"The blob store's certificate is not trusted: {cause.verify_message}. {CA_HINT}"
            ) from None
        if isinstance(cause, OSError) and cause.strerror:
            return f"No connection to the store: {cause.strerror}"
    if isinstance(error, TimedOutError):
        return "The store does not answer"
    if isinstance(error, (ProtocolError, NewConnectionError, SSLError)):
        return "The connection to the store broke off"
    return f"The request failed: {type(error).__name__}"
