"""dlt's PostgreSQL destination, with the address as it is and few connections.

dlt takes an address apart, strips the password, and renders blanks as they are: libpq then refuses
it, and quotes the password. Each of its jobs opens three connections; here, each job takes over the
connection of the one before. Tried with dlt 1.31.
"""

from typing import Any

from dlt.common.configuration import configspec
from dlt.destinations.impl.postgres.configuration import (
    PostgresClientConfiguration,
    PostgresCredentials,
)
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient, PostgresParquetCopyJob

from loader.load.adbc import Connections


def destination(connections: Connections) -> Any:  # noqa: ANN401 - dlt's own type
    """The destination for a pipeline.

    Args:
        connections: For its COPY jobs.
    """
    url = connections.database.pinned

    class CopyJob(PostgresParquetCopyJob):
        # Otherwise ADBC gathers the whole file in memory before it sends the first row.
        _ingest_per_rowgroup = True

        def _connect(self) -> Any:  # noqa: ANN401
            return connections.of_load(self._load_id)

        def run_managed(self, job_client: Any, *args: Any) -> None:  # noqa: ANN401
            job_client.sql_client.open_connection = lambda: None  # this job uses the one above
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

    return Destination(url, destination_name="postgres")
