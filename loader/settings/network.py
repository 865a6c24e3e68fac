"""Read the proxy and the certificates for HTTPS from the environment."""

from collections.abc import Mapping
from pathlib import Path

from loader.errors import SettingsError
from loader.network import Network
from loader.settings import values

CA_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")  # the first one wins


def read_network(env: Mapping[str, str]) -> Network:
    """Resolve proxy and certificates.

    Raises:
        SettingsError: The proxy is malformed, or the file of certificates does not exist.
    """
    name, bundle = next(
        ((n, env[n].strip()) for n in CA_BUNDLES if env.get(n, "").strip()), ("", "")
    )
    if bundle and not Path(bundle).exists():
        raise SettingsError(
            f"{name}: there is no file {bundle}.\nName the file of your CA, or unset {name}."
        )
    proxy = values.value(env, "HTTPS_PROXY")
    return Network(
        proxy=proxy if "://" in proxy or not proxy else f"http://{proxy}",
        no_proxy=values.value(env, "NO_PROXY"),
        ca_bundle=bundle,
    )
