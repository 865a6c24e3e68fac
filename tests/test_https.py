"""HTTPS through a proxy and with a private CA, to a real TLS server."""

from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.blobs import transport
from loader.blobs.errors import BlobStoreError, BlobUnavailableError
from loader.blobs.vercel_api import VercelBlobClient
from loader.errors import NeonError, SettingsError
from loader.network import Network
from loader.schema.neon import NeonClient
from loader.settings import describe_settings, load_neon_settings, load_vercel_settings, redacted
from loader.settings.network import CA_BUNDLES
from tests.support.neon import KEY, PROJECT, NeonServer
from tests.support.tls import Authority, Proxy, connect_proxy, new_authority
from tests.support.vercel.server import BlobServer
from tests.support.vercel.store import Store

PASSWORD = "pr0xy%40secret"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return new_authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def store(authority: Authority) -> Iterator[Store]:
    with BlobServer(authority) as server:
        yield server.new_store()


@pytest.fixture(scope="module")
def neon(authority: Authority) -> Iterator[NeonServer]:
    with NeonServer("example.neon.tech", str, authority) as server:
        yield server


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with connect_proxy() as running:
        yield running


@pytest.fixture(autouse=True)
def _netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("PATIENCE", "_MOST_ASKED", "_SHORTEST_TIMEOUT"):
        monkeypatch.setattr(transport, name, 0.2)
    monkeypatch.setattr("loader.schema.neon._BACKOFF", 0)


def put(store: Store, **environ: str) -> None:
    client = VercelBlobClient(load_vercel_settings({**store.environ, **environ}))
    blob = client.put("a.md", b"x")
    assert b"x" == client.download(blob.url, b"".join)
    client.delete([blob.url])


def find(neon: NeonServer, patch: pytest.MonkeyPatch, **environ: str) -> None:
    fixed = {"NEON_API_KEY": KEY, "NEON_PROJECT_ID": PROJECT, "NEON_API_URL": neon.url}
    for name, value in {**fixed, **environ}.items():
        patch.setenv(name, value)
    assert NeonClient(load_neon_settings()).find("main")


def test_a_proxy_opens_tunnels_and_sees_no_token(
    store: Store,
    neon: NeonServer,
    proxy: Proxy,
    authority: Authority,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    environ = {"HTTPS_PROXY": proxy.url, "REQUESTS_CA_BUNDLE": str(authority.bundle)}
    put(store, **environ)
    tunnels = len(proxy.heads)
    find(neon, monkeypatch, **environ)
    assert 0 < tunnels < len(proxy.heads)
    assert all(head.startswith("CONNECT 127.0.0.1:") for head in proxy.heads)
    heard = "".join(proxy.heads).encode() + bytes(proxy.passed)
    assert len(proxy.passed) > 500
    assert not [secret for secret in (store.token, KEY, "Bearer") if secret.encode() in heard]


@pytest.mark.parametrize("host", ["127.0.0.1", "*", "example.org, 127.0.0.1:{port}"])
def test_no_proxy_bypasses_the_proxy(
    store: Store, proxy: Proxy, authority: Authority, host: str
) -> None:
    no_proxy = host.format(port=store.origin.rpartition(":")[2])
    put(
        store,
        HTTPS_PROXY="http://127.0.0.1:1",
        NO_PROXY=no_proxy,
        SSL_CERT_FILE=str(authority.bundle),
    )
    with pytest.raises(BlobUnavailableError, match="No connection to the proxy of HTTPS_PROXY"):
        put(store, HTTPS_PROXY="http://127.0.0.1:1", NO_PROXY="example.org")
    assert [] == proxy.heads


def test_a_proxy_sees_no_request_without_tls() -> None:
    network = Network("http://proxy:8080")
    assert not network.needs_proxy("http://localhost:3000/api")
    assert network.needs_proxy("https://vercel.com/api")


def test_a_proxy_with_a_password(
    store: Store, neon: NeonServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = f"Basic {b64encode(b'ana:pr0xy@secret').decode()}"
    with connect_proxy(known) as proxy:
        address = proxy.url.replace("//", f"//ana:{PASSWORD}@")
        environ = {"HTTPS_PROXY": address, "CURL_CA_BUNDLE": str(authority.bundle)}
        put(store, **environ)
        find(neon, monkeypatch, **environ)
        wrong = environ | {"HTTPS_PROXY": address.replace("pr0xy", "other")}
        with pytest.raises(BlobStoreError) as refused:
            put(store, **wrong)
        with pytest.raises(NeonError) as refused_too:
            find(neon, monkeypatch, **wrong)
    for error in (refused, refused_too):
        assert "The proxy of HTTPS_PROXY answers 407" in str(error.value)
        assert "secret" not in str(error.value)
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, address)
        shown = redacted(f"{address} pr0xy@secret {PASSWORD}")
        assert "secret" not in shown
    described = {name: value for name, value, _ in describe_settings(environ)}
    assert "set" == described["HTTPS_PROXY"]
    assert PASSWORD not in repr(load_neon_settings())


@pytest.mark.parametrize("name", CA_BUNDLES)
def test_a_private_ca(
    store: Store, neon: NeonServer, authority: Authority, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {name: str(authority.bundle)}
    put(store, **environ)
    find(neon, monkeypatch, **environ)
    with pytest.raises(BlobStoreError, match="name its file in REQUESTS_CA_BUNDLE"):
        put(store)
    with pytest.raises(NeonError, match="name its file in REQUESTS_CA_BUNDLE"):
        find(neon, monkeypatch, **{name: ""})
    with pytest.raises(SettingsError, match=f"^{name}: there is no file /no.pem"):
        put(store, **{name: "/no.pem"})


@pytest.mark.parametrize("proxy", ["ftp://proxy", "http://proxy/a path", "http://u:secret@p@q"])
def test_a_malformed_proxy_is_refused_without_its_value(store: Store, proxy: str) -> None:
    with pytest.raises(SettingsError, match="HTTPS_PROXY is malformed") as refused:
        put(store, HTTPS_PROXY=proxy)
    assert proxy not in str(refused.value)
