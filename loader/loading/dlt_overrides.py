"""All uses of dlt's undocumented interface. Tested with dlt 1.31.

**The run context.** dlt takes configuration from the environment, the working folder and the user's
home (`FULL_REFRESH=true` renames the dataset, `REFRESH` drops tables; dlt issues 2508 and 2521).
Ours has one provider, with the values below, and keeps dlt's files in the run's folder. It must be
installed before dlt reads its configuration, because the default one starts telemetry. Remove it
when dlt accepts a configuration as an argument.

**The address.** dlt parses an address and renders it without encoding blanks. libpq then refuses it
with a message that contains the password. Remove this when dlt passes an address on unchanged.

**The COPY job.** Each of dlt's jobs opens three connections, and ADBC collects a whole file in
memory before it sends the first row. Remove this when a job streams row groups over a given
connection.

tests/loading/test_dlt_overrides.py fails as soon as one of them is no longer needed.
"""

from operator import attrgetter
from pathlib import Path
from typing import Any

from dlt.common.configuration import configspec
from dlt.common.configuration.container import Container
from dlt.common.configuration.providers import ConfigProvider, CustomLoaderDocProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.run_context import RunContext
from dlt.destinations.impl.postgres.configuration import (
    PostgresClientConfiguration,
    PostgresCredentials,
)
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient, PostgresParquetCopyJob

from loader.loading.adbc import Connections

_CONFIG: dict[str, Any] = {
    "runtime": {"dlthub_telemetry": False, "log_level": "CRITICAL"},
    "providers": {"enable_airflow_secrets": False},
    # raw.files records what is loaded; dlt's state would be a second, slower record.
    "restore_from_destination": False,
    # At most two jobs load at a time, and each reuses the connection of an earlier job.
    "load": {"workers": 2, "delete_completed_jobs": True},
}


class _RunContext(RunContext):
    """A dlt run context with the run's folder and the configuration above."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._folder = str(folder)

    global_dir = run_dir = local_dir = data_dir = property(attrgetter("_folder"))

    def initial_providers(self) -> list[ConfigProvider]:
        return [CustomLoaderDocProvider("loader", lambda: _CONFIG)]


def isolate(folder: Path) -> None:
    """Restrict dlt to the configuration of this module.

    Args:
        folder: The folder for dlt's files.
    """
    Container()[PluggableRunContext] = PluggableRunContext(_RunContext(folder))


def postgres_destination(connections: Connections) -> Any:  # noqa: ANN401 - dlt's own type
    """Return the PostgreSQL destination of a pipeline.

    Args:
        connections: The connections for COPY jobs.
    """
    url = connections.database.pinned

    class CopyJob(PostgresParquetCopyJob):
        _ingest_per_rowgroup = True

        def _connect(self) -> Any:  # noqa: ANN401
            return connections.of_load(self._load_id)

        def run_managed(self, job_client: Any, *args: Any) -> None:  # noqa: ANN401
            job_client.sql_client.open_connection = lambda: None  # this job uses `connections`
            super().run_managed(job_client, *args)

    class Client(PostgresClient):
        def create_load_job(self, table: Any, file_path: str, *args: Any, **more: Any) -> Any:  # noqa: ANN401
            job = super().create_load_job(table, file_path, *args, **more)
            return CopyJob(file_path) if isinstance(job, PostgresParquetCopyJob) else job

    @configspec(init=False)
    class Credentials(PostgresCredentials):
        def to_native_representation(self) -> str:
            return url

    @configspec
    class Configuration(PostgresClientConfiguration):
        credentials: Credentials = None  # type: ignore[assignment]

    class Destination(postgres):
        spec = Configuration  # type: ignore[assignment]

        @property
        def client_class(self) -> type[PostgresClient]:
            return Client

        @property
        def destination_type(self) -> str:
            """Return the name that dlt's own tools import: they do not need these overrides."""
            return "dlt.destinations.postgres"

    return Destination(url, destination_name="postgres")
