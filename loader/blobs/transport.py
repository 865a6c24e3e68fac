"""HTTP requests to the blob store, with the token, timeouts and retries.

They follow the store's HTTP API, version 12, and its official client.
"""

import io
import json
import random
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any, TypeVar

import requests
from requests.auth import AuthBase

from loader.blobs.errors import (
    BlobError,
    BlobExistsError,
    BlobNotFoundError,
    BlobStoreError,
    BlobUnavailableError,
)
from loader.blobs.retry import Retry
from loader.https import CA_HINT, Session, proxy_problem
from loader.network import Network

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


class Bearer(AuthBase):
    """Set the token last, because requests would prefer an entry of ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the token to a request."""
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Transport:
    """Sends requests, with one session per thread.

    Args:
        token: The store's token; messages never contain it.
        network: Proxy and certificates.
    """

    def __init__(self, token: str, network: Network) -> None:
        self._token = token
        self._network = network
        self._threads = threading.local()

    def call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str],
        body: bytes | memoryview | None = None,
    ) -> Any:  # noqa: ANN401 - JSON
        """Send a request and return its JSON answer.

        Args:
            method: The HTTP method.
            url: The address without parameters.
            params: The parameters, not yet encoded.
            headers: Headers in addition to the authorisation.
            body: Sent in small chunks, so that a slow connection does not time out.

        Returns:
            The JSON of the answer.

        Raises:
            BlobError: See the tree in errors.py.
        """

        def attempt(timeout: tuple[float, float]) -> Any:  # noqa: ANN401
            with self._session().request(
                method,
                url,
                params=params,
                headers=dict(headers),
                # A file object is sent in chunks. Plain bytes would have to be sent completely
                # within the timeout of one chunk.
                data=None if body is None else io.BytesIO(body),
                timeout=timeout,
                allow_redirects=False,
                auth=Bearer(self._token),
            ) as response:
                return self._json(response)

        return self._retry(attempt)

    def stream(
        self, url: str, take: Callable[[requests.Response], Answer], *, is_authorised: bool
    ) -> Answer:
        """Stream a download.

        Args:
            url: The address with its parameters.
            take: Reads the answer; called again on each retry.
            is_authorised: Whether to send the token.

        Raises:
            BlobError: See the tree in errors.py.
        """

        def attempt(timeout: tuple[float, float]) -> Answer:
            with self._session().get(
                url,
                headers={"accept-encoding": "identity"},
                stream=True,
                timeout=timeout,
                allow_redirects=False,
                auth=Bearer(self._token) if is_authorised else None,
            ) as response:
                if response.status_code == requests.codes.ok:
                    return take(response)
                if response.status_code == requests.codes.not_found:
                    raise BlobNotFoundError("The store has no such blob.")
                problem = f"The store answered {response.status_code}"
                if _is_transient(response.status_code):
                    raise _PassingError(problem, _wait(response))
                if response.status_code in _REFUSED_STATUSES:
                    problem += ": it refuses BLOB_READ_WRITE_TOKEN for this blob"
                raise BlobError(f"{problem}.")

        return self._retry(attempt)

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._threads, "session", None)
        if session is None:
            session = self._threads.session = Session(self._network)
        return session

    def _retry(self, attempt: Callable[[tuple[float, float]], Answer]) -> Answer:
        """Retry transient failures until PATIENCE ends, but try at least twice."""
        retry = Retry(PATIENCE, _pauses(), least=2, most_asked=_MOST_ASKED)
        while True:
            left = max(retry.left, _SHORTEST_TIMEOUT)
            try:
                return attempt((min(_CONNECT_TIMEOUT, left), min(_READ_TIMEOUT, left)))
            except requests.RequestException as error:
                problem = _PassingError(_cause(error))
            except _PassingError as error:
                problem = error
            if not retry.wait(problem.wait or 0):
                for_long = f", asks to wait {problem.wait:.0f} s" if problem.wait else ""
                times = "once" if retry.tries == 1 else f"{retry.tries} times"
                message = f"{problem}{for_long} (tried {times} in {retry.seconds:.0f} s)."
                raise BlobUnavailableError(message) from None

    def _json(self, response: requests.Response) -> Any:  # noqa: ANN401
        """Return the answer's JSON, or raise the error in it."""
        status = response.status_code
        if response.is_redirect:
            raise BlobError(f"The store answered {status}, a redirect, which is not followed.")
        try:
            answer = json.loads(response.content)
        except ValueError:
            problem = f"The store answered {status} with something other than JSON"
            raise _PassingError(problem, _wait(response)) from None
        if response.ok:
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
    return status in _TRANSIENT_STATUSES or status >= requests.codes.server_error


def _pauses() -> Iterator[float]:
    for tries in count():
        yield min(_FIRST_WAIT * 2**tries, _LONGEST_WAIT) * random.uniform(0.5, 1)  # noqa: S311


def _wait(response: requests.Response) -> float | None:
    """Return the seconds in a Retry-After header, which holds seconds or a date."""
    text = response.headers.get("retry-after", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0)
    except ValueError:
        return None


def _cause(error: requests.RequestException) -> str:
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
    if isinstance(error, requests.Timeout):
        return "The store does not answer"
    if isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        return "The connection to the store broke off"
    return f"The request failed: {type(error).__name__}"
