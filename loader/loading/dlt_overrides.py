"""Our use of dlt's undocumented interface, with dlt_postgres.py. Tested with dlt 1.31.

**The run context.** dlt takes configuration from the environment, the working folder and the user's
home (`FULL_REFRESH=true` renames the dataset, `REFRESH` drops tables; dlt issues 2508 and 2521).
Ours has one provider, with the values below, and keeps dlt's files in the run's folder. It must be
installed before dlt reads its configuration, because the default one starts telemetry. Remove it
when dlt accepts a configuration as an argument.

**SQLAlchemy.** dlt imports it, for 0.3 s, to describe the place of a load. Remove this when a load
into DuckDB no longer imports it.

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
from dlt.destinations.impl.duckdb.configuration import DuckDbClientConfiguration
from dlt.destinations.impl.duckdb.factory import duckdb

_CONFIG: dict[str, Any] = {
    "dlthub_telemetry": False,
    "log_level": "CRITICAL",
    "enable_airflow_secrets": False,
    # raw.files records what is loaded; dlt's state would be a second, slower record.
    "restore_from_destination": False,
    "delete_completed_jobs": True,
}


class _Configuration(CustomLoaderDocProvider):
    """Values by key alone: with sections, dlt looks up each key ten times, for 0.1 s in all."""

    @property
    def supports_sections(self) -> bool:
        return False


class _RunContext(RunContext):
    """A dlt run context with the run's folder and the configuration above."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._folder = str(folder)

    global_dir = run_dir = local_dir = data_dir = property(attrgetter("_folder"))

    def initial_providers(self) -> list[ConfigProvider]:
        return [_Configuration("loader", lambda: _CONFIG)]


def isolate(folder: Path) -> None:
    """Restrict dlt to the configuration of this module.

    Args:
        folder: The folder for dlt's files.
    """
    Container()[PluggableRunContext] = PluggableRunContext(_RunContext(folder))


def duckdb_destination(connection: Any) -> Any:  # noqa: ANN401 - dlt's own type
    """Return the DuckDB destination of a pipeline.

    Args:
        connection: The writer's connection, so that this process keeps the file from the first
            query on.
    """

    @configspec(init=False)
    class Configuration(DuckDbClientConfiguration):
        def __str__(self) -> str:
            return str(self.credentials.database)

    class Destination(duckdb):
        spec = Configuration

        @property
        def destination_type(self) -> str:
            """Return the name that dlt's own tools import: they do not need these overrides."""
            return "dlt.destinations.duckdb"

    return Destination(connection, destination_name="duckdb")
