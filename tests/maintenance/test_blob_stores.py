"""`check`, `verify` and `forget` with blobs in an object store or in a folder by URL."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import s3fs

from loader.blobs.opening import is_store
from loader.extract.executors import open_executor
from tests.support.documents import short
from tests.support.project import Ended, Project
from tests.support.runs import load

pytestmark = pytest.mark.either_engine

TRANSCRIPT = "transcripts/markdown-output/rocks/2025-10-27.md"
OTHER = "transcripts/markdown-output/rocks/2025-10-28.md"


@pytest.fixture(params=["file", "s3"])
def place(
    request: pytest.FixtureRequest, project: Project, monkeypatch: pytest.MonkeyPatch
) -> Path | s3fs.S3FileSystem:
    """Return the store for the blobs of a workspace with two transcripts."""
    project.store = None  # no token: Vercel Blob cannot be queried
    project.write(TRANSCRIPT, "# one")
    project.write(OTHER, "# two")
    if request.param == "file":
        monkeypatch.setenv("BLOB_STORE", f"file://{project.folder}/a store")
        return project.folder / "a store"
    monkeypatch.setenv("BLOB_STORE", "s3://reports/blobs/")
    return request.getfixturevalue("bucket")


def names(place: Path | s3fs.S3FileSystem) -> list[str]:
    if isinstance(place, Path):
        return sorted(path.name for path in place.rglob("*.md"))
    return sorted(name.rpartition("/")[2] for name in place.find("reports/blobs"))


def told(ended: Ended) -> dict[str, Any]:
    found: dict[str, Any] = short(ended.out)
    return found


def test_loaded_blobs_are_verified_and_forgotten(
    project: Project, place: Path | s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.load()
    assert len(names(place)) == 2
    assert not (project.folder / "warehouse/blobs").exists()
    monkeypatch.delenv("BLOB_STORE")  # the blobs' URLs show their store
    assert told(project.loader("verify", "--json"))["verdicts"] == {"ok": 2}
    orphans = told(project.loader("verify", "--orphans", "--json"))
    assert (orphans["listed"], orphans["orphans"]) == (2, [])
    erased = told(project.loader("forget", "--yes", "--path", TRANSCRIPT, "--json"))
    assert (len(erased["blobs"]), erased["foreign_blobs"]) == (1, [])
    (left,) = names(place)
    assert left.startswith("2025-10-28-")
    if isinstance(place, Path):
        shutil.rmtree(place)
    else:
        place.rm("reports/blobs", recursive=True)
    assert told(project.loader("verify", "--json"))["verdicts"] == {"missing": 1}


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_copy_in_another_store_is_an_orphan_there(project: Project, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    project.write(TRANSCRIPT, "# one")
    project.load("--blob-store", f"file://{first}")
    shutil.copytree(first, second)
    project.write(TRANSCRIPT.replace("10-27", "10-29"), "# three")
    project.load("--blob-store", f"file://{second}")
    found = told(project.loader("verify", "--orphans", "--json"))["orphans"]
    assert [True] == [each["url"].startswith(f"file://{second}") for each in found]


@pytest.mark.long
def test_tasks_in_other_processes_use_the_same_store(
    project: Project, place: Path | s3fs.S3FileSystem
) -> None:
    with open_executor("local") as engine:
        load(project, engine)
    assert len(names(place)) == 2
    assert told(project.loader("verify", "--json"))["verdicts"] == {"ok": 2}
    assert project.load("--full")["kinds"]["meeting_transcripts"]["uploads"] == 0


def test_check_names_the_store(project: Project, place: Path | s3fs.S3FileSystem) -> None:
    checks = {each["name"]: each for each in told(project.loader("check", "--json"))["checks"]}
    found = checks["blob store"]
    assert found["state"] == "ok"
    if isinstance(place, Path):
        assert found["detail"] == f"a folder: {place}"
    else:
        assert found["detail"].startswith("s3://reports/blobs, ")


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_missing_bucket_stops_the_commands(
    project: Project, bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(TRANSCRIPT, "# one")
    monkeypatch.setenv("BLOB_STORE", "s3://nowhere/blobs")
    ended = project.loader(*project.run_args())
    assert (ended.code, "s3://nowhere/blobs: " in ended.err) == (1, True)
    checks = {each["name"]: each for each in told(project.loader("check", "--json"))["checks"]}
    assert "no such bucket" in checks["blob store"]["detail"]
    assert "a-secret-of-the-store" not in f"{ended}{checks}"
    project.load("--blob-store", "s3://reports/blobs")  # the option takes precedence
    assert len(names(bucket)) == 1


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_forget_deletes_nothing_that_no_run_stored(
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,  # noqa: ARG001
) -> None:
    monkeypatch.setenv("BLOB_STORE", f"file://{tmp_path}")
    project.write(TRANSCRIPT, "# one")
    project.load()
    other = tmp_path / "others.md"
    other.write_text("x")
    for table in ("files", "meeting_transcripts"):
        project.execute(f"update raw.{table} set blob_url = 'file://{other}'")
    monkeypatch.setattr(
        Project, "environ", {**project.environ, "BLOB_READ_WRITE_TOKEN": "vercel_blob_rw_id_x"}
    )
    erased = told(project.loader("forget", "--yes", "--path", TRANSCRIPT, "--json"))
    assert (erased["blobs"], erased["foreign_blobs"]) == ([], [f"file://{other}"])
    assert other.exists()


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_invalid_stores(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = project.loader(*project.run_args("--blob-store", "ftp://host/x"))
    assert (
        ended.code,
        "'ftp://host/x' is not a blob store. Use one of vercel, local" in ended.err,
    ) == (
        2,
        True,
    )
    for place in ("s3://bucket/p?sig=1", "s3://key@bucket", "s3://bucket/../x", "file:///a/.."):
        assert not is_store(place)
    assert is_store("file:///a folder/blobs")
    monkeypatch.setenv("BLOB_STORE", "s3://key:a-secret@bucket")
    ended = project.loader(*project.run_args())
    assert (ended.code, "BLOB_STORE is malformed.\nUse one of vercel" in ended.err) == (1, True)
    assert "a-secret" not in ended.err
