"""Export rows as CSV, JSON or Parquet, through a file on disk to save memory."""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from uuid import UUID

from loader.errors import WarehouseError

MOST = 1_000_000  # rows of a file
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "parquet": "application/vnd.apache.parquet",
}
_CHUNK = 256 * 1024  # bytes
_IN_MEMORY = 4 * 1024 * 1024  # bytes
_Rows = Sequence[tuple[Any, ...]]


def export(
    columns: Sequence[str], batches: Iterable[_Rows], kind: str, types: Sequence[str] = ()
) -> Iterator[bytes]:
    """Return the bytes of a file, which is complete before the first byte is sent.

    Args:
        columns: Column names.
        batches: Batches of rows.
        kind: A key of MEDIA.
        types: The database's type of each column; by default derived from the values.

    Raises:
        WarehouseError: There are too many rows to export.
    """
    file = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - closed after sending
    try:
        write = {"csv": _write_csv, "json": _write_json, "parquet": _write_parquet}[kind]
        write(file, columns, _limited(batches), types)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return _sent(file)


def _sent(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _limited(batches: Iterable[_Rows]) -> Iterator[_Rows]:
    count = 0
    for rows in batches:
        count += len(rows)
        if count > MOST:
            message = f"These are more than {MOST:,} rows: use a filter, or loader.reading."
            raise WarehouseError(message)
        yield rows


def _write_csv(
    file: Any,  # noqa: ANN401 - spooled
    columns: Sequence[str],
    batches: Iterable[_Rows],
    _types: Sequence[str],
) -> None:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for rows in batches:
        writer.writerows([plain(value) for value in row] for row in rows)
    text.detach()


def _write_json(
    file: Any,  # noqa: ANN401
    columns: Sequence[str],
    batches: Iterable[_Rows],
    _types: Sequence[str],
) -> None:
    before = "[\n"
    for rows in batches:
        for row in rows:
            each = {name: _json(value) for name, value in zip(columns, row, strict=True)}
            file.write(f"{before}{json.dumps(each, ensure_ascii=False)}".encode())
            before = ",\n"
    file.write(b"\n]\n" if before == ",\n" else b"[]\n")


def _write_parquet(
    file: Any,  # noqa: ANN401
    columns: Sequence[str],
    batches: Iterable[_Rows],
    types: Sequence[str],
) -> None:
    import pyarrow as pa  # noqa: PLC0415 - other pages go without
    from pyarrow import parquet  # noqa: PLC0415

    if not types:
        rows = [row for batch in batches for row in batch]
        values = zip(*rows, strict=True) if rows else [() for _ in columns]
        arrays = [_inferred([plain(value) for value in each]) for each in values]
        parquet.write_table(pa.table(arrays, names=_distinct(columns)), file)
        return
    schema = pa.schema(
        [(name, _arrow_type(type_)) for name, type_ in zip(columns, types, strict=True)]
    )
    with parquet.ParquetWriter(file, schema) as writer:
        for batch in batches:
            values = zip(*batch, strict=True)
            arrays = [
                pa.array([_converter(field.type)(value) for value in each], field.type)
                for each, field in zip(values, schema, strict=True)
            ]
            writer.write_table(pa.table(arrays, schema=schema))


def _inferred(values: list[Any]) -> Any:  # noqa: ANN401 - an Arrow array
    import pyarrow as pa  # noqa: PLC0415

    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values])


def _arrow_type(name: str) -> Any:  # noqa: ANN401 - Arrow's
    import pyarrow as pa  # noqa: PLC0415

    known = {
        "bigint": pa.int64(),
        "integer": pa.int64(),
        "smallint": pa.int64(),
        "hugeint": pa.float64(),
        "double precision": pa.float64(),
        "double": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "timestamp with time zone": pa.timestamp("us", tz="UTC"),
        "timestamp without time zone": pa.timestamp("us"),
        "timestamp": pa.timestamp("us"),
    }
    return known.get(name.casefold(), pa.string())


def _converter(type_: object) -> Callable[[Any], Any]:
    return _text if str(type_) == "string" else lambda value: value


def _distinct(names: Sequence[str]) -> list[str]:
    """Return unique names: a file needs them, but a query may repeat one."""
    return [
        name if name not in names[:number] else f"{name}_{number + 1}"
        for number, name in enumerate(names)
    ]


def plain(value: object) -> Any:  # noqa: ANN401
    """Return a value for CSV: numbers unchanged, null as nothing, other values as text."""
    return value if value is None or isinstance(value, (bool, int, float)) else _text(value)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _json(value: object) -> Any:  # noqa: ANN401
    if isinstance(value, (dict, list)):
        return json.loads(json.dumps(value, default=str))
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, UUID):
        return str(value)
    return plain(value)
