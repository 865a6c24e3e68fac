"""Case 50: only regular files of limited size inside the workspace are opened."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from unittest import mock

import fsspec
import pytest

from loader.blobs.errors import BlobError
from loader.blobs.local import LocalBlobStore
from loader.blobs.manifest import load_manifest
from loader.errors import ManifestError, SettingsError
from loader.extract.configs import TeamConfigs
from loader.extract.file_result import FileResult
from loader.extract.options import RunOptions
from loader.extract.row_builders import add_rows
from loader.parsing.rejections import Reason
from loader.settings import environment, redacted
from loader.workspace import SourceFile, list_files, open_workspace
from loader.workspace.json_files import ConfigError
from loader.workspace.kinds import KINDS, Kind
from loader.workspace.regular import (
    SMALL,
    NotRegularError,
    OutsideError,
    TooLargeError,
    open_regular,
    read_descriptor,
    read_regular,
)
from loader.workspace.remote import RemoteWorkspace
from loader.workspace.team_config import load_config
from loader.workspace.teams import load_teams
from tests.support.linux import linux_only
from tests.support.project import Project

DAILY = "daily-reports/md-output/rocks"
CONFIG = "configs/rocks/config.json"
JIRA = "jira/md_output/rocks/epic_tree_R_2025-10-27_to_2025-11-02.md"
DAY = "## 2025-10-27\n**Employee**: {}\n\nx\n"


def pipe(path: Path) -> None:
    os.mkfifo(path)


def folder(path: Path) -> None:
    path.mkdir()


def bound_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # its name is limited to few bytes
    try:
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(path.name)
    finally:
        os.chdir(here)


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


def null(path: Path) -> None:
    path.symlink_to("/dev/null")


def link_to_a_pipe(path: Path) -> None:
    os.mkfifo(path.with_name(f"{path.name}-pipe"))
    path.symlink_to(f"{path.name}-pipe")


def broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


def loop(path: Path) -> None:
    path.symlink_to(path.name)


def sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2 * 1024**3)


def link_out(path: Path) -> None:
    path.symlink_to("/etc/passwd")


def link_up(path: Path) -> None:
    outside = path.parents[4] / "outside"
    outside.write_text(DAY.format("Eve"))
    path.symlink_to(outside)


ODD = [pipe, folder, bound_socket, zeros, null, link_to_a_pipe, loop, sparse, link_out]


def below(folder_: Path, name: str) -> Path:
    path = folder_ / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


@pytest.mark.parametrize("make", ODD)
def test_50_configs_must_be_regular_files_of_the_workspace(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(below(tmp_path, CONFIG))
    with pytest.raises(ConfigError) as error:
        load_config(open_workspace(tmp_path), "rocks", "weekly")
    assert (Reason.BAD_CONFIG, CONFIG) == (error.value.rejection.reason, error.value.path)
    assert "passwd" not in str(error.value)


def test_50_a_config_has_at_most_a_megabyte(tmp_path: Path) -> None:
    path = below(tmp_path, CONFIG)
    text = b'{"jira": {"start_date": "2025-10-27", "end_date": "2025-11-02"}}'
    path.write_bytes(text.ljust(SMALL))
    assert load_config(open_workspace(tmp_path), "rocks", "weekly").layers
    path.write_bytes(text.ljust(SMALL + 1))
    with pytest.raises(ConfigError, match=r"1,048,577 bytes; at most 1,048,576 are read"):
        load_config(open_workspace(tmp_path), "rocks", "weekly")


def test_50_a_config_may_be_a_link_inside_the_workspace(tmp_path: Path) -> None:
    below(tmp_path, "configs/all.json").write_text("{}")
    below(tmp_path, CONFIG).symlink_to("../all.json")
    assert [(CONFIG, {})] == load_config(open_workspace(tmp_path), "rocks", "weekly").layers


@pytest.mark.parametrize("make", [make for make in ODD if make is not loop])
def test_50_seeds_env_and_manifest_have_the_same_rules(
    make: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NEON_API_KEY", "secret")
    for name in ("seed_teams.csv", ".env", "uploads.json"):
        make(tmp_path / name)
    if make is not link_out:  # these may be anywhere
        with pytest.raises(ManifestError, match=r"uploads\.json"):
            load_manifest(tmp_path / "uploads.json", "private")
    if make is not folder and make is not link_out:
        with pytest.raises(SettingsError, match=r"seed_teams\.csv"):
            load_teams(tmp_path)
    if make in (pipe, sparse, link_to_a_pipe):  # dotenv ignores everything but files and pipes
        with pytest.raises(SettingsError, match=r"^Cannot read .*\.env: "):
            environment()
        assert redacted("secret") != "secret"


def test_a_seed_or_manifest_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / "seed_teams.csv").write_bytes(b"name\n\xff\n")
    with pytest.raises(SettingsError, match=r"seed_teams\.csv"):
        load_teams(tmp_path)
    manifest = tmp_path / "uploads.json"
    for text in (b"\xff", b"[" * 100_000, b'{"slack": ' + b"1" * 5000 + b"}"):
        manifest.write_bytes(text)
        with pytest.raises(ManifestError, match="not JSON"):
            load_manifest(manifest, "private")
    manifest.write_text("{}".ljust(11))
    with pytest.raises(ManifestError, match="11 bytes; at most 10 are read"):
        load_manifest(manifest, "private", 10)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_50_each_is_a_rejection_and_other_files_load(project: Project) -> None:
    team = project.write(f"{DAILY}/a.md", DAY.format("Ana")).parent
    for make in [*ODD, broken_link, link_up]:
        if make is not folder:
            make(below(team, f"{make.__name__}/x.md"))
    (team / "folder.md").mkdir()
    (team / "folder.md/b.md").write_text(DAY.format("Ben"))
    os.mkfifo(below(project.workspace, CONFIG))
    project.write(JIRA, "# x")
    project.load()
    rows = project.query("select author_name from raw.daily_reports order by 1")
    assert [("Ana",), ("Ben",)] == rows
    found = {path: reason for reason, path, _ in project.rejections()}
    outside = [zeros, null, link_out, link_up]
    expected = {f"{DAILY}/{make.__name__}/x.md": Reason.LINK_OUTSIDE_TEAM for make in outside}
    for make in (pipe, bound_socket, link_to_a_pipe, loop, broken_link):
        expected[f"{DAILY}/{make.__name__}/x.md"] = Reason.UNREADABLE
    expected |= {f"{DAILY}/sparse/x.md": Reason.TOO_LARGE, CONFIG: Reason.BAD_CONFIG}
    assert expected == found


@pytest.mark.parametrize("link", ["daily-reports", "daily-reports/md-output", DAILY])
def test_50_a_link_above_the_files_is_a_rejection(link: str, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    (tmp_path / "outside/md-output/rocks").mkdir(parents=True)
    (tmp_path / "outside/md-output/rocks/secret.md").write_text("x")
    target = "/".join(["outside", *link.split("/")[1:]])
    below(workspace, link).symlink_to(tmp_path / target)
    listing = list_files(open_workspace(workspace), Kind.DAILY_REPORTS, "rocks")
    found = [(file.path, rejection.reason) for file, rejection in listing.rejections]
    assert ([], [(DAILY, Reason.LINK_OUTSIDE_TEAM)]) == (listing.files, found)


def file_became_a_pipe(path: Path, _: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def file_became_a_link(path: Path, outside: Path) -> None:
    path.unlink()
    path.symlink_to(outside / path.name)


def folder_became_a_link(path: Path, outside: Path) -> None:
    path.parent.rename(path.parent.with_name("moved"))
    path.parent.symlink_to(outside)


def root_became_a_link(path: Path, outside: Path) -> None:
    root = path.parents[3]
    root.rename(root.with_name("moved"))
    below(outside, f"x/{DAILY.partition('/')[2]}/sub/a.md").write_text("secret")
    root.symlink_to(outside / "x")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (file_became_a_pipe, NotRegularError),
        (file_became_a_link, OutsideError),
        (folder_became_a_link, OutsideError),
        (root_became_a_link, OutsideError),
    ],
)
@pytest.mark.parametrize("proc", ["/proc/", "none"])
def test_50_files_replaced_after_the_listing(
    change: Callable[[Path, Path], None], error: type[OSError], proc: str, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.md").write_text("secret")
    workspace = open_workspace(tmp_path / "workspace")
    path = below(tmp_path, f"workspace/{DAILY}/sub/a.md")
    path.write_text("x")
    (file,) = list_files(workspace, Kind.DAILY_REPORTS, "rocks").files
    real = os.readlink

    def readlink(path: str, **more: int) -> str:
        if str(path).startswith("/proc/") and proc == "none":  # as on macOS
            raise FileNotFoundError
        return real(path, **more)

    with mock.patch("os.readlink", readlink):
        assert workspace.read(file, 10).data == b"x"
        change(path, outside)
        with pytest.raises(error):
            workspace.read(file, 10)


def test_a_file_that_grows_is_not_read_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"x" * 10)
    assert read_regular(str(path), 10) == b"x" * 10
    with pytest.raises(TooLargeError):
        read_regular(str(path), 9)
    descriptor, found = open_regular(str(path))
    try:
        path.write_bytes(b"x" * 1_000_000)
        with pytest.raises(TooLargeError):
            read_descriptor(descriptor, found.st_size, 100_000)
    finally:
        os.close(descriptor)


@linux_only("/proc")
def test_a_file_of_reported_size_zero_is_read_to_its_end() -> None:
    assert read_regular("/proc/self/status", SMALL).startswith(b"Name:")


def test_50_no_descriptor_stays_open(tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(b"xx")
    os.mkfifo(tmp_path / "pipe")
    before = os.open(tmp_path, os.O_RDONLY)
    os.close(before)
    for name, most in (("large", 1), ("pipe", 1), ("large", 2)):
        with suppress(OSError):
            read_regular(str(tmp_path / name), most, None if most > 1 else "/nowhere")
    after = os.open(tmp_path, os.O_RDONLY)
    os.close(after)
    assert before == after


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    files = fsspec.filesystem("memory")
    yield files
    files.rm("/reports", recursive=True)


def test_50_object_stores_have_the_same_limits(memory: fsspec.AbstractFileSystem) -> None:
    workspace = RemoteWorkspace("memory://reports")
    memory.pipe_file("/reports/a.md", b"x" * 10)
    memory.pipe_file(f"/reports/{DAILY}/empty.md", b"")
    memory.pipe_file(f"/reports/{DAILY}/a.md", b"x" * 10)
    small, empty = sorted(workspace.scan(Kind.DAILY_REPORTS, "rocks", mock.Mock()), key=len_of)
    memory.pipe_file(f"/reports/{CONFIG}", b"x" * (SMALL + 1))
    with pytest.raises(TooLargeError):
        workspace.read_bytes(CONFIG)
    with pytest.raises(ConfigError, match="at most 1,048,576 are read"):
        load_config(workspace, "rocks", "weekly")
    with pytest.raises(NotRegularError):
        workspace.read_bytes("configs")
    with pytest.raises(FileNotFoundError):
        workspace.read_bytes("configs/none.json")
    assert (workspace.read(small, 10).data, workspace.read(empty, 10).data) == (b"x" * 10, b"")
    with pytest.raises(TooLargeError):
        workspace.read(small, 9)
    memory.pipe_file(f"/reports/{DAILY}/a.md", b"x" * 1000)  # changed after the listing
    with pytest.raises(TooLargeError):
        workspace.read(small, 10)


def len_of(file: object) -> int:
    return len(str(file))


def test_a_path_that_cannot_exist_does_not(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path)
    assert not workspace.exists("x" * 5000)
    assert not workspace.exists("loop")
    assert all(not workspace.exists(files.root) for files in KINDS.values())


def test_a_folder_of_many_files_is_read_in_one_pass(tmp_path: Path) -> None:
    """List each folder once, and open each file once (100,000: docs/reliability.md)."""
    count = 200
    team = below(tmp_path, f"{DAILY}/x").parent
    for number in range(count):
        (team / f"{number}.md").touch()
    workspace = open_workspace(tmp_path)
    with mock.patch("os.scandir", wraps=os.scandir) as scans:
        files = list_files(workspace, Kind.DAILY_REPORTS, "rocks").files
    assert (count, 1) == (len(files), scans.call_count)
    with mock.patch("os.open", wraps=os.open) as opened:
        for file in files:
            workspace.read(file, 10)
    assert count == opened.call_count


def test_threads_read_at_once(tmp_path: Path) -> None:
    """The workers of a cluster share a workspace."""
    path = below(tmp_path, f"{DAILY}/a.md")
    path.write_text("x")
    workspace = open_workspace(tmp_path)
    (file,) = list_files(workspace, Kind.DAILY_REPORTS, "rocks").files
    read: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: read.append(workspace.read(file, 10).data))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [b"x"] * 4 == read


def test_a_text_that_its_repair_makes_too_large_is_a_rejection(tmp_path: Path) -> None:
    """A hundred megabytes of NUL would become three hundred."""
    for kind in (Kind.DAILY_REPORTS, Kind.MEETING_TRANSCRIPTS):
        for count, reasons in ((5, [Reason.NUL_REPLACED]), (6, [Reason.TOO_LARGE])):
            result = FileResult(SourceFile(kind, "rocks", "2025-10-27.md", "2025-10-27.md"))
            result.data = b"# x" + b"\0" * count
            configs = TeamConfigs(RunOptions(open_workspace(tmp_path), {}, max_file_bytes=18))
            add_rows(result, configs, lambda: None)
            found = [each.reason for each in result.rejections]
            assert reasons == found[:1]


def test_a_blob_replaced_by_a_pipe_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.md")
    with pytest.raises(BlobError, match="not a regular file"):
        LocalBlobStore(tmp_path).download("local:x.md", list)
