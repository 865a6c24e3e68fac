"""The client and the store against a server that speaks the protocol, with faults."""

import hashlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from urllib3 import HTTPResponse

from loader.blobs import VercelSettings, transport
from loader.blobs.errors import (
    BlobError,
    BlobExistsError,
    BlobMismatchError,
    BlobNotFoundError,
    BlobStoreError,
    BlobUnavailableError,
)
from loader.blobs.vercel import VercelBlobStore
from loader.blobs.vercel_api import VercelBlobClient
from loader.settings import load_vercel_settings
from tests.support.vercel.server import BlobServer
from tests.support.vercel.store import Fault, Store

KEYS = (
    "rocks/daily-reports/a b/María-José O’Neil 100%25 #1?-0123456789ab.md",
    "a/b.md",
    "李/x-1.md",
)


@pytest.fixture(params=["private", "public"])
def store(request: pytest.FixtureRequest, blob_server: BlobServer) -> Store:
    return blob_server.new_store(request.param)


@pytest.fixture
def private(blob_server: BlobServer) -> Store:
    return blob_server.new_store()


def settings_of(store: Store) -> VercelSettings:
    return load_vercel_settings(store.environ)


def client_of(store: Store) -> VercelBlobClient:
    return VercelBlobClient(settings_of(store))


def blobs_of(store: Store) -> VercelBlobStore:
    return VercelBlobStore(client_of(store))


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_FIRST_WAIT", 0.01)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 1.0)
    monkeypatch.setattr(transport, "_MOST_ASKED", 1.0)
    monkeypatch.setattr(transport, "_SHORTEST_TIMEOUT", 0.2)


@pytest.mark.parametrize("key", KEYS)
def test_a_stored_blob_can_be_found_listed_read_and_deleted(store: Store, key: str) -> None:
    client = client_of(store)
    blob = client.put(key, b"x\r\n\0")
    assert (key, 4) == (blob.key, blob.size)
    assert blob == client.head(key) == client.head(blob.url)
    assert [blob] == list(client.list())
    assert client.download(blob.url, b"".join) == b"x\r\n\0"
    assert "text/markdown; charset=utf-8" == store.files[key].content_type
    client.delete([blob.url])
    client.delete([key])  # it no longer exists: no error
    assert list(client.list()) == []
    for ask in (lambda: client.head(key), lambda: client.download(blob.url, b"".join)):
        with pytest.raises(BlobNotFoundError):
            ask()


def test_a_truncated_body_is_not_stored(private: Store) -> None:
    """As after a kill of the loader: a blob is whole or missing."""
    place = urlsplit(private.origin)
    headers = {
        "host": place.netloc,
        "authorization": f"Bearer {private.token}",
        "x-api-version": "12",
        "x-vercel-blob-store-id": private.store_id,
        "x-vercel-blob-access": "private",
        "content-length": "10",
    }
    request = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((place.hostname, place.port)) as connection:
        connection.sendall(f"PUT /api/blob/?pathname=a.md HTTP/1.1\r\n{request}\r\nhalf".encode())
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1):
            pass
    assert {} == private.files
    client_of(private).put("a.md", b"whole")
    assert b"whole" == private.files["a.md"].data


def test_a_blob_is_never_overwritten(store: Store) -> None:
    client = client_of(store)
    client.put("a.md", b"first")
    with pytest.raises(BlobExistsError):
        client.put("a.md", b"second")
    assert store.files["a.md"].data == b"first"


def test_more_than_8_mib_are_uploaded_in_parts(store: Store) -> None:
    client = client_of(store)
    data = b"0123456789abcdef" * (1024 * 1024) + b"!"  # two parts and a byte
    blob = client.put("a.md", data)
    assert (0, 1, 3, 1) == tuple(
        map(store.count, ("put", "mpu-create", "mpu-upload", "mpu-complete"))
    )
    assert store.files["a.md"].data == data
    assert len(data) == blob.size
    assert hashlib.sha256(data).hexdigest() == client.download(
        blob.url, lambda pieces: hashlib.sha256(b"".join(pieces)).hexdigest()
    )
    client.put("b.md", data[: 8 * 1024 * 1024])
    assert store.count("put") == 1


def test_a_listing_reads_all_pages(private: Store) -> None:
    keys = {f"rocks/{number:04}.md" for number in range(2500)}
    for key in (*keys, "rocks2/a.md"):
        private.put(key, b"x", {"x-vercel-blob-access": "private"})  # type: ignore[arg-type]
    client = client_of(private)
    assert keys == {blob.key for blob in client.list("rocks/")}
    assert private.count("list") == 3
    assert len(keys) + 1 == len(list(client.list()))


@pytest.mark.parametrize("fault", [Fault.UNAVAILABLE, Fault.HTML, Fault.TRUNCATED, Fault.RESET])
@pytest.mark.parametrize("operation", ["put", "head", "list", "delete"])
def test_temporary_faults_are_retried(private: Store, fault: Fault, operation: str) -> None:
    client = client_of(private)
    private.fail(fault, operation, times=3)
    if operation != "put":
        private.put("a.md", b"x", {"x-vercel-blob-access": "private"})  # type: ignore[arg-type]
    if operation == "put" and fault is Fault.TRUNCATED:  # the first try stored it
        with pytest.raises(BlobExistsError):
            client.put("a.md", b"x")
    elif operation == "put":
        assert client.put("a.md", b"x").key == "a.md"
    elif operation == "head":
        assert client.head("a.md").size == 1
    elif operation == "list":
        assert [blob.key for blob in client.list()] == ["a.md"]
    else:
        client.delete(["a.md"])
        assert private.files == {}
    assert private.count(operation) >= 2


def test_a_requested_wait_is_respected(private: Store) -> None:
    private.fail(Fault.RATE_LIMITED, "put", times=1)
    began = time.monotonic()
    client_of(private).put("a.md", b"x")
    assert time.monotonic() - began >= 2
    assert private.count("put") == 2


@pytest.mark.usefixtures("impatient")
def test_a_wait_beyond_the_limit_is_not_started(private: Store) -> None:
    private.fail(Fault.RATE_LIMITED, "put")
    with pytest.raises(BlobUnavailableError, match="asks to wait 2 s"):
        client_of(private).put("a.md", b"x")
    assert private.count("put") == 1


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", [Fault.HALF_OPEN, Fault.UNAVAILABLE, Fault.HTML, Fault.RESET])
@pytest.mark.parametrize("operation", ["put", "list"])
def test_a_store_that_gives_no_answer_costs_a_bounded_time(
    private: Store, fault: Fault, operation: str
) -> None:
    private.fail(fault, operation)
    client = client_of(private)
    ask = (lambda: client.put("a.md", b"x")) if operation == "put" else lambda: list(client.list())
    began = time.monotonic()
    with pytest.raises(BlobUnavailableError, match=r"\(tried \d+ times in \d+ s\)"):
        ask()
    assert time.monotonic() - began < 10  # a single read may take 30 s
    assert private.files == {}


@pytest.mark.usefixtures("impatient")
def test_an_unreachable_server_is_named(blob_server: BlobServer) -> None:
    store = blob_server.new_store()
    environ = store.environ | {"VERCEL_BLOB_API_URL": "http://127.0.0.1:9"}
    client = VercelBlobClient(load_vercel_settings(environ))
    with pytest.raises(BlobUnavailableError, match="No connection to the store: Connection refu"):
        client.head("a.md")


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.SUSPENDED])
@pytest.mark.parametrize("operation", ["put", "head", "list", "delete"])
def test_a_store_that_refuses_gets_one_request(
    private: Store, fault: Fault, operation: str
) -> None:
    private.fail(fault, operation)
    client = client_of(private)
    asks: dict[str, Callable[[], object]] = {
        "put": lambda: client.put("a.md", b"x"),
        "head": lambda: client.head("a.md"),
        "list": lambda: list(client.list()),
        "delete": lambda: client.delete(["a.md"]),
    }
    words = "refuses the token" if fault is Fault.FORBIDDEN else "is suspended"
    with pytest.raises(BlobStoreError, match=words):
        asks[operation]()
    assert private.count(operation) == 1


def test_a_wrong_token_is_an_error_and_not_shown(private: Store) -> None:
    settings = settings_of(private)
    wrong = VercelSettings(
        settings.token + "x", settings.store_id, settings.access, settings.api_url
    )
    with pytest.raises(BlobStoreError, match="Check BLOB_READ_WRITE_TOKEN") as caught:
        VercelBlobClient(wrong).put("a.md", b"x")
    assert private.secret not in str(caught.value) + repr(wrong)


def test_a_store_of_another_kind_is_an_error(blob_server: BlobServer) -> None:
    public = blob_server.new_store("public")
    environ = public.environ | {"BLOB_ACCESS": "private"}
    client = VercelBlobClient(load_vercel_settings(environ))
    with pytest.raises(BlobStoreError) as caught:
        client.put("a.md", b"x")
    assert str(caught.value) == (
        "The store is public, and BLOB_ACCESS is private. Set BLOB_ACCESS=public,"
        " or take the token of a private store."
    )
    assert public.files == {}


@pytest.mark.parametrize(("access", "other"), [("private", "public"), ("public", "private")])
def test_a_store_of_another_kind_is_detected_by_its_addresses(access: str, other: str) -> None:
    settings = VercelSettings("vercel_blob_rw_Id_x", "Id", access, "https://vercel.com/api/blob")
    answer = {"url": f"https://id.{other}.blob.vercel-storage.com/a", "pathname": "a", "size": 1}
    client = VercelBlobClient(settings)
    with pytest.raises(BlobStoreError, match=f"The store is {other}"):
        client._blob(answer)  # noqa: SLF001 - no server of that name can be had
    url = f"https://id.{access}.blob.vercel-storage.com/a"
    assert client._blob(answer | {"url": url}).url == url  # noqa: SLF001


def test_a_redirect_is_not_followed(private: Store) -> None:
    private.fail(Fault.REDIRECT, "put")
    with pytest.raises(BlobError, match="307, a redirect"):
        client_of(private).put("a.md", b"x")
    assert [("put", "a.md")] == private.log


def test_a_redirect_of_a_download_is_not_followed(private: Store) -> None:
    client = client_of(private)
    url = client.put("a.md", b"x").url
    private.fail(Fault.REDIRECT, "download")
    with pytest.raises(BlobError, match="The store answered 307"):
        client.download(url, b"".join)
    assert private.count("download") == 1


def test_a_wait_may_be_given_as_a_date() -> None:
    response = HTTPResponse()
    response.headers["retry-after"] = format_datetime(datetime.now(UTC) + timedelta(seconds=90))
    assert 80 < (transport._wait(response) or 0) <= 90  # noqa: SLF001
    for text, seconds in (("7", 7.0), ("soon", None), ("", None)):
        response.headers["retry-after"] = text
        assert seconds == transport._wait(response)  # noqa: SLF001


def test_a_listing_that_repeats_its_cursor_ends(
    private: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = {"blobs": [], "hasMore": True, "cursor": "same"}
    monkeypatch.setattr(transport.Transport, "call", lambda *_, **__: page)
    with pytest.raises(BlobUnavailableError, match="does not go on"):
        list(client_of(private).list())


def test_a_body_is_sent_in_chunks_with_a_timeout_each(
    private: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    send = HTTPConnection.send

    def seen(connection: HTTPConnection, data: bytes) -> None:
        send(connection, data)
        sizes.append(len(data))
        assert connection.sock.gettimeout()

    monkeypatch.setattr(HTTPConnection, "send", seen)
    client_of(private).put("a.md", bytes(100_000))
    assert sum(sizes) > 100_000
    assert max(sizes) <= 16 * 1024


def test_an_invalid_address_is_an_error(private: Store) -> None:
    with pytest.raises(BlobError, match="not an address"):
        client_of(private).download("https://[x", b"".join)


def test_a_large_download_takes_little_memory(private: Store) -> None:
    client = client_of(private)
    url = client.put("a.md", b"x").url
    private.files["a.md"].data = bytes(64 * 1024 * 1024)

    def largest(pieces: Iterator[bytes]) -> int:
        return max(map(len, pieces))

    assert client.download(url, largest) <= 1024 * 1024


def test_netrc_does_not_replace_the_token(
    private: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client = client_of(private)
    assert client.download(client.put("a.md", b"x").url, b"".join) == b"x"


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.UNAVAILABLE])
def test_a_truncated_download_starts_again(store: Store, fault: Fault) -> None:
    client = client_of(store)
    url = client.put("a.md", b"x" * 100_000).url
    store.fail(fault, "download", times=2)
    assert client.download(url, b"".join) == b"x" * 100_000
    assert store.count("download") == 3


@pytest.mark.usefixtures("impatient")
def test_a_download_that_is_always_truncated_is_an_error(private: Store) -> None:
    client = client_of(private)
    url = client.put("a.md", b"x" * 100_000).url
    private.fail(Fault.TRUNCATED, "download")
    with pytest.raises(BlobUnavailableError, match="broke off"):
        client.download(url, b"".join)


def test_an_upload_whose_answer_was_lost_is_verified(private: Store) -> None:
    private.fail(Fault.RESET_AFTER, "put", times=1)
    blob = blobs_of(private).put("rocks/a.md", b"x")
    assert blob.url == private.url("rocks/a.md")
    assert [name for name, _ in private.log] == ["put", "put", "head", "download"]


def test_an_upload_in_parts_whose_answer_was_lost_is_verified(private: Store) -> None:
    private.fail(Fault.HTML_AFTER, "mpu-complete", times=1)
    data = b"x" * (9 * 1024 * 1024)
    assert blobs_of(private).put("rocks/a.md", data).size == len(data)
    assert private.count("mpu-complete") == 2


@pytest.mark.parametrize("other", [b"y", b"xy"])
def test_a_name_with_other_bytes_is_an_error(private: Store, other: bytes) -> None:
    client_of(private).put("rocks/a.md", other)
    with pytest.raises(BlobMismatchError, match=r"other bytes under the name 'rocks/a\.md'"):
        blobs_of(private).put("rocks/a.md", b"x")
    assert private.files["rocks/a.md"].data == other


def test_a_team_is_listed_once_however_many_threads_ask(private: Store) -> None:
    blobs = blobs_of(private)
    known = client_of(private).put("rocks/a.md", b"x")
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(blobs.find("rocks/a.md", 1))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [known] * 8 == found
    assert blobs.find("rocks/b.md", 1) is None
    assert private.count("list") == 1
    assert blobs.find("team-a/b.md", 1) is None
    assert [name for _, name in private.log if _ == "list"] == ["rocks/", "team-a/"]


def test_a_known_name_with_another_size_is_an_error(private: Store) -> None:
    client_of(private).put("rocks/a.md", b"xy")
    with pytest.raises(BlobMismatchError, match="2 bytes under the name"):
        blobs_of(private).find("rocks/a.md", 1)


@pytest.mark.usefixtures("impatient")
def test_a_store_that_cannot_be_listed_stops_everything(private: Store) -> None:
    private.fail(Fault.UNAVAILABLE, "list")
    with pytest.raises(BlobStoreError, match="Cannot list the blob store: The store answered 503"):
        blobs_of(private).find("rocks/a.md", 1)


def test_many_failures_in_a_row_stop_all_uploads(
    private: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 0.0)
    private.fail(Fault.UNAVAILABLE, "put", "bad")
    blobs = blobs_of(private)

    def failures(times: int) -> Iterator[str]:
        for number in range(times):
            with pytest.raises(BlobUnavailableError) as caught:
                blobs.put(f"rocks/bad-{number}.md", b"x")
            yield str(caught.value)

    assert all("503" in message for message in failures(7))
    blobs.put("rocks/good.md", b"x")  # ends the streak
    assert all("503" in message for message in failures(8))
    assert all("Not tried" in message for message in failures(3))
    assert private.count("put") == 2 * 7 + 1 + 2 * 8
