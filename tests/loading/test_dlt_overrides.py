"""Each test fails once dlt no longer needs its workaround in loader/loading/dlt_*.py."""

import os
import subprocess
import sys
from pathlib import Path

import dlt
from dlt.destinations.impl.postgres.configuration import PostgresCredentials
from dlt.destinations.impl.postgres.postgres import PostgresParquetCopyJob

from tests.support.project import Project


def test_dlt_takes_its_configuration_from_the_environment(tmp_path: Path) -> None:
    program = "import dlt; print(dlt.config['probe'])"
    environ = {**os.environ, "PROBE": "of the shell", "RUNTIME__DLTHUB_TELEMETRY": "false"}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(
        command, cwd=tmp_path, env=environ, capture_output=True, check=True, text=True
    )
    assert ended.stdout.strip() == "of the shell"
    assert not any("context" in name.lower() for name in dlt.__all__)


def test_dlt_renders_blanks_in_an_address_as_they_are() -> None:
    credentials = PostgresCredentials("postgresql://user:a%20b@host/db")
    assert "a b@host" in credentials.to_native_representation()


def test_dlt_imports_sqlalchemy_to_describe_a_place() -> None:
    program = """if True:
        import sys
        from dlt.destinations.impl.duckdb.configuration import DuckDbCredentials
        before = "sqlalchemy" in sys.modules
        str(DuckDbCredentials("a.duckdb"))
        print(before, "sqlalchemy" in sys.modules)
    """
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, check=True, text=True)
    assert ended.stdout == "False True\n"


def test_a_load_imports_only_the_libraries_of_its_engine(project: Project) -> None:
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    started = project.start("loader", *project.run_args("--quiet"), PYTHONPROFILEIMPORTTIME="1")
    _, told = started.communicate()
    assert started.returncode == 0, told
    imported = {line.rpartition("|")[2].strip() for line in told.splitlines()}
    assert "dlt" in imported
    of_engine = {"psycopg2"} if project.url else set()
    assert of_engine == imported & {"alembic", "dbt", "loader.reading", "psycopg2", "sqlalchemy"}


def test_a_dlt_job_buffers_a_file_before_sending() -> None:
    assert PostgresParquetCopyJob._ingest_per_rowgroup is False  # noqa: SLF001
