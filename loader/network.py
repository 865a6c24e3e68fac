"""Proxy and certificates for HTTPS, as configured in the settings."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Network:
    """Proxy and certificates for HTTPS.

    Args:
        proxy: URL of the proxy that opens a tunnel (CONNECT); empty for no proxy. It may contain
            a password, so the `repr` leaves it out.
        no_proxy: Hosts that are reached without the proxy, as in NO_PROXY.
        ca_bundle: File or folder of certificates to trust; empty for certifi's.
    """

    proxy: str = field(default="", repr=False)
    no_proxy: str = ""
    ca_bundle: str = ""

    def proxies_for(self, url: str) -> dict[str, str]:
        """Return the proxies of a request: HTTPS only, because a tunnel hides the token."""
        place = urlsplit(url)
        is_direct = place.scheme != "https" or not self.proxy
        if is_direct or proxy_bypass_environment(place.netloc, {"no": self.no_proxy}):
            return {}
        return {"https": self.proxy}
