"""The product as a user sees it: a workspace, a database, the loader and dbt."""

import contextlib
import csv
import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from zlib import crc32

import pytest

from loader.cli import main
from loader.database.warehouse import Warehouse
from loader.settings import load_settings
from tests.support.dbt_server import run_dbt
from tests.support.documents import short, validated
from tests.support.vercel.store import Store

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/orchestrator"
FINALS = (
    "organizations",
    "teams",
    "report_types",
    "daily_reports",
    "meeting_transcripts",
    "jira_snapshots",
    "slack_captures",
    "generated_reports",
    "report_data_links",
)

# For dbt commands: all but the content tables, which cost as much as the others.
NO_CONTENTS = ("--exclude", "orchestrator_elt.content+")
LOADED = (
    "daily_reports",
    "meeting_transcripts",
    "jira_snapshots",
    "slack_captures",
    "generated_reports",
    "report_data_links",
)
CONTENT_VIEWS = {"meeting", "person_week", "missing_days", "weekly_activity"}
_NO_STORE = dict.fromkeys(("ENABLE_VERCEL_BLOB_UPLOAD", "BLOB_READ_WRITE_TOKEN"), "")


@dataclass(frozen=True)
class Ended:
    """The result of a command."""

    code: int
    out: str
    err: str


@dataclass
class Project:
    """A workspace and its database.

    Args:
        folder: The parent of `workspace/` and the warehouse folder.
        dbt_dir: The folder of dbt's parsed projects, shared between tests.
        url: The PostgreSQL database; None for DuckDB.
        store: The blob store, which only PostgreSQL projects have.
    """

    folder: Path
    dbt_dir: Path
    patch: pytest.MonkeyPatch = field(repr=False)
    url: str | None = None
    store: Store | None = None

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    @property
    def target(self) -> str:
        return "prod" if self.url else "local"

    @property
    def place(self) -> str:
        """The database's name in commands."""
        return str(load_settings(self.target, self.environ).place)

    @property
    def environ(self) -> dict[str, str]:
        place = {"WAREHOUSE_DIR": str(self.folder / "warehouse"), "DATABASE_URL": self.url or ""}
        return place | (self.store.environ if self.store else _NO_STORE)

    def write(self, path: str, content: str | bytes) -> Path:
        file = self.workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file

    def loader(self, *args: str) -> Ended:
        """Run a loader command in this process."""
        for name, value in {**self.environ, **self.parsed_before()}.items():
            self.patch.setenv(name, value)
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = main([*args, "--target", self.target])
            except SystemExit as exit_:
                code = int(exit_.code or 0)
        if "--json" in args and out.getvalue():
            validated(out.getvalue())
        return Ended(code, out.getvalue(), err.getvalue())

    def run_args(self, *args: str) -> list[str]:
        return ["run", "--workspace", str(self.workspace), *args]

    def load(self, *args: str) -> dict[str, Any]:
        """Run the loader successfully; return the summary."""
        ended = self.loader(*self.run_args("--json", *args))
        assert ended.code == 0, ended
        return short(ended.out)

    def dbt(self, *args: str, environ: dict[str, str] | None = None) -> Ended:
        """Run a dbt command in a separate process."""
        log = self.folder / "dbt.out"
        # Both take as long as the rest; `start` writes its log.
        place = {"DBT_WRITE_JSON": str("docs" in args), "DBT_LOG_LEVEL_FILE": "none"}
        own = self._dbt_environ(*args)
        environ = {**os.environ, **self.environ, **own, **place, **(environ or {})}
        command = ["--no-use-colors", *args, "--target", self.target]
        code = run_dbt(command, self.folder, environ, log, self.dbt_dir.parent)
        return Ended(code, log.read_text(), "")

    def parsed(self, *args: str) -> Path:
        """Return the folder of the project as parsed by commands for this database and variables.

        For other variables, dbt parses again, which takes two seconds.
        """
        variables = args[args.index("--vars") + 1] if "--vars" in args else ""
        return self.dbt_dir / f"{self.target}-{crc32(f'{self.url} {variables}'.encode()):x}"

    def parsed_before(self) -> dict[str, str]:
        """Return the folder of the project as an earlier command parsed it for this database.

        dbt then parses only differences, such as a checkout's changed files, instead of 10 s.
        """
        path = self.parsed() / "partial_parse.msgpack"
        return {"DBT_PARTIAL_PARSE_FILE_PATH": str(path) if path.exists() else ""}

    def _dbt_environ(self, *args: str) -> dict[str, str]:
        (self.folder / "warehouse").mkdir(exist_ok=True)
        return {
            "WAREHOUSE_DIR": "warehouse",
            "DBT_PROJECT_DIR": str(ROOT),
            "DBT_PROFILES_DIR": str(ROOT),
            "DBT_TARGET_PATH": str(self.parsed(*args)),
            "DBT_LOG_PATH": str(self.folder / "logs"),
            "DBT_WRITE_JSON": "false",
            "DBT_PARTIAL_PARSE_FILE_PATH": "",  # that of its target path
        }

    def start(
        self, command: Literal["loader", "dbt"], *args: str, **environ: str
    ) -> subprocess.Popen[str]:
        """Start a command in a real process; `environ` adds to its variables."""
        program = {
            "loader": [sys.executable, "-m", "loader"],
            "dbt": [str(Path(sys.executable).parent / "dbt"), "--no-use-colors"],
        }[command]
        place = self._dbt_environ(*args) if command == "dbt" else self.parsed_before()
        path = {"PYTHONPATH": f"{ROOT / 'tests/reliability/faults'}{os.pathsep}{ROOT}"}
        return subprocess.Popen(
            [*program, *args, "--target", self.target],
            cwd=self.folder,
            env={**os.environ, **self.environ, **place, **path, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Reset the signal: a background job of a shell would ignore it.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )

    def build(self, *args: str, contents: bool = False) -> None:
        """Seed and build all tables, without tests; the content tables only if they matter.

        A plain build skips existing tables that no load changes: half of its time.
        """
        kinds = ["test", "unit_test"]
        tables = () if contents else NO_CONTENTS
        if not args and self._is_seeded():
            kinds.append("seed")
            if self._has_what_no_load_changes(contents=contents):
                tables = ("--select", *LOADED, *(("orchestrator_elt.content",) if contents else ()))
        ended = self.dbt("build", "--exclude-resource-type", *kinds, *tables, *args)
        assert ended.code == 0, ended.out

    def _has_what_no_load_changes(self, *, contents: bool) -> bool:
        """Return whether the views and the rows of the seeds exist."""
        views = {path.stem for path in (ROOT / "dbt_project/models/reporting").glob("*.sql")}
        there = self.query(
            "select table_name from information_schema.tables"
            " where table_schema in ('public', 'reporting')"
        )
        expected = {*FINALS, *views} - (set() if contents else CONTENT_VIEWS)
        if expected - {name for (name,) in there}:
            return False
        names = "select name from {} where name is not null order by name"
        return all(
            self.query(names.format(f"seeds.seed_{table}"))
            == self.query(names.format(f"public.{table}"))
            for table in ("organizations", "teams", "report_types")
        )

    def _is_seeded(self) -> bool:
        """Return whether the tables of the seeds exist, with exactly the files' rows."""
        if not self.url and not (self.folder / "warehouse/warehouse.duckdb").exists():
            return False
        files = {path.stem: path for path in (ROOT / "seeds").glob("*.csv")}
        tables = "select table_name from information_schema.tables where table_schema = 'seeds'"
        if {name for (name,) in self.query(tables)} != set(files):
            return False
        for name, path in files.items():
            with path.open(encoding="utf-8-sig", newline="") as file:
                _, *rows = csv.reader(file)
            expected = sorted(str([cell or None for cell in row]) for row in rows if any(row))
            if expected != sorted(str([*row]) for row in self.query(f"select * from seeds.{name}")):
                return False
        return True

    def load_and_build(self, *, contents: bool = False) -> None:
        self.load()
        self.build(contents=contents)

    def start_over(self) -> None:
        """Empty the database and the blob store, and remove the working folder."""
        shutil.rmtree(self.folder / "warehouse", ignore_errors=True)
        if self.url:
            with self.warehouse() as warehouse:
                for schema in ("content", "public", "raw", "seeds", "bookkeeping", "reporting"):
                    warehouse.execute(f"drop schema if exists {schema} cascade")
                warehouse.execute("create schema public")
        if self.store:
            self.store.files.clear()
            self.store.log.clear()

    def query(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self.warehouse(is_read_only=True) as warehouse:
            return warehouse.fetch(statement, params)

    def execute(self, statement: str) -> None:
        """Change the database directly."""
        with self.warehouse() as warehouse:
            warehouse.execute(statement)

    @contextlib.contextmanager
    def warehouse(self, *, is_read_only: bool = False) -> Iterator[Warehouse]:
        settings = load_settings(self.target, self.environ)
        with Warehouse(settings, is_read_only=is_read_only) as warehouse:
            yield warehouse

    def rejections(self) -> list[tuple[str, str, int | None]]:
        """Return reason, path and line of all rejections ever recorded."""
        return self.query(
            "select reason, source_path, line_number from raw.rejections order by 2, 3, 1"
        )

    def outcomes(self) -> dict[str, str]:
        """Return the outcome of the latest reading of each path."""
        return dict(
            self.query(
                "select distinct on (source_path) source_path, outcome from raw.files"
                " order by source_path, loaded_at desc"
            )
        )

    def blobs(self) -> dict[str, bytes]:
        """Return all stored blobs, by name."""
        if self.store:
            return {key: file.data for key, file in self.store.files.items()}
        root = self.folder / "warehouse/blobs"
        files = (path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in files}

    def copy_example(self) -> None:
        """Copy the example into the workspace."""
        shutil.copytree(EXAMPLE, self.workspace, dirs_exist_ok=True)
