import os
from pathlib import Path

import pytest

from loader.blobs.errors import BlobError, BlobNotFoundError
from loader.blobs.local import LocalBlobStore

KEY = "rocks/a b/ä-1.md"


def test_a_blob_is_stored_and_found(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path / "blobs")
    assert store.find(KEY, 4) is None
    blob = store.put(KEY, b"x\r\n\0")
    assert (KEY, f"local:{KEY}", 4) == (blob.key, blob.url, blob.size)
    assert blob == store.find(KEY, 4)
    assert (tmp_path / "blobs" / KEY).read_bytes() == b"x\r\n\0"
    assert len(list((tmp_path / "blobs/rocks/a b").iterdir())) == 1


def test_a_truncated_blob_is_stored_again(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"")
    store = LocalBlobStore(tmp_path)
    assert store.find("a.md", 1) is None
    store.put("a.md", b"x")
    assert (tmp_path / "a.md").read_bytes() == b"x"


def test_missing_files_and_files_outside_the_folder_are_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.md").write_text("x")
    store = LocalBlobStore(tmp_path / "blobs")
    with pytest.raises(BlobNotFoundError):
        store.download("local:rocks/a.md", b"".join)
    for url in ("local:../secret.md", f"local:{tmp_path}/secret.md"):
        with pytest.raises(BlobError, match="leads out of"):
            store.download(url, b"".join)


def test_a_failure_leaves_no_file_and_names_the_cause(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file where a folder should be")
    with pytest.raises(BlobError, match=r"a/b\.md: "):
        LocalBlobStore(tmp_path).put("a/b.md", b"x")
    assert ["a"] == [path.name for path in tmp_path.iterdir()]


def test_a_failed_write_is_invisible(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(BlobError, match="No space left on device"):
        LocalBlobStore(tmp_path).put("a.md", b"x")
    assert list(tmp_path.iterdir()) == []
