from pathlib import Path

import pytest

from loader.blobs import BlobError
from loader.blobs.local import DryBlobStore, LocalBlobStore


def test_a_blob_is_stored_once(tmp_path: Path) -> None:
    store = LocalBlobStore(tmp_path / "blobs")
    first, second = (
        store.put("rocks/a b/ä-1.md", b"x\r\n\0"),
        store.put("rocks/a b/ä-1.md", b"x\r\n\0"),
    )
    assert (True, False) == (first.is_new, second.is_new)
    assert first.url == second.url == "local:rocks/a b/ä-1.md"
    assert (tmp_path / "blobs" / first.key).read_bytes() == b"x\r\n\0"
    assert len(list((tmp_path / "blobs/rocks/a b").iterdir())) == 1


def test_a_truncated_blob_is_stored_again(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes(b"")
    assert LocalBlobStore(tmp_path).put("a.md", b"x").is_new
    assert (tmp_path / "a.md").read_bytes() == b"x"


def test_a_failure_leaves_nothing_behind_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file where a folder should be")
    with pytest.raises(BlobError, match=r"a/b\.md: "):
        LocalBlobStore(tmp_path).put("a/b.md", b"x")
    assert ["a"] == [path.name for path in tmp_path.iterdir()]


def test_a_failing_write_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(BlobError, match="No space left on device"):
        LocalBlobStore(tmp_path).put("a.md", b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_dry_store_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not DryBlobStore().put("a.md", b"x").is_new
    assert list(tmp_path.iterdir()) == []
