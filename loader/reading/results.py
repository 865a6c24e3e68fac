"""The result of a query on the final tables."""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from loader.reading.rows import Row

if TYPE_CHECKING:
    import pyarrow as pa

RowT = TypeVar("RowT", bound=Row)

_SELECT = "select {columns} from {table} as stored where {where} order by {order}"
_COUNT = "select count(*) from {table} as stored where {where}"


class Rows(Generic[RowT]):
    """The rows of a query: iterate them, count them, or read all at once.

    Each of the three queries the database again. Iterating keeps a few thousand rows in memory.
    """

    def __init__(
        self,
        batches: Callable[[str, Mapping[str, object]], Iterator[list[tuple[Any, ...]]]],
        kind: type[RowT],
        where: str,
        order: str,
        params: Mapping[str, object],
    ) -> None:
        self._batches = batches
        self._kind = kind
        self._params = params
        columns = ", ".join(f"stored.{name}" for name in kind.COLUMNS)
        place = {"columns": columns, "table": kind.TABLE, "where": where, "order": order}
        self._select, self._count = _SELECT.format(**place), _COUNT.format(**place)

    def __iter__(self) -> Iterator[RowT]:
        """Yield the rows one by one."""
        for batch in self._read():
            yield from itertools.starmap(self._kind, batch)

    def arrow(self) -> "pa.Table":
        """Return the rows as an Arrow table: ids and JSON as text, times in UTC."""
        import pyarrow as pa  # noqa: PLC0415 - importing takes a tenth of a second

        types: dict[str, pa.DataType] = {
            "bigint": pa.int64(),
            "date": pa.date32(),
            "timestamp": pa.timestamp("us"),
            "timestamp with time zone": pa.timestamp("us", tz="UTC"),
        }
        kinds = {name: column.type for name, column in self._kind.COLUMNS.items()}
        schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in kinds.items()])
        texts: dict[str, Callable[[Any], object]] = {"uuid": str, "json": json.dumps}
        writers = [texts.get(kind, _same) for kind in kinds.values()]
        batches = []
        for batch in self._read():
            columns = [
                pa.array((None if v is None else write(v) for v in values), field.type)
                for values, write, field in zip(
                    zip(*batch, strict=True), writers, schema, strict=True
                )
            ]
            batches.append(pa.record_batch(columns, schema=schema))
        return pa.Table.from_batches(batches, schema)

    def count(self) -> int:
        """Return the number of rows."""
        ((number,),) = next(self._batches(self._count, self._params))
        return int(number)

    def _read(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield batches of values, converted for the row classes."""
        readers = {
            position: _READERS[column.type]
            for position, column in enumerate(self._kind.COLUMNS.values())
            if column.type in _READERS
        }
        for batch in self._batches(self._select, self._params):
            yield [
                tuple(
                    readers[n](v) if n in readers and isinstance(v, str) else v
                    for n, v in enumerate(row)
                )
                for row in batch
            ]


def _same(value: object) -> object:
    return value


# DuckDB returns text for types that psycopg converts.
_READERS: dict[str, Callable[[str], object]] = {"uuid": UUID, "json": json.loads}
