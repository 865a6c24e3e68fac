"""Each test fails once dlt no longer needs its workaround in loader/loading/dlt_overrides.py."""

import os
import subprocess
import sys
from pathlib import Path

import dlt
from dlt.destinations.impl.postgres.configuration import PostgresCredentials
from dlt.destinations.impl.postgres.postgres import PostgresParquetCopyJob


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


def test_a_dlt_job_buffers_a_file_before_sending() -> None:
    assert PostgresParquetCopyJob._ingest_per_rowgroup is False  # noqa: SLF001
