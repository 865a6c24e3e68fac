"""HTTPS to Vercel Blob and to Neon's API, with the proxy and the CAs from the settings."""

from pathlib import Path
from urllib.parse import unquote

import certifi
import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ProxyError
from urllib3.util import make_headers, parse_url
from urllib3.util.ssl_ import create_urllib3_context

from loader import __version__
from loader.network import Network

USER_AGENT = f"orchestrator-elt/{__version__}"
CA_HINT = "If your own CA signs it, name its file in REQUESTS_CA_BUNDLE."
_REFUSED = "Tunnel connection failed: "
_MOST_IDLE = 64  # connections per host that are kept; at most as many threads send at once


class Connections:
    """Connections that all threads share; they read neither ~/.netrc nor the environment.

    A requests session needs 2.5 times the CPU per request, and loads the certificates again for
    each connection (40 ms).

    Args:
        network: Proxy and certificates.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        context = create_urllib3_context()
        bundle = network.ca_bundle or certifi.where()
        if Path(bundle).is_dir():
            context.load_verify_locations(capath=bundle)
        else:
            context.load_verify_locations(bundle)
        self._direct = urllib3.PoolManager(maxsize=_MOST_IDLE, ssl_context=context)
        if network.proxy:
            user = parse_url(network.proxy).auth
            self._tunnels = urllib3.ProxyManager(
                network.proxy,
                maxsize=_MOST_IDLE,
                ssl_context=context,
                proxy_ssl_context=context,
                proxy_headers=make_headers(proxy_basic_auth=unquote(user)) if user else None,
            )

    def to(self, url: str) -> urllib3.PoolManager:
        """Return what sends requests to an address: directly, or through the proxy."""
        return self._tunnels if self._network.needs_proxy(url) else self._direct


def proxy_problem(error: HTTPError) -> str:
    """Return why the proxy opened no tunnel; empty if the error has another cause."""
    if not isinstance(reason_of(error), ProxyError):
        return ""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    said = str(cause)
    if said.startswith(_REFUSED):
        return f"The proxy of HTTPS_PROXY answers {said.removeprefix(_REFUSED)}"
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else "it broke off"
    return f"No connection to the proxy of HTTPS_PROXY: {reason}"


def reason_of(error: HTTPError) -> Exception:
    """Return the error of the last try."""
    return error.reason or error if isinstance(error, MaxRetryError) else error
