"""Proxy and certificates for HTTPS, as configured in the settings."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit


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

    def needs_proxy(self, url: str) -> bool:
        """Return whether to use the proxy: only for HTTPS, because a tunnel hides the token."""
        place = urlsplit(url)
        if place.scheme != "https" or not self.proxy:
            return False
        # Imported here, because settings import this module, and it takes 40 ms.
        from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]  # noqa: PLC0415

        return not proxy_bypass_environment(place.netloc, {"no": self.no_proxy})
