"""A DuckDB file that is damaged, of another kind, or in use."""

import shutil
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from loader.database.dbt_plugin import Plugin
from loader.database.duckdb_file import open_file
from loader.database.sessions import Sessions
from loader.errors import WarehouseError
from loader.settings import load_settings
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
HOLD = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=sys.argv[2] == "True")
print("held", flush=True)
sys.stdin.read()
"""
COMMANDS = (
    ["status"],
    ["check"],
    ["verify"],
    ["ids"],
    ["forget", "--path", "x", "--dry-run"],
    ["prune", "--keep", "1", "--yes"],
    ["drop", "--yes-i-mean", "warehouse.duckdb"],
)
NEW_FILE = "&& python -m loader run --target local --workspace DIR && dbt build --target local"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("good") / "warehouse.duckdb"
    with duckdb.connect(path) as connection:
        connection.execute("create schema raw")
        connection.execute("create table raw.files as select md5(range::text) from range(200000)")
    return path.read_bytes()


def checksummed(header: bytes) -> bytes:
    """Return a main header with its checksum."""
    checksum = 5381
    for (word,) in struct.iter_unpack("<Q", header[8:4096]):
        checksum ^= (word * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    return struct.pack("<Q", checksum) + header[8:]


def of_version(data: bytes, version: int) -> bytes:
    return checksummed(data[:12] + struct.pack("<Q", version) + data[20:4096]) + data[4096:]


def flipped(data: bytes, *positions: int) -> bytes:
    changed = bytearray(data)
    for position in positions:
        changed[position] ^= 0xFF
    return bytes(changed)


FORMS: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "empty": (lambda _: b"", "is damaged: it is empty"),
    "text": (lambda _: b"hello\n", "is damaged"),
    "long text": (lambda _: b"hello\n" * 5000, "or not a DuckDB file"),
    "zeros": (lambda _: bytes(50000), "or not a DuckDB file"),
    "SQLite": (lambda _: b"SQLite format 3\0" + bytes(5000), "or not a DuckDB file"),
    "wrong magic": (lambda data: data[:8] + b"KCUD" + data[12:], "or not a DuckDB file"),
    "ten bytes": (lambda data: data[:10], "is damaged"),
    "a hundred bytes": (lambda data: data[:100], "is damaged"),
    "one header": (lambda data: data[:8192], "is damaged"),
    "three headers": (lambda data: data[:12288], "is damaged"),
    "half": (lambda data: data[: len(data) // 2], "is damaged"),
    "all but one": (lambda data: data[:-1], "is damaged"),
    "headers": (lambda data: flipped(data, 5000, 9000), "is damaged"),
    "everywhere": (lambda data: flipped(data, *range(20000, len(data), 500)), "is damaged"),
    "newer": (lambda data: of_version(data, 900), "was written by a newer DuckDB"),
    "older": (lambda data: of_version(data, 10), "was written by an older DuckDB"),
}


def file_of(project: Project) -> Path:
    path = project.folder / "warehouse/warehouse.duckdb"
    path.parent.mkdir(exist_ok=True)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file(project: Project, good: bytes, form: str) -> None:
    damage, words = FORMS[form]
    path = file_of(project)
    path.write_bytes(damage(good))
    before = path.read_bytes()
    is_tried_with_all = form in {"text", "half", "newer"}
    for args in (*COMMANDS, project.run_args()) if is_tried_with_all else COMMANDS[:1]:
        ended = project.loader(*args)
        said = ended.out if args == ["check"] else ended.err
        said = said.replace(str(project.workspace), "DIR")  # a run names the one that it was given
        assert ended.code == 1, (args, ended)
        assert "waiting" not in ended.err
        if args != ["check"]:
            assert words in said
            assert f"mv {path} {path.with_name('damaged-warehouse.duckdb')} {NEW_FILE}" in said
            assert len(said.splitlines()) == 2, said
        assert "Traceback" not in said
        assert path.read_bytes() == before
    with pytest.raises(RuntimeError, match=r"damaged-warehouse\.duckdb && python -m loader run"):
        plugin().update_connection_config(SimpleNamespace(path=str(path)), {})


def test_a_folder_with_the_files_name(project: Project) -> None:
    file_of(project).mkdir()
    ended = project.loader("status")
    assert ended.code == 1
    assert "is a folder, not a DuckDB file.\nMake a new file from the workspace: mv" in ended.err


def test_a_wal_file_moves_with_its_database(project: Project, good: bytes) -> None:
    path = file_of(project)
    path.write_bytes(good[:5000])
    path.with_name("warehouse.duckdb.wal").write_bytes(b"x")
    moved = path.with_name("damaged-warehouse.duckdb.wal")
    assert f"{path}.wal {moved} &&" in project.loader("status").err


def test_a_damaged_block_is_an_error_when_read(built: Project) -> None:
    path = file_of(built)
    data = path.read_bytes()
    for position in range(12288 + 1000, len(data), 262144):
        path.write_bytes(flipped(data, position))
        ended = built.loader("status")
        if ended.code:
            break
    assert f"{path} is damaged: " in ended.err
    assert NEW_FILE in ended.err
    path.write_bytes(data)
    assert built.loader("status").code == 0


def test_the_suggested_command_makes_a_new_file(built: Project) -> None:
    """Check that the suggested commands suffice."""
    path = file_of(built)
    path.write_bytes(path.read_bytes()[:5000])
    hint = built.loader("status").err.splitlines()[1]
    move = hint.partition("workspace: ")[2].partition(" && ")[0]
    subprocess.run(move, shell=True, check=True)
    built.load()
    assert built.loader("status").code == 0


@contextmanager
def held(path: Path, *, is_read_only: bool = False) -> Iterator[subprocess.Popen[str]]:
    """Keep the file open in another process."""
    command = [sys.executable, "-c", HOLD, str(path), str(is_read_only)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, text=True, stdin=pipe, stdout=pipe) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def plugin() -> Plugin:
    return Plugin(name="dbt_plugin", plugin_config={}, credentials=None)


@pytest.mark.parametrize("is_read_only", [False, True])
def test_a_file_in_use(
    project: Project, good: bytes, monkeypatch: pytest.MonkeyPatch, *, is_read_only: bool
) -> None:
    """A reader blocks writers, but not other readers."""
    path = file_of(project)
    path.write_bytes(good)
    monkeypatch.setattr("loader.database.duckdb_file.PATIENCE", 0.05)
    monkeypatch.setattr("loader.database.sessions._PATIENCE", 0)
    with held(path, is_read_only=is_read_only) as process:
        holder = f"{path} is in use by {Path(sys.executable).resolve().name} (PID {process.pid})"
        writing = [["prune", "--keep", "1", "--yes"], project.run_args()]
        for args in writing if is_read_only else [["status"], ["verify"], *writing]:
            ended = project.loader(*args)
            assert ended.code == 1
            waiting, *error = ended.err.splitlines()
            assert waiting == f"{path} is in use. Waiting 0 seconds for it."
            assert error == [
                f"Error: {holder}.",
                "Wait for it to end, or end it. Then run the same command again.",
            ]
        builder = plugin()
        for _ in range(2):  # dbt tries once per connection; the second one does not wait
            with pytest.raises(RuntimeError, match="is in use by"):
                builder.update_connection_config(SimpleNamespace(path=str(path)), {})
            monkeypatch.setattr("loader.database.duckdb_file.PATIENCE", 1e9)
        studio = Sessions(load_settings("local", project.environ))
        with pytest.raises(WarehouseError, match="is in use by"), studio.writing():
            pass
        if is_read_only:
            open_file(path, is_read_only=True).close()


def test_a_file_in_use_is_waited_for(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with held(file_of(built)) as process:

        def end_it(_: float) -> None:
            process.kill()
            process.wait()

        monkeypatch.setattr("loader.blobs.retry.time.sleep", end_it)
        ended = built.loader("status")
    assert ended.code == 0
    assert ended.err.count("\n") == 1
    assert "is in use. Waiting 30 seconds for it." in ended.err


def test_the_studio_keeps_nothing_open(built: Project) -> None:
    """A build opens the file while a page is open."""
    settings = load_settings("local", built.environ)
    connections = Sessions(settings)
    with connections.reading() as session:
        session.fetch("select 1")
    with connections.writing() as session:
        session.fetch("select 1")
    with held(file_of(built)):
        pass


def test_a_disk_that_is_full_and_a_folder_that_cannot_be_written(
    project: Project, tmp_path: Path
) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "none", str(place)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, check=False).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    try:
        project.patch.setattr(Project, "environ", {"WAREHOUSE_DIR": str(place / "w")})
        ended = project.loader(*project.run_args())
        assert (ended.code, "No space left on device" in ended.err) == (1, True), ended
        assert "Free some space" in ended.err
        shutil.rmtree(place / "w")
        subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        ended = project.loader(*project.run_args())
        assert (ended.code, "Read-only file system" in ended.err) == (1, True), ended
        assert "set WAREHOUSE_DIR to another folder" in ended.err
        assert '"disk"' in project.loader("check", "--json").out
        assert "cannot be written" in project.loader("check").out
    finally:
        subprocess.run(["umount", place], check=True)


VERSION = "select tags['storage_version'] from duckdb_databases() where not internal"
READ_ALL = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
tables = connection.execute("select table_schema, table_name from information_schema.tables")
for schema, name in tables.fetchall():
    connection.execute(f'select count(columns(*)) from "{schema}"."{name}"').fetchall()
    print(schema, name)
"""


@pytest.mark.with_tables
def test_a_new_file_has_the_oldest_format_and_an_old_one_keeps_its_own(
    project: Project, tmp_path: Path
) -> None:
    assert project.query(VERSION) == [("v1.0.0+",)]  # written by dbt
    project.execute("checkpoint")
    assert project.query(VERSION) == [("v1.0.0+",)]
    newer = tmp_path / "newer.duckdb"
    with duckdb.connect(newer) as connection:
        before = connection.execute(VERSION).fetchall()
    with open_file(newer, is_read_only=False) as connection:
        connection.execute("create table more as select 1 as number")
        assert connection.execute(VERSION).fetchall() == before != [("v1.0.0+",)]


@pytest.mark.long
def test_duckdb_1_reads_all_tables(built: Project, tmp_path: Path) -> None:
    python = tmp_path / "venv/bin/python"
    for command in (
        [sys.executable, "-m", "venv", str(tmp_path / "venv")],
        [str(python), "-m", "pip", "install", "--quiet", "duckdb==1.*"],
    ):
        ended = subprocess.run(command, capture_output=True, check=False, text=True)
        if ended.returncode:
            pytest.skip(f"pip cannot install duckdb 1: {ended.stderr[-200:]}")
    built.execute("checkpoint")  # dbt in these tests does not close the file
    file = str(built.folder / "warehouse/warehouse.duckdb")
    read = subprocess.run(
        [str(python), "-c", READ_ALL, file], capture_output=True, check=False, text=True
    )
    assert read.returncode == 0, read.stderr
    assert {"public daily_reports", "reporting team_week"} <= set(read.stdout.splitlines())
