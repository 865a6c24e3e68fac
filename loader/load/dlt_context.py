"""dlt without its surroundings: no environment variable and no `.dlt` folder reaches it.

dlt takes configuration from the environment, the working folder and the user's home
(`FULL_REFRESH=true` renames the dataset, `REFRESH` drops tables; dlt issues 2508 and 2521). A run
context of our own has one provider, with the values below, and keeps dlt's files in the run's
folder. It must be in place before anything asks dlt for its configuration: the default one starts
telemetry.
"""

from operator import attrgetter
from pathlib import Path
from typing import Any

from dlt.common.configuration.container import Container
from dlt.common.configuration.providers import ConfigProvider, CustomLoaderDocProvider
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.runtime.run_context import RunContext

_CONFIG: dict[str, Any] = {
    "runtime": {"dlthub_telemetry": False, "log_level": "CRITICAL"},
    "providers": {"enable_airflow_secrets": False},
    # raw.files knows what is loaded; dlt's state would be a second, slower memory.
    "restore_from_destination": False,
    # At most two jobs load at a time, each on the connection of the one before.
    "load": {"workers": 2, "delete_completed_jobs": True},
}


class _RunContext(RunContext):
    """The context of a run: its folder, and the configuration above."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder))
        self._folder = str(folder)

    global_dir = run_dir = local_dir = data_dir = property(attrgetter("_folder"))

    def initial_providers(self) -> list[ConfigProvider]:
        return [CustomLoaderDocProvider("loader", lambda: _CONFIG)]


def isolate(folder: Path) -> None:
    """Have dlt use nothing but the configuration of this module.

    Args:
        folder: For its files.
    """
    Container()[PluggableRunContext] = PluggableRunContext(_RunContext(folder))
