"""Our PostgreSQL destination for dlt, by its undocumented interface. Tested with dlt 1.31.

**The address.** dlt parses an address and renders it without encoding blanks. libpq then refuses it
with a message that contains the password. Remove this when dlt passes an address on unchanged.

**SQLAlchemy.** dlt imports it, for 0.3 s, to parse and describe an address. Remove this when a load
into PostgreSQL no longer imports it.

**The COPY job.** Each of dlt's jobs opens three connections, and ADBC collects a whole file in
memory before it sends the first row. Remove this when a job streams row groups over a given
connection.

tests/loading/test_dlt_overrides.py fails as soon as one of them is no longer needed.
"""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from dlt.common.configuration import configspec
from dlt.destinations.impl.postgres.configuration import (
    PostgresClientConfiguration,
    PostgresCredentials,
)
from dlt.destinations.impl.postgres.factory import postgres
from dlt.destinations.impl.postgres.postgres import PostgresClient, PostgresParquetCopyJob

from loader.loading.adbc import Connections


def postgres_destination(connections: Connections) -> Any:  # noqa: ANN401 - dlt's own type
    """Return the PostgreSQL destination of a pipeline.

    Args:
        connections: The connections for COPY jobs.
    """
    database = connections.database
    url = database.pinned

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
        def parse_native_representation(self, _: Any) -> None:  # noqa: ANN401
            self.host, self.port = database.host, database.port or self.port
            self.database, self.username, self.password = database.database, database.user, ""
            self.query = dict(parse_qsl(urlsplit(url).query))

        def to_native_representation(self) -> str:
            return url

    @configspec
    class Configuration(PostgresClientConfiguration):
        credentials: Credentials = None  # type: ignore[assignment]

        def __str__(self) -> str:
            return str(database)

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
