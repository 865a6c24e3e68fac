"""Case 47: the token is sent to the store's own host only, judged by the bytes that are sent."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from loader.blobs import VercelSettings, transport
from loader.blobs.addresses import kind_of
from loader.blobs.errors import BlobError
from loader.blobs.manifest import load_manifest
from loader.blobs.vercel_api import VercelBlobClient
from loader.errors import ManifestError

TOKEN = "vercel_blob_rw_Id_canary"
STORE = "id.private.blob.vercel-storage.com"
EVIL = "evil.example"

# Addresses that get a request with the token; {store} is the store's host, {evil} another server.
OWN = (
    "https://{store}/a.md",
    "https://{store}/rocks/daily-reports/a%20b/Mar%C3%ADa-0123456789ab.md",
    "https://{store}/a@b:c/d;e=f&g,'()+!~.md",
    "https://{store}/a.md?download=1",
    "https://{store}/..a/.b/c..",
    "https://{store}/a/https:/{evil}/x",
)
# Addresses that are rejected before anything is sent.
FOREIGN = (
    # userinfo, and lookalikes
    "https://{evil}@{store}/x",
    "https://{store}@{evil}/x",
    "https://user:pass@{store}/x",
    "https://{store}:pass@{evil}/x",
    "https://@{store}/x",
    "https://{evil}\\@{store}/x",
    "https://{store}\\@{evil}/x",
    "https://{evil}%5C@{store}/x",
    "https://{evil}/@{store}/x",
    "https://{evil}?@{store}/x",
    "https://{evil}#@{store}/x",
    "https://{evil};@{store}/x",
    "https://{store}%40{evil}/x",
    # ports
    "https://{store}:443/x",
    "https://{store}:8443/x",
    "https://{store}:/x",
    "https://{store}:80@{evil}/x",
    # backslashes and slashes
    "https:\\\\{store}\\x",
    "https://{store}\\x",
    "https:/{store}/x",
    "https:///{store}/x",
    "https://{store}\\.{evil}/x",
    "https://{store}%2F.{evil}/x",
    "https://{store}%2f@{evil}/x",
    "https://{evil}%2F{store}/x",
    "https://{store}／x",
    "//{store}/x",
    "{store}/x",
    # control characters and blanks
    " https://{store}/x",
    "https://{store}/x ",
    "https://{store}/x\n",
    "\thttps://{store}/x",
    "ht\ntps://{store}/x",
    "https://{evil}\t@{store}/x",
    "https://{store}\r\n.{evil}/x",
    "https://{store}/x\r\nHost: {evil}",
    "https://{store}/x%0d%0aHost:%20{evil}",
    "https://{store}\0.{evil}/x",
    "https://{store} .{evil}/x",
    "https://{store}/\u0085x",
    # fragments and queries in place of the path
    "https://{store}/x#y",
    "https://{store}#/x",
    "https://{store}?/x",
    "https://{store}",
    "https://{store}/",
    "https://{store}/?x",
    # other schemes
    "http://{store}/x",
    "ftp://{store}/x",
    "file://{store}/x",
    "wss://{store}/x",
    "https+x://{store}/x",
    "https:{store}/x",
    # other hosts, and lookalikes
    "https://other.private.blob.vercel-storage.com/x",
    "https://id.private.blob.vercel-storage.com.{evil}/x",
    "https://{evil}/{store}/x",
    "https://xid.private.blob.vercel-storage.com/x",
    "https://a.id.private.blob.vercel-storage.com/x",
    "https://id.private.blob.vercel-storage.co/x",
    "https://vercel.com/api/blob/x",
    "https://id.privаte.blob.vercel-storage.com/x",  # a Cyrillic letter
    "https://id。private。blob。vercel-storage。com/x",
    "https://ⅰd.private.blob.vercel-storage.com/x",
    "https://xn--d-eha.private.blob.vercel-storage.com/x",
    "https://%69d.private.blob.vercel-storage.com/x",
    "https://[{store}]/x",
    "https://127.0.0.1/{store}/x",
    # upper case and trailing dots
    "HTTPS://{store}/x",
    "https://ID.private.blob.vercel-storage.com/x",
    "https://id.private.Blob.Vercel-Storage.com/x",
    "https://{store}./x",
    "https://id..private.blob.vercel-storage.com/x",
    # paths that climb or hide a slash
    "https://{store}/../x",
    "https://{store}/a/./x",
    "https://{store}/a/..",
    "https://{store}//{evil}/x",
    "https://{store}/a/%2e%2e/x",
    "https://{store}/a%2Fx",
    "https://{store}/a%5cx",
    "https://{store}/a\\x",
    "https://[x",
    "file:///etc/passwd",
    "",
)


def client(api_url: str = "https://vercel.com/api/blob") -> VercelBlobClient:
    return VercelBlobClient(VercelSettings(TOKEN, "Id", "private", api_url))


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Record the hosts and ports to which the HTTP library connects; make no connection."""
    made: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> None:
        made.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)
    monkeypatch.setattr(transport, "PATIENCE", 0.0)
    monkeypatch.setattr(transport, "_FIRST_WAIT", 0.0)
    return made


def test_47_the_table_is_long_enough() -> None:
    assert len(set(OWN + FOREIGN)) == len(OWN + FOREIGN) > 60


@pytest.mark.parametrize("form", OWN)
def test_47_the_checked_host_gets_the_request(
    form: str, connections: list[tuple[str, int]]
) -> None:
    url = form.format(store=STORE, evil=EVIL)
    with pytest.raises(BlobError, match="No connection"):
        client().download(url, b"".join)
    assert set(connections) == {(STORE, 443)}


@pytest.mark.parametrize("form", FOREIGN)
def test_47_other_addresses_get_no_request(
    form: str, connections: list[tuple[str, int]], tmp_path: Path
) -> None:
    url = form.format(store=STORE, evil=EVIL)
    with pytest.raises(BlobError):
        client().download(url, b"".join)
    assert not client().owns(url)
    assert connections == []
    is_of_another_store = form.startswith(("https://other.private", "https://xid.private"))
    assert kind_of(url) == ("private" if is_of_another_store else None)
    upload = {"pathname": "a", "url": url, "localPath": "a", "checksum": "0" * 64}
    file = tmp_path / "uploads.json"
    file.write_text(json.dumps({"slack": {"urls": [upload]}}))
    if not is_of_another_store:
        with pytest.raises(ManifestError, match=r"urls\[0\]\.url "):
            load_manifest(file, "private")


@pytest.mark.parametrize("store", ["id", "other"])
def test_47_a_public_address_gets_no_token(store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bool]] = []

    def stream(_: object, url: str, __: object, *, is_authorised: bool) -> str:
        asked.append((url, is_authorised))
        return "read"

    monkeypatch.setattr(transport.Transport, "stream", stream)
    url = f"https://{store}.public.blob.vercel-storage.com/a.md"
    assert client().download(url, lambda _: "") == "read"
    assert asked == [(url, False)]
    assert client().owns(url) == (store == "id")


@dataclass
class Server:
    """Yield a server on this machine, and the requests that it got: path and authorization."""

    port: int = 0
    heard: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def servers() -> Iterator[tuple[Server, Server]]:
    """Yield a fake store and another server."""
    made, running = (Server(), Server()), []
    for server in made:

        class Handler(BaseHTTPRequestHandler):
            heard = server.heard

            def do_GET(self) -> None:
                self.heard.append((self.path, self.headers.get("authorization")))
                self.send_response(200)
                self.send_header("content-length", "1")
                self.end_headers()
                self.wfile.write(b"x")

            def log_message(self, *_: object) -> None:
                pass

        http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.port = http.server_address[1]
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}).start()
        running.append(http)
    yield made
    for http in running:
        http.shutdown()
        http.server_close()


def test_47_requests_to_real_servers(servers: tuple[Server, Server]) -> None:
    """Try each form with two real servers, as the store and as somebody else's server."""
    home, evil = servers
    names = {"store": f"127.0.0.1:{home.port}", "evil": f"127.0.0.1:{evil.port}"}
    reader = client(f"http://127.0.0.1:{home.port}/api/blob")
    for form in OWN:
        url = form.replace("https", "http", 1).format(**names)
        assert reader.download(url, b"".join) == b"x", url
    assert [token for _, token in home.heard] == [f"Bearer {TOKEN}"] * len(OWN)
    paths = [form.format(**names).removeprefix(f"https://{names['store']}") for form in OWN]
    sent = [path.partition("?")[0] for path, _ in home.heard]
    assert sent == [path.partition("?")[0] for path in paths]
    for form in FOREIGN:
        for url in (form.format(**names), form.replace("https", "http", 1).format(**names)):
            if "{store}" in form and form != "http://{store}/x":
                with pytest.raises(BlobError):
                    reader.download(url, b"".join)
    assert (len(home.heard), evil.heard) == (len(OWN), [])
