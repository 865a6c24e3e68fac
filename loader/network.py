"""How to reach hosts over HTTPS, as the settings say."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Network:
    """How to reach hosts over HTTPS.

    Args:
        proxy: URL of the proxy that opens a tunnel (CONNECT); empty without one. It may have a
            password, and is not in the `repr`.
        no_proxy: Hosts that need no proxy, as in NO_PROXY.
        ca_bundle: File or folder of certificates to trust instead of certifi's; empty for those.
    """

    proxy: str = field(default="", repr=False)
    no_proxy: str = ""
    ca_bundle: str = ""

    def proxies_for(self, url: str) -> dict[str, str]:
        """Return the proxies of a request: only HTTPS, in whose tunnel they see no token."""
        place = urlsplit(url)
        is_direct = place.scheme != "https" or not self.proxy
        if is_direct or proxy_bypass_environment(place.netloc, {"no": self.no_proxy}):
            return {}
        return {"https": self.proxy}
