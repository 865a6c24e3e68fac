import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

from loader.settings.network import CA_BUNDLES
from tests.support.dbt_server import stay
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.scenes import Scenes
from tests.support.vercel.server import BlobServer

pytest_plugins = ["tests.support.s3", "tests.support.searchable"]

# Tests without dbt run first, while dbt's server starts.
_FIRST = ("tests/parsing/",)
# Long tests start early, so that none runs alone at the end.
_EARLY = (
    "tests/test_new_table.py",
    "tests/studio/",
    "tests/reliability/test_crashes.py",
    "tests/mcp/",
)

# Time limits never decide a test, and a run must be repeatable.
settings.register_profile("few", deadline=None, derandomize=True, max_examples=50)
settings.register_profile("many", settings.get_profile("few"), max_examples=200)


@pytest.fixture(autouse=True)
def _clean_environment(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hide the settings and the `.env` of the user who runs the tests."""
    for name in ("DATABASE_URL", "NEON_ENV", "ENABLE_NEON_DB_STORAGE", "WAREHOUSE_DIR", "DEBUG"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ENABLE_VERCEL_BLOB_UPLOAD", "BLOB_READ_WRITE_TOKEN", "BLOB_ACCESS", "BLOB_STORE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("VERCEL_BLOB_API_URL", "BLOB_CONCURRENCY", "NEON_API_KEY", "NEON_PROJECT_ID"):
        monkeypatch.delenv(name, raising=False)
    for name in ("TEAM", "REPORT_TYPE", "CONFIG_FILE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name in ("HTTPS_PROXY", "NO_PROXY", *CA_BUNDLES):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name in ("DATABASE_URL_DEV", "DATABASE_URL_STAGING", "DATABASE_URL_PROD"):
        monkeypatch.setenv(name, "")
    monkeypatch.chdir(tmp_path_factory.mktemp("cwd"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--all", action="store_true", help="also the tests that take long")
    parser.addoption("--chaos", action="store_true", help="all tries of each sweep, with a table")
    parser.addoption("--seed", type=int, default=20251027, help="of the sweeps' random numbers")


def pytest_configure(config: pytest.Config) -> None:
    is_long = config.getoption("--all") or config.getoption("--chaos")
    settings.load_profile("many" if is_long else "few")


def pytest_xdist_auto_num_workers() -> int:
    """Return one process more than there are cores: tests wait for processes and servers."""
    is_linux = hasattr(os, "sched_getaffinity")
    cores = len(os.sched_getaffinity(0)) if is_linux else os.cpu_count() or 2
    return cores + 1


class _Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Run tests that share scenes in one process: kills of an engine, the searches, the MCP server.

    pytest 9.2 renames items in a way that makes xdist 3.8 ignore its mark `xdist_group`.
    """

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith("tests/mcp/"):
            return "mcp"
        if "/test_search.py::" in nodeid:
            return "search"
        if "/test_kills.py::" not in nodeid:
            return nodeid
        return "duckdb" if "duckdb" in nodeid else "postgres"


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> _Scheduling:
    """Replace `--dist loadgroup`."""
    return _Scheduling(config, log)


def _is_second_engine(item: pytest.Item) -> bool:
    """Return whether a test for either engine is its DuckDB variant, and not a DuckDB-only test."""
    callspec = getattr(item, "callspec", None)
    if not callspec or not item.get_closest_marker("either_engine"):
        return False
    engines = [m.args[1] for m in item.iter_markers("parametrize") if m.args[0] == "engine"]
    is_alone = any(len(each) == 1 for each in engines)
    return not is_alone and bool(callspec.params.get("engine") == "duckdb")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start long tests early; leave some to `make test-all` or `make chaos`."""
    items.sort(
        key=lambda item: (not item.nodeid.startswith(_FIRST), not item.nodeid.startswith(_EARLY))
    )
    if not (config.getoption("--all") or config.getoption("--chaos")):
        left_out = [item for item in items if _is_second_engine(item)]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
        for item in items:
            if item.get_closest_marker("long"):
                item.add_marker(pytest.mark.skip(reason="run by make test-all"))
    if not config.getoption("--chaos"):
        for item in items:
            if item.get_closest_marker("chaos"):
                item.add_marker(pytest.mark.skip(reason="tried by make chaos"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table of the sweeps."""
    config = terminalreporter.config
    if not config.getoption("--chaos"):
        return
    reports = (report for each in terminalreporter.stats.values() for report in each)
    found = [
        dict(value)
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "sweep" and report.when == "teardown"
    ]
    terminalreporter.section(f"chaos, seed {config.getoption('--seed')}")
    columns = ("tries", "exact", "lost", "doubled", "stuck")
    width = max((len(sweep["case"]) for sweep in found), default=0)
    terminalreporter.line(" ".join([f"{'case':{width}}", *(f"{name:>9}" for name in columns)]))
    for sweep in sorted(found, key=lambda sweep: sweep["case"]):
        figures = (f"{sweep[name]:>9,}" for name in columns)
        terminalreporter.line(" ".join([f"{sweep['case']:{width}}", *figures]))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def blob_server() -> Iterator[BlobServer]:
    with BlobServer() as server:
        yield server


@pytest.fixture(scope="session")
def dbt_dir(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a folder shared by all processes of a session, and with it dbt's server."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "dbt" / worker_id
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _dbt_gets_ready(request: pytest.FixtureRequest) -> None:
    """Start dbt's server at once if a test needs it."""
    if any("dbt_dir" in getattr(item, "fixturenames", ()) for item in request.session.items):
        folder: Path = request.getfixturevalue("dbt_dir")
        stay(folder.parent)


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="session")
def scenes(
    tmp_path_factory: pytest.TempPathFactory, dbt_dir: Path, request: pytest.FixtureRequest
) -> Iterator[Scenes]:
    with pytest.MonkeyPatch.context() as patch:
        yield Scenes(request, tmp_path_factory, dbt_dir, patch)


@pytest.fixture
def project(
    engine: str,
    scenes: Scenes,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """Return an empty workspace and an empty database; build its tables with `with_tables`."""
    if request.node.get_closest_marker("with_tables"):
        tables = scenes.made(engine, "tables", lambda project: project.build(contents=True))
        return scenes.copied(tables, tmp_path, monkeypatch)
    return scenes.empty(engine, tmp_path, monkeypatch)


@pytest.fixture
def twin(
    project: Project,
    engine: str,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> Project:
    """Return the same workspace with another empty database."""
    folder = tmp_path / "twin"
    folder.mkdir()
    (folder / "workspace").symlink_to(project.workspace)
    twin = Project(folder, project.dbt_dir, monkeypatch)
    if engine == "postgres":
        server: Postgres = request.getfixturevalue("postgres")
        blobs: BlobServer = request.getfixturevalue("blob_server")
        twin.url = server.create_database("twin")
        twin.store = blobs.new_store()
    return twin


_Copy = Callable[[str], Project]


def _build_example(project: Project) -> None:
    project.copy_example()
    project.load()
    project.build(contents=True)


@pytest.fixture
def copy_built(scenes: Scenes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> _Copy:
    """Return a function that copies the loaded and built example, to be changed."""

    def copy(engine: str) -> Project:
        built = scenes.made(engine, "built", _build_example)
        return scenes.copied(built, tmp_path / engine, monkeypatch)

    return copy


@pytest.fixture
def built(engine: str, copy_built: _Copy) -> Project:
    """Return the loaded and built example, to be changed."""
    return copy_built(engine)
