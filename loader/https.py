"""HTTPS to Vercel Blob and to Neon's API, with the proxy and the CAs from the settings."""

from typing import Any

import requests

from loader import __version__
from loader.network import Network

CA_HINT = "If your own CA signs it, name its file in REQUESTS_CA_BUNDLE."
_REFUSED = "Tunnel connection failed: "


class Session(requests.Session):
    """A requests session that reads neither ~/.netrc nor the environment.

    Args:
        network: Proxy and certificates.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network
        self.trust_env = False
        self.verify = network.ca_bundle or True
        self.headers["user-agent"] = f"orchestrator-elt/{__version__}"

    def request(  # type: ignore[override]
        self,
        method: str,
        url: str,
        **options: Any,  # noqa: ANN401 - the arguments of requests
    ) -> requests.Response:
        """Send a request, through the proxy if the host needs it."""
        options.setdefault("proxies", self._network.proxies_for(url))
        return super().request(method, url, **options)


def proxy_problem(error: requests.RequestException) -> str:
    """Return why the proxy opened no tunnel; empty if the error has another cause."""
    if not isinstance(error, requests.exceptions.ProxyError):
        return ""
    cause: BaseException = error
    while cause.__cause__ or cause.__context__:
        cause = cause.__cause__ or cause.__context__ or cause
    said = str(cause)
    if said.startswith(_REFUSED):
        return f"The proxy of HTTPS_PROXY answers {said.removeprefix(_REFUSED)}"
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else "it broke off"
    return f"No connection to the proxy of HTTPS_PROXY: {reason}"
