"""A plugin of dbt-duckdb (profiles.yml), so that a build opens the DuckDB file like the loader.

dbt-duckdb shows a traceback for a file that is damaged or in use.

Issue: none known. Tested with dbt-core 1.12.6, dbt-duckdb 1.11.1.
Remove it when dbt-duckdb turns duckdb.Error, which is no RuntimeError, into a message.
"""

import logging
import sys
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.plugins import BasePlugin

from loader.database.duckdb_file import open_file
from loader.errors import WarehouseError


class Plugin(BasePlugin):
    """Wait for the file, and explain why it cannot be opened."""

    def initialize(self, plugin_config: dict[str, Any]) -> None:  # noqa: ARG002 - dbt's interface
        """Log that the build is waiting."""
        self._problem = ""
        log = logging.getLogger("loader")
        log.handlers[:], log.propagate = [logging.StreamHandler(sys.stderr)], False

    def update_connection_config(self, creds: Any, config: dict[str, Any]) -> None:  # noqa: ANN401, ARG002
        """Open and close the file right before dbt opens it.

        Raises:
            RuntimeError: The file cannot be opened.
        """
        if not self._problem:
            try:
                path = Path(creds.path)
                path.parent.mkdir(parents=True, exist_ok=True)
                open_file(path, is_read_only=False).close()
            except WarehouseError as error:
                self._problem = str(error)
        if self._problem:  # dbt calls this once per connection
            raise RuntimeError(self._problem)
