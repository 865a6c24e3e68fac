"""A workspace in an object store: a real S3 server, over HTTP."""

import inspect
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import s3fs
from fsspec import AbstractFileSystem

from loader.errors import SettingsError, WorkspaceError
from loader.extract.executors import open_executor
from loader.extract.parts import extract_part
from loader.parsing.rejections import Reason
from loader.workspace import (
    ChangedError,
    Content,
    Listing,
    SourceFile,
    TooLargeError,
    list_files,
    open_workspace,
)
from loader.workspace.kinds import Kind
from loader.workspace.remote import RemoteWorkspace
from tests.support.project import EXAMPLE, Project
from tests.support.runs import KeepsParts, Killed, load, raw, run_ids, settings_of

URL = "s3://reports/orchestrator"
DAILY = "daily-reports/md-output/rocks"
MOST = 10_000_000
DAY = "## 2025-10-27\n**Employee**: {}\n\n{}\n"


def put(bucket: s3fs.S3FileSystem, path: str, text: str) -> None:
    bucket.pipe_file(f"reports/orchestrator/{path}", text.encode())


def put_example(bucket: s3fs.S3FileSystem) -> None:
    for path in EXAMPLE.rglob("*"):
        if path.is_file():
            name = path.relative_to(EXAMPLE).as_posix()
            bucket.pipe_file(f"reports/orchestrator/{name}", path.read_bytes())


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_the_rows_are_those_of_a_folder(
    project: Project, twin: Project, bucket: s3fs.S3FileSystem
) -> None:
    put_example(bucket)
    project.copy_example()
    with run_ids(1):
        project.load()
    with run_ids(1):
        ended = twin.loader("run", "--workspace", URL)
    assert (0, "") == (ended.code, ended.err)
    assert raw(project) == raw(twin)
    assert project.blobs() == twin.blobs()


@pytest.mark.long
@pytest.mark.either_engine
def test_the_rows_are_equal_with_parts_in_the_store_and_processes(
    project: Project, twin: Project, bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_example(bucket)
    project.copy_example()
    monkeypatch.setenv("PARTS_URL", "s3://reports/parts/")
    with run_ids(1):
        project.load()
    with run_ids(1), open_executor("local") as engine:
        load(twin, engine, workspace=URL)
    assert raw(project) == raw(twin)
    assert [] == bucket.find("reports/parts")  # loaded, and no longer needed


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_the_parts_of_a_stopped_run_are_taken_from_the_store(
    project: Project, bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Ana", "Ben"):
        put(bucket, f"{DAILY}/{name}.md", DAY.format(f"{name} Cruz", "x"))
    monkeypatch.setenv("PARTS_URL", "s3://reports/parts")
    place = f"reports/parts/{settings_of(project).pipeline_name}"
    with mock.patch("loader.loading.run.resolve", side_effect=Killed), suppress(Killed):
        load(project, part_files=1, workspace=URL)
    assert len(bucket.find(f"{place}/parts")) >= 2
    put(bucket, f"{DAILY}/Ben.md", DAY.format("Ben Cruz", "y"))  # its part already exists
    texts: list[str] = []

    def read(workspace: RemoteWorkspace, file: SourceFile, size: int) -> Content:
        texts.append(file.name)
        return RemoteWorkspace_read(workspace, file, size)

    RemoteWorkspace_read = RemoteWorkspace.read  # noqa: N806
    with mock.patch.object(RemoteWorkspace, "read", read):
        load(project, part_files=1, workspace=URL)
    assert texts == ["Ben.md"]
    rows = project.query("select author_name, content from raw.daily_reports order by 1")
    assert [("Ana Cruz", "x"), ("Ben Cruz", "y")] == [
        (name, text.split()[-1]) for name, text in rows
    ]
    assert [] == bucket.find(place)


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_file_that_changes_after_the_listing_is_a_rejection(
    project: Project, bucket: s3fs.S3FileSystem
) -> None:
    for name in "ab":
        put(bucket, f"{DAILY}/{name}.md", DAY.format(f"Ana {name}", "x"))

    class Edits(KeepsParts):
        def map(self, act: Any, items: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
            if act is extract_part:
                put(bucket, f"{DAILY}/b.md", DAY.format("Ana b", "z"))  # of the same size
            return super().map(act, items)

    load(project, Edits(), workspace=URL)
    assert [("changed_meanwhile", f"{DAILY}/b.md", None)] == project.rejections()
    assert [("Ana a",)] == project.query("select author_name from raw.daily_reports")


def test_only_facts_missing_from_the_listing_are_requested(bucket: s3fs.S3FileSystem) -> None:
    place = f"reports/orchestrator/{DAILY}"
    put(bucket, f"{DAILY}/a.md", "text")
    with bucket.open(f"{place}/b.md", "wb", block_size=5 * 2**20) as file:
        file.write(b"t" * 6 * 2**20)  # in two pieces: its ETag is not an MD5
    workspace = open_workspace(URL)
    a, b = list_files(workspace, Kind.DAILY_REPORTS, "rocks").files
    assert b.version
    assert "-" in b.version
    with mock.patch.object(RemoteWorkspace, "_info", side_effect=AssertionError):
        assert workspace.read(a, MOST).data == b"text"
    assert workspace.read(b, MOST).data == b"t" * 6 * 2**20
    bucket.pipe_file(f"{place}/b.md", b"u" * 6 * 2**20)
    with pytest.raises(ChangedError):
        workspace.read(b, MOST)
    with pytest.raises(TooLargeError):
        workspace.read(b, 1_000_000)
    bucket.rm(f"{place}/b.md")
    with pytest.raises(FileNotFoundError):
        workspace.read(b, MOST)


def test_a_listing_is_paged_and_skips_hidden_files(
    bucket: s3fs.S3FileSystem,
) -> None:
    names = ["B.md", "a-b.md", "a/b.md", "a/.c/d.md", ".x.md", "c.txt", "é.MD", "ü/z.markdown"]
    for name in names:
        put(bucket, f"{DAILY}/{name}", "x")
    put(bucket, f"{DAILY}-2/z.md", "x")
    bucket.touch(f"reports/orchestrator/{DAILY}/empty/")
    workspace = open_workspace(f"{URL}/")
    assert ["rocks", "rocks-2"] == workspace.team_folders()
    with mock.patch("loader.workspace.remote._PAGE", 2):
        listing = list_files(workspace, Kind.DAILY_REPORTS, "rocks")
    assert ["B.md", "a-b.md", "a/b.md", "é.MD", "ü/z.markdown"] == [f.name for f in listing.files]
    ignored = [f"{DAILY}/{name}" for name in (".x.md", "a/.c/d.md", "c.txt")]
    assert (listing.ignored, listing.ignored_paths) == (3, ignored)
    assert list_files(workspace, Kind.SLACK_CAPTURES, "rocks").files == []
    assert {(1, True)} == {(file.size, file.modified_at > 1e9) for file in listing.files}


@pytest.mark.parametrize("url", ["s3://nowhere/x", "s3://reports/nothing"])
def test_invalid_workspaces(bucket: s3fs.S3FileSystem, url: str) -> None:  # noqa: ARG001
    with pytest.raises(WorkspaceError) as error:
        open_workspace(url).team_folders()
    assert f"There is no folder {url}" in str(error.value)


def test_files_next_to_the_team_folders(bucket: s3fs.S3FileSystem) -> None:
    names = ["rocks/a.md", "b.md", "c.MD", "d.txt", ".e.md"]
    for name in names:
        put(bucket, f"daily-reports/md-output/{name}", "x")
    for name in ("rocks/x.md", "secret.md", "secret.txt", "sanitized/x.md"):
        put(bucket, f"slack/md-output/{name}", "x")
    workspace = open_workspace(URL)
    found = {}
    for kind in Kind:
        listing = Listing()
        workspace.scan_root(kind, listing)
        assert "secret" not in str(listing)
        for file, rejection in listing.rejections:
            assert rejection.reason is Reason.NO_TEAM_FOLDER
            found[file.path] = rejection.detail
    assert found == {
        "daily-reports/md-output/b.md": "it is next to the team folders",
        "daily-reports/md-output/c.MD": "it is next to the team folders",
        "slack/md-output": "files next to the team folders: 1",
        "slack/md-output/sanitized": "it is not in the folder of a team",
    }


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_an_unreachable_store(
    project: Project, bucket: s3fs.S3FileSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_example(bucket)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    s3fs.S3FileSystem.clear_instance_cache()
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    ended = project.loader("run", "--workspace", URL)
    assert ended.code == 1
    assert f"Cannot list {URL}" in ended.err
    assert "a-secret-of-the-store" not in ended.err
    monkeypatch.undo()


def test_a_library_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fsspec.core.get_filesystem_class", mock.Mock(side_effect=ImportError))
    with pytest.raises(SettingsError, match="pip install gcsfs"):
        open_workspace("gs://bucket/x")


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_file_url_is_a_folder(project: Project) -> None:
    project.copy_example()
    ended = project.loader("run", "--workspace", Path(project.workspace).as_uri())
    assert (0, "") == (ended.code, ended.err)
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")


def test_fsspec_still_lists_without_pages() -> None:
    """If this fails, loader/workspace/remote.py no longer needs s3fs's private name."""
    assert "page_size" not in inspect.signature(AbstractFileSystem.find).parameters
    assert not hasattr(AbstractFileSystem, "iterdir")
