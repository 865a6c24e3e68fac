"""Run dlt: define and migrate the raw tables, and load Parquet files."""

import contextlib
import importlib.util
from collections.abc import Callable, Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader.database import duckdb_file, refusals
from loader.database.warehouse import Warehouse
from loader.errors import LoaderError, SettingsError, WarehouseError
from loader.loading.adbc import Connections
from loader.settings import Settings
from loader.tables import DATASET, RAW_TABLES, TABLES
from loader.tables.arrow import database_columns

if TYPE_CHECKING:
    import pyarrow as pa

    from loader.loading.files import LoadFile

AGAIN = "Nothing of this run counts. Run the same command again."
JOBS = 2  # load at the same time; each reuses the connection of an earlier one
_TYPES = {"string": "text", "int64": "bigint", "date32[day]": "date"}
_ADBC_DRIVERS = ("adbc_driver_manager", "adbc_driver_postgresql")
_SCHEMA = "workspace"

Columns = Mapping[str, Collection[str]]


class Pipeline:
    """A dlt pipeline into a target's raw tables.

    Args:
        settings: The settings of the target.
        warehouse: The connection of the writer.
        connections: The connections for COPY into PostgreSQL; None for DuckDB.
        folder: dlt's working folder.
    """

    def __init__(
        self,
        settings: Settings,
        warehouse: Warehouse,
        connections: Connections | None,
        folder: Path,
    ) -> None:
        from loader.loading.dlt_overrides import (  # noqa: PLC0415 - half a second
            duckdb_destination,
            isolate,
        )

        isolate(folder)
        import dlt  # noqa: PLC0415 - half a second

        self._settings = settings
        self.folder = folder / settings.pipeline_name
        if connections:
            missing = [name for name in _ADBC_DRIVERS if not importlib.util.find_spec(name)]
            if missing:  # without it, dlt would fall back to inserts and only log that
                message = f"{' and '.join(missing)} not installed. Install them: make setup"
                raise SettingsError(message)
            from loader.loading.dlt_postgres import postgres_destination  # noqa: PLC0415

            destination = postgres_destination(connections)
        else:
            destination = duckdb_destination(warehouse.duckdb)
        self._pipeline = dlt.pipeline(
            settings.pipeline_name,
            destination=destination,
            dataset_name=DATASET,
            pipelines_dir=str(folder),
        )

    def migrate(self, columns: Columns, mark: str) -> None:
        """Create the raw tables that are missing, and add the columns that are.

        Args:
            columns: The columns of the existing tables.
            mark: A text that makes the schema new to dlt. dlt compares a schema with the tables
                only once, so tables that were dropped by hand later would stay missing.

        Raises:
            WarehouseError: The database refused the migration.
        """
        schema = _schema(columns, mark)
        with self._explain_errors():
            self._pipeline.extract(_source(schema))
            self._pipeline.sync_schema()

    def extract(self, write_files: "Callable[[str], dict[str, LoadFile]]") -> str:
        """Hand the rows over to dlt. No row is in the database yet.

        Args:
            write_files: Writes the files of a load; takes the load's id, returns files by table.

        Returns:
            The load's id.
        """
        with self._explain_errors():
            info = self._pipeline.extract(_source(_schema({}, ""), write_files))
        (load_id,) = info.loads_ids
        return str(load_id)

    def load(self) -> None:
        """Load the extracted files.

        Raises:
            WarehouseError: The database refused the load or the connection was lost.
        """
        with self._explain_errors():
            self._pipeline.normalize()
            self._pipeline.load(workers=JOBS)

    @contextlib.contextmanager
    def _explain_errors(self) -> Iterator[None]:
        """Turn dlt's chain of tracebacks into one message, without the password."""
        from dlt.pipeline.exceptions import PipelineStepFailed  # noqa: PLC0415

        try:
            yield
        except PipelineStepFailed as error:
            cause: BaseException = error
            while cause.__cause__ is not None:
                cause = cause.__cause__
                if isinstance(cause, (KeyboardInterrupt, LoaderError)):
                    raise cause from None
            if isinstance(cause, OSError) and cause.errno:  # a local error, such as a full disk
                raise cause from None
            lines = str(cause).strip().splitlines() or [type(cause).__name__]
            problem = self._settings.redacted(lines[0])
            message = (
                self._explanation(problem, cause) or f"The step '{error.step}' failed: {problem}"
            )
            message = f"{message}\n{AGAIN}"
            raise WarehouseError(message) from None  # the chained errors show the address

    def _explanation(self, problem: str, cause: BaseException) -> str | None:
        if self._settings.database:
            return refusals.of_statement(problem, refusals.state_of(cause), self._settings)
        return duckdb_file.explain(self._settings.duckdb_path, problem)


def _schema(columns: Columns, mark: str) -> Any:  # noqa: ANN401 - dlt's own type
    """Return dlt's schema of the raw tables. A column that is added to rows is nullable."""
    import dlt  # noqa: PLC0415 - half a second
    from dlt.common.schema.utils import new_table  # noqa: PLC0415

    schema = dlt.Schema(_SCHEMA)
    for table, fields in database_columns().items():
        there = columns.get(table, ())
        hints = new_table(
            table,
            columns=[
                _hint(each, is_added=bool(there) and each.name not in there) for each in fields
            ],
            write_disposition="append",
            file_format="parquet",
        )
        hints["description"] = f"{RAW_TABLES[table].row.__doc__} {mark}".strip()
        schema.update_table(hints)
    return schema


def _source(
    schema: Any,  # noqa: ANN401 - dlt's own type
    write_files: "Callable[[str], dict[str, LoadFile]] | None" = None,
) -> Any:  # noqa: ANN401
    import dlt  # noqa: PLC0415 - half a second
    from dlt.common.storages.load_package import load_package_state  # noqa: PLC0415

    written: dict[str, LoadFile] = {}

    def file_of(name: str) -> Iterator[Any]:
        if not written and write_files:
            written.update(write_files(load_package_state()["load_id"]))
        if found := written.get(name):
            yield dlt.mark.with_file_import(str(found.path), "parquet", found.rows)

    options: Any = {"write_disposition": "append", "file_format": "parquet"}
    resources = [dlt.resource(file_of(name), name=name, **options) for name in TABLES]
    return dlt.source(lambda: resources, schema=schema)()


def _hint(field: "pa.Field[Any]", *, is_added: bool) -> Any:  # noqa: ANN401 - dlt's own type
    return {
        "name": field.name,
        "data_type": _TYPES.get(str(field.type), "timestamp"),
        "nullable": field.nullable or is_added,
        "description": (field.metadata or {})[b"description"].decode(),
    }
