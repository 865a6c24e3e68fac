"""Only their user can read the loader's files, whatever the shell's umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from loader.cli import main
from loader.guards.private import close_to_others
from tests.support.modes import wrong_modes
from tests.support.project import Project


@pytest.fixture(autouse=True)
def _open_by_default() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    assert os.umask(before) == 0o000  # no command changes it for others


@pytest.mark.parametrize("engine", ["duckdb"])
def test_the_modes_of_a_runs_files(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Check blobs, dlt's folder, the lock and the database. Parts: tests/extract/test_parts.py."""
    monkeypatch.chdir(project.folder)
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    before = {path.name for path in project.folder.iterdir()}
    project.load()
    warehouse = project.folder / "warehouse"
    made = {path.name for path in warehouse.iterdir()}
    assert made >= {"blobs", "dlt", "warehouse.duckdb"}
    assert wrong_modes(warehouse) == {}
    assert {path.name for path in project.folder.iterdir()} == before | {"warehouse"}


def test_modes_of_existing_files_are_restricted_if_they_are_ours(tmp_path: Path) -> None:
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
def test_a_command_restricts_the_modes_of_dbts_files(project: Project) -> None:
    folder = project.folder / "warehouse"
    (folder / "dbt").mkdir(parents=True)
    folder.chmod(0o700)
    with project.warehouse() as warehouse:
        warehouse.execute("select 1")
    (folder / "warehouse.duckdb").chmod(0o644)
    assert project.loader("status").code == 0
    assert wrong_modes(folder) == {}


def test_a_command_that_fails_leaves_the_umask(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "nothing" in capsys.readouterr().err
