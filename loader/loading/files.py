"""Merge all parts of a run into one Parquet file per raw table, which dlt loads."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from loader.extract.options import RunInfo
from loader.extract.part_writer import REPEATED, tables_of
from loader.tables import FILES, TABLES
from loader.tables.arrow import LOAD_ID
from loader.tables.definition import RawTable

_POSITION = len("00000000-0000-0000-0000-")
# DuckDB keeps the texts of so many rows in memory, except longer texts, which get own blocks.
_ROW_GROUP = 122_880
_LONG = pa.scalar(4_096, pa.int32())  # bytes


@dataclass(slots=True)
class LoadFile:
    """The Parquet file with a raw table's rows.

    Args:
        path: The Parquet file.
        rows: Number of rows.
        largest: Bytes of its largest row group.
        gathered: Bytes of texts that DuckDB keeps in memory while it loads the file.
    """

    path: Path
    rows: int = 0
    largest: int = 0
    gathered: int = 0
    _open: tuple[int, int] = (0, 0)  # rows and bytes of DuckDB's row group so far

    def count(self, batch: pa.RecordBatch) -> None:
        """Count a row group that was written."""
        rows, size = self._open
        rows, size = rows + len(batch), size + _gathered(batch)
        self.rows += len(batch)
        self.largest = max(self.largest, batch.nbytes)
        self.gathered = max(self.gathered, size)
        self._open = (rows, size) if rows < _ROW_GROUP else (0, 0)


def write_load_files(
    parts: Iterable[Path],
    skipped: Mapping[Path, "pa.Array[Any]"],
    run: RunInfo,
    load_id: str,
    folder: Path,
) -> dict[str, LoadFile]:
    """Write the rows of all parts into one file for each table that has rows.

    The database reads the files once, so texts are neither compressed nor dictionary-encoded.

    Args:
        parts: The parts' files.
        skipped: The numbers of the rows to leave out, by part.
        run: The values that all rows share.
        load_id: The id of dlt's load, for `_dlt_load_id`.
        folder: The folder for the files.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    written: dict[str, LoadFile] = {}
    with ExitStack() as stack:
        writers: dict[str, pq.ParquetWriter] = {}
        for part in parts:
            for table, batch in _batches(part, skipped.get(part)):
                whole = _with_run_columns(table, batch, run, load_id)
                if table.name not in writers:
                    written[table.name] = LoadFile(folder / f"{table.name}.parquet")
                    writer = pq.ParquetWriter(
                        written[table.name].path,
                        whole.schema,
                        compression="none",
                        use_dictionary=[n for n in whole.schema.names if n in REPEATED],  # type: ignore[arg-type]
                        write_statistics=False,
                        store_schema=True,
                    )
                    writers[table.name] = stack.enter_context(writer)
                writers[table.name].write_batch(whole, row_group_size=len(whole))
                written[table.name].count(whole)
    return written


def _gathered(batch: pa.RecordBatch) -> int:
    """Return the bytes of the texts that share a row group's memory in DuckDB.

    Repeated texts count little, because DuckDB keeps each of them once.
    """
    found = 0
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if isinstance(column, pa.StringArray) and name not in REPEATED:
            lengths = pc.binary_length(column)
            found += pc.sum(lengths.filter(pc.less_equal(lengths, _LONG))).as_py() or 0
    return found


def _batches(
    part: Path, skipped: "pa.Array[Any] | None"
) -> Iterator[tuple[RawTable, pa.RecordBatch]]:
    """Yield the rows of a part that are not skipped; each batch has rows of one table."""
    with pq.ParquetFile(part, pre_buffer=False) as file:
        first = 0
        for group, name in enumerate(tables_of(file)):
            table = TABLES[name]
            found = file.read_row_group(group, columns=table.schema.names, use_threads=False)
            if skipped is not None:
                numbers = pa.array(range(first, first + found.num_rows), pa.int64())
                found = found.filter(pc.invert(pc.is_in(numbers, value_set=skipped)))
                first += file.metadata.row_group(group).num_rows
            for batch in found.to_batches():
                if len(batch):
                    yield table, batch


def _with_run_columns(
    table: RawTable, batch: pa.RecordBatch, run: RunInfo, load_id: str
) -> pa.RecordBatch:
    """Return a part's rows with the run's columns and the final row ids."""
    count = len(batch)
    shared: dict[str, object] = {"run_id": str(run.run_id), "loaded_at": run.loaded_at}
    if table is FILES:
        shared |= {"started_at": run.started_at, "loaded_by": run.loaded_by}
    columns: dict[str, pa.Array[Any]] = {
        name: pa.repeat(pa.scalar(value, table.schema.field(name).type), count)
        for name, value in shared.items()
    }
    columns["row_id"] = _row_ids(table, batch, run.run_id)
    arrays = [columns.get(name, batch[name]) for name in table.schema.names]
    whole = pa.RecordBatch.from_arrays(arrays, schema=table.schema)
    return whole.append_column(LOAD_ID, pa.repeat(load_id, count))


def _row_ids(table: RawTable, batch: pa.RecordBatch, run_id: UUID) -> "pa.Array[Any]":
    """Return a UUID of run, table, kind and path, with the row's position as its last 48 bits."""
    if "kind" in table.schema.names:
        encoded = _joined(batch["kind"], batch["source_path"], " ").dictionary_encode()
        files = encoded.dictionary.to_pylist()
    else:
        encoded = batch["source_path"].dictionary_encode()
        files = [f"{table.name} {path}" for path in encoded.dictionary.to_pylist()]
    prefixes = [str(uuid5(run_id, f"{table.name} {file}"))[:_POSITION] for file in files]
    prefix = pa.array(prefixes, pa.string()).take(encoded.indices)
    ids: pa.Array[Any] = _joined(prefix, batch["row_id"], "")
    return ids


def _joined(left: Any, right: Any, separator: str) -> Any:  # noqa: ANN401 - the stubs know fewer types
    return pc.binary_join_element_wise(left, right, separator)
