"""Sessions of one process that read a DuckDB file."""

from pathlib import Path

import duckdb
import pytest

from loader.database.sessions import Sessions
from loader.errors import WarehouseError
from loader.settings import load_settings


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a file in a folder whose name must be quoted."""
    (tmp_path / "it's [here]").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "it's [here]")
    file = tmp_path / "link/warehouse.duckdb"
    fill(file, 1)
    return file


@pytest.fixture
def sessions(path: Path) -> Sessions:
    return Sessions(load_settings("local", {"WAREHOUSE_DIR": str(path.parent)}))


def fill(path: Path, number: int) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema if not exists public")
        connection.execute(f"create or replace table public.teams as select {number} as number")
        connection.execute("create or replace view public.names as from warehouse.public.teams")


def open_files() -> set[Path]:
    return {each.resolve() for each in Path("/proc/self/fd").iterdir()}


def numbers(sessions: Sessions) -> list[tuple[int]]:
    with sessions.reading() as session:
        return session.fetch("select number from teams").rows


def test_a_session_reads_no_other_file(sessions: Sessions, tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n")
    with sessions.reading() as session:
        assert session.ask("select number from names", 1).rows == [(1,)]
        for statement in (
            f"from read_csv('{tmp_path}/other.csv')",
            f"attach '{tmp_path}/other.duckdb' as other",
            "set enable_external_access = true",
            "insert into teams values (2)",
        ):
            with pytest.raises((WarehouseError, duckdb.Error)):
                session.fetch(statement)
    assert numbers(sessions) == [(1,)]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="lists the open files of Linux")
def test_the_last_session_gives_the_file_back(sessions: Sessions, path: Path) -> None:
    with sessions.reading() as first:
        with sessions.reading() as second:
            second.fetch("select number from teams")
        assert first.fetch("select number from teams").rows == [(1,)]
        next(first.batches("select * from teams, range(100000)", [], 10))
        assert path.resolve() in open_files()
    assert path.resolve() not in open_files()
    # Nothing of the old file is kept.
    path.unlink()
    fill(path, 2)
    assert numbers(sessions) == [(2,)]


def test_a_writer_and_readers_wait_for_each_other(
    sessions: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loader.database.sessions._PATIENCE", 0)
    used = pytest.raises(WarehouseError, match="in use by another session of this process")
    with sessions.reading(), used, sessions.writing():
        pass
    with sessions.writing() as session:
        session.execute("update teams set number = 3")
        with used, sessions.reading():
            pass
    assert numbers(sessions) == [(3,)]


def test_a_file_that_cannot_be_attached_is_attached_later(sessions: Sessions, path: Path) -> None:
    good = path.read_bytes()
    path.write_bytes(good[:5000])
    with pytest.raises(WarehouseError, match="is damaged"):
        numbers(sessions)
    path.write_bytes(good)
    assert numbers(sessions) == [(1,)]


def test_an_engine_that_ended_is_started_again(sessions: Sessions) -> None:
    with sessions.reading():
        sessions.close()
    assert numbers(sessions) == [(1,)]
