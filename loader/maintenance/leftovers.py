"""Find and remove files with texts that unfinished runs and other programs left behind."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from loader.database.queries import FINISHED
from loader.database.warehouse import Warehouse
from loader.extract.part_writer import RAW_TABLE
from loader.extract.run_folder import RunFolder, remove_tree
from loader.loading.run import remove_run_folders, shared_folder
from loader.settings import Settings

_COLUMNS = ("author_name", "source_path", "blob_url")
_UNFINISHED = f"""
    select author_name, source_path, blob_url
    from raw.daily_reports
    where not {FINISHED} and blob_url is not null
    union all
    select null, source_path, blob_url
    from raw.files
    where not {FINISHED} and blob_url is not null
"""
# In dbt's target folder: executed statements, and failures, which quote rows.
_OF_DBT = ("compiled", "run", "run_results.json", "sources.json")


@dataclass(frozen=True, slots=True)
class Upload:
    """A blob that an unfinished run has stored: no row refers to it.

    Args:
        author: The author, if the blob holds one day.
        path: Its file, relative to the workspace.
        url: The blob's URL.
    """

    author: str | None
    path: str
    url: str


def unfinished_uploads(settings: Settings, warehouse: Warehouse) -> list[Upload]:
    """Return the blobs that unfinished runs have stored, according to their parts and rows."""
    folders = (RunFolder(str(settings.runs_dir)), shared_folder(settings))
    found = [Upload(*row) for folder in folders for row in _of_parts(folder)]
    if {"daily_reports", "files", "runs"} <= warehouse.tables("raw"):
        found += [Upload(*row) for row in warehouse.fetch(_UNFINISHED)]
    return found


def _of_parts(folder: RunFolder) -> Iterator[tuple[str | None, str, str]]:
    """Return the author, path and blob of each row in the parts below a folder."""
    for name in folder.files():
        # A part that was not completely written cannot be read.
        with suppress(OSError, pa.ArrowException), folder.open(name) as opened:
            file = pq.ParquetFile(opened)
            if RAW_TABLE not in file.schema_arrow.names:
                continue
            for row in file.read(columns=list(_COLUMNS)).to_pylist():
                if row["blob_url"]:
                    yield row["author_name"], row["source_path"], row["blob_url"]


def remove_leftovers(settings: Settings) -> None:
    """Remove the folders of runs with their parts, dlt's working folder, and dbt's output."""
    remove_run_folders(settings)
    remove_tree(settings.working_dir / settings.pipeline_name)
    if Path("dbt_project.yml").exists():  # otherwise target/ and logs/ belong to another project
        for name in _OF_DBT:
            remove_tree(settings.dbt_target_dir / name)
        for log in settings.dbt_log_dir.glob("dbt.log*"):
            remove_tree(log)
    remove_tree(settings.warehouse_dir / "dbt")  # earlier releases kept it here
    if not settings.database:
        # DuckDB's temporary files after a kill.
        remove_tree(settings.duckdb_path.with_name(f"{settings.duckdb_path.name}.tmp"))
