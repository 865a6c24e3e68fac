"""The contract of all blob stores: a folder, and a real S3 server."""

from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import s3fs

from loader.blobs import BlobStore, blob_key
from loader.blobs.errors import (
    BlobError,
    BlobMismatchError,
    BlobNotFoundError,
    BlobStoreError,
)
from loader.blobs.opening import is_store, open_store, store_of
from loader.errors import SettingsError

DATA = b"x\r\n\0"
KEY = blob_key("rocks", "daily-reports", "a b/ä ~[1]*.md", DATA)


@pytest.fixture(params=["local", "file", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    if request.param == "s3":
        request.getfixturevalue("bucket")
        return open_store("s3://reports/blobs of all")
    prefix = "local:" if request.param == "local" else "file://"
    return open_store(f"{prefix}{tmp_path}/blobs of all")


def test_a_blob_is_stored_and_found(store: BlobStore) -> None:
    assert store.find(KEY, len(DATA)) is None
    blob = store.put(KEY, DATA)
    assert (KEY, len(DATA)) == (blob.key, blob.size)
    assert blob == store.find(KEY, len(DATA))
    assert DATA == store.download(blob.url, b"".join)
    assert store.put(KEY, DATA) == blob  # another machine was faster
    assert store.owns(blob.url)


def test_another_process_opens_the_same_store(store: BlobStore, tmp_path: Path) -> None:
    blob = store.put(KEY, DATA)
    assert blob == open_store(store.url).find(KEY, len(DATA))
    found = open_store(store_of(blob.url, f"local:{tmp_path}/blobs of all"))
    assert (store.url, store.is_remote) == (found.url, found.is_remote)


def test_blobs_are_listed_by_prefix(store: BlobStore) -> None:
    assert list(store.list("")) == []
    blobs = {store.put(key, b"x") for key in (KEY, "rocks/c.md", "rocks2/d.md")}
    assert blobs == set(store.list(""))
    assert {KEY, "rocks/c.md"} == {blob.key for blob in store.list("rocks/")}
    assert list(store.list("nobody/")) == []


def test_a_blob_is_read_in_pieces(store: BlobStore) -> None:
    data = bytes(range(256)) * 40_000
    url = store.put(KEY, data).url
    assert data == store.download(url, b"".join)
    assert store.download(url, lambda pieces: sum(1 for _ in pieces)) > 1


def test_a_blob_is_deleted(store: BlobStore) -> None:
    kept, blob = store.put("rocks/kept.md", b"x"), store.put(KEY, DATA)
    store.delete([blob.url])
    store.delete([blob.url])
    assert [kept] == list(store.list(""))
    with pytest.raises(BlobNotFoundError):
        store.download(blob.url, b"".join)


def test_other_bytes_are_neither_overwritten_nor_taken(bucket: s3fs.S3FileSystem) -> None:
    store = open_store("s3://reports/blobs")
    bucket.pipe_file(f"reports/blobs/{KEY}", b"y\r\n\0")
    with pytest.raises(BlobMismatchError, match="other bytes under the name"):
        store.put(KEY, DATA)
    bucket.pipe_file(f"reports/blobs/{KEY}", b"y")
    with pytest.raises(BlobMismatchError, match="1 byte under the name"):
        store.find(KEY, len(DATA))
    with pytest.raises(BlobMismatchError, match="1 byte under the name"):
        store.put(KEY, DATA)
    assert bucket.cat_file(f"reports/blobs/{KEY}") == b"y"


def failing(error: Exception) -> Any:  # noqa: ANN401
    """Replace the server by a function that answers each request."""
    calls = dict.fromkeys(("_call_s3", "_lsdir"), mock.AsyncMock(side_effect=error))
    return mock.patch.multiple(s3fs.S3FileSystem, **calls)


def test_a_refused_blob_affects_no_other(bucket: s3fs.S3FileSystem) -> None:
    store = open_store("s3://reports/blobs")
    real: Any = s3fs.S3FileSystem._call_s3  # noqa: SLF001

    async def call(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        answer = await real(bucket, *args, **kwargs)
        if args[0] == "put_object":
            raise OSError(22, "too slow")
        return answer

    with mock.patch("s3fs.S3FileSystem._call_s3", side_effect=call):
        blob = store.put(KEY, DATA)  # the answer is lost, but the blob is stored
        assert blob == store.find(KEY, len(DATA))
    with failing(OSError(22, "too slow")), pytest.raises(BlobError, match="too slow") as caught:
        store.put("rocks/b.md", DATA)
    assert not isinstance(caught.value, BlobStoreError)
    with (
        mock.patch("s3fs.S3File.read", side_effect=PermissionError("Access Denied")),
        pytest.raises(BlobError, match="refuses this blob: Access Denied"),
    ):
        store.download(blob.url, b"".join)


@pytest.mark.parametrize("error", [PermissionError("key a-secret-of-the-store"), RuntimeError()])
@pytest.mark.usefixtures("bucket")
def test_errors_that_affect_every_blob(error: Exception) -> None:
    store = open_store("s3://reports/blobs")
    with failing(error):
        for act in (
            lambda: store.find(KEY, 1),
            lambda: store.put(KEY, b"x"),
            lambda: list(store.list("")),
            lambda: store.delete([f"{store.url}/{KEY}"]),
        ):
            with pytest.raises(BlobStoreError, match=r"Cannot \w+ s3://reports") as caught:
                act()
            assert "a-secret-of-the-store" not in str(caught.value)


@pytest.mark.usefixtures("bucket")
def test_an_unreachable_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    with pytest.raises(BlobStoreError, match=r"^Cannot use .*: Could not connect"):
        open_store("s3://reports/blobs").find(KEY, 1)
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.usefixtures("bucket")
def test_a_missing_bucket() -> None:
    store = open_store("s3://nowhere/blobs")
    with pytest.raises(BlobStoreError, match=r"^Cannot list .*: no such bucket"):
        list(store.list(""))
    with pytest.raises(BlobStoreError, match=r"^Cannot use"):
        store.put(KEY, DATA)


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsspec.core.get_filesystem_class", mock.Mock(side_effect=ImportError))
    with pytest.raises(SettingsError, match="pip install adlfs"):
        open_store("az://container/x")


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        *[(text, True) for text in ("vercel", "local", "file:///a/b c", "s3://b", "gs://b/p/q")],
        *[(text, False) for text in ("", "Vercel", "/a", "file://a", "file:///", "ftp://a/b")],
        *[(text, False) for text in ("s3://", "s3://key:secret@b/p", "s3://b::file:///etc")],
    ],
)
def test_names_and_urls(text: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_one is is_store(text)


@pytest.mark.parametrize(
    ("url", "store"),
    [
        ("local:rocks/daily-reports/x.md", "local:/w/blobs"),
        (f"s3://b/{KEY}", "s3://b"),
        (f"gs://b/p/q/{KEY}", "gs://b/p/q"),
        (f"file:///w/b c/{KEY}", "file:///w/b c"),
        ("az://c/rocks/slack/sanitized/a-0123456789ab", "az://c"),
        # Not a blob's name: no store of ours owns it, so it is never deleted.
        ("file:///etc/passwd", "vercel"),
        (f"s3://b::https://elsewhere/{KEY}", "vercel"),
        ("s3://b/other/thing-0123456789ab.md", "vercel"),
        ("https://x.private.blob.vercel-storage.com/rocks/x.md", "vercel"),
    ],
)
def test_a_blobs_url_identifies_its_store(url: str, store: str) -> None:
    assert store == store_of(url, "local:/w/blobs")
