"""What the loader keeps is for its user alone, whatever the shell's umask and whoever was there."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.cli import main
from loader.private import close_to_others
from tests.support.project import Project


@pytest.fixture(autouse=True)
def _open_by_default() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    assert os.umask(before) == 0o000  # no command changes it for others


def modes(folder: Path) -> dict[str, int]:
    """What of the modes is not as it should be: 0700 for folders, 0600 for files."""
    wrong = {}
    for path in folder.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if not path.is_symlink() and mode != (0o700 if path.is_dir() else 0o600):
            wrong[str(path.relative_to(folder))] = mode
    return wrong


@pytest.mark.parametrize("engine", ["duckdb"])
def test_what_a_run_makes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts, blobs, dlt's folder, the lock and the database, by this process and by others."""
    monkeypatch.chdir(project.folder)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    before = {path.name for path in project.folder.iterdir()}
    project.load("--engine", "local")
    warehouse = project.folder / "warehouse"
    made = {path.name for path in warehouse.iterdir()}
    assert made >= {"blobs", "dlt", "parts", "warehouse.duckdb"}
    assert stat.S_IMODE(warehouse.stat().st_mode) == 0o700
    assert modes(warehouse) == {}
    assert {path.name for path in project.folder.iterdir()} == before | {"warehouse"}


def test_what_was_there_is_closed_if_it_is_ours(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder = tmp_path / "warehouse"
    ours = [folder / name for name in ("blobs", "dbt", "dlt", "runs")]
    strangers = [folder / "notes", elsewhere]
    for path in (*ours, *strangers):
        path.mkdir(parents=True)
    (folder / "parts").symlink_to(elsewhere)
    files = [folder / "warehouse.duckdb", folder / "warehouse.duckdb.wal", folder / "notes.txt"]
    for path in files:
        path.touch()
    close_to_others(folder)
    assert {stat.S_IMODE(path.stat().st_mode) for path in ours} == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, *strangers)} == {0o777}
    assert [stat.S_IMODE(path.stat().st_mode) for path in files] == [0o600, 0o600, 0o666]
    close_to_others(tmp_path / "nowhere")


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_command_closes_what_dbt_made(project: Project) -> None:
    folder = project.folder / "warehouse"
    (folder / "dbt").mkdir(parents=True)
    with project.warehouse() as warehouse:
        warehouse.execute("select 1")
    (folder / "warehouse.duckdb").chmod(0o644)
    assert project.loader("status").code == 0
    assert modes(folder) == {}


def test_a_command_that_fails_leaves_the_umask(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "nothing" in capsys.readouterr().err
