"""Load a workspace with a short program of its own: the baseline of the benchmark.

    python -m benchmarks.baseline WORKSPACE TARGET BLOBS

The program lists the workspace, reads each file, hashes it, copies it into the folder BLOBS, splits
it into days, and writes all rows in one transaction. TARGET is a PostgreSQL address, for binary
COPY, or a new DuckDB file, for inserts from Arrow. It uses the loader's parsers, because any
program has to parse. It knows no earlier run, finds no conflict, keeps no rejection, and fills no
content table.
"""

import hashlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pyarrow as pa

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.decoding import to_utf8
from loader.parsing.transcripts import parse_transcript

_BATCH = 10_000  # rows
_ARROW: dict[str, pa.DataType] = {
    "text": pa.string(),
    "bigint": pa.int64(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", "UTC"),
}
_ORIGIN = {
    "team": "text",
    "source_path": "text",
    "file_sha256": "text",
    "blob_key": "text",
    "loaded_at": "timestamptz",
}
_TABLES = {
    "daily_reports": {
        **_ORIGIN,
        "author_name": "text",
        "report_date": "date",
        "content": "text",
        "checksum_sha256": "text",
        "line_number": "bigint",
    },
    "meeting_transcripts": {
        **_ORIGIN,
        "filename": "text",
        "transcript_date": "date",
        "transcript_text": "text",
        "byte_size": "bigint",
    },
}
Row = tuple[Any, ...]


def main(workspace: str, target: str, blobs: str) -> None:
    """Load the workspace."""
    Path(blobs).mkdir(parents=True, exist_ok=True)
    sources = {
        "daily_reports": _daily_reports(Path(workspace), Path(blobs)),
        "meeting_transcripts": _transcripts(Path(workspace), Path(blobs)),
    }
    into = _postgres if target.startswith("postgresql:") else _duckdb
    into(sources, target)


def _daily_reports(root: Path, blobs: Path) -> Iterator[Row]:
    for data, path, origin in _files(root, "daily-reports/md-output", blobs):
        reports, _ = parse_daily_reports(to_utf8(data)[0], path.name)
        for author, day, content, line in reports:
            checksum = hashlib.sha256(content).hexdigest()
            yield *origin, author, day, content.decode(), checksum, line


def _transcripts(root: Path, blobs: Path) -> Iterator[Row]:
    for data, path, origin in _files(root, "transcripts/markdown-output", blobs):
        text = to_utf8(data)[0]
        for each in parse_transcript(path.name, text)[0]:
            yield *origin, each.filename, each.transcript_date, text.decode(), len(text)


def _files(root: Path, folder: str, blobs: Path) -> Iterator[tuple[bytes, Path, Row]]:
    """Yield each file's bytes, path and origin, after copying it."""
    now = datetime.now(UTC)
    for path in sorted((root / folder).rglob("*.md")):
        data = path.read_bytes()
        checksum = hashlib.sha256(data).hexdigest()
        key = f"{checksum}{path.suffix}"
        (blobs / key).write_bytes(data)
        relative = path.relative_to(root)
        yield data, path, (relative.parts[2], relative.as_posix(), checksum, key, now)


def _postgres(sources: dict[str, Iterator[Row]], url: str) -> None:
    with psycopg.connect(url) as connection:
        for name, rows in sources.items():
            connection.execute(_create(name).encode())
            statement = f"copy {name} from stdin (format binary)".encode()
            with connection.cursor().copy(statement) as copy:
                copy.set_types([*_TABLES[name].values()])
                for row in rows:
                    copy.write_row(row)


def _duckdb(sources: dict[str, Iterator[Row]], file: str) -> None:
    connection = duckdb.connect(file)
    connection.execute("begin")
    for name, rows in sources.items():
        connection.execute(_create(name))
        schema = pa.schema([(column, _ARROW[kind]) for column, kind in _TABLES[name].items()])
        for batch in _batches(rows):
            columns = [
                pa.array(values, field.type)
                for values, field in zip(zip(*batch, strict=True), schema, strict=True)
            ]
            connection.register("batch", pa.table(columns, schema=schema))
            connection.execute(f"insert into {name} from batch")
    connection.execute("commit")
    connection.close()


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, _BATCH)):
        yield batch


def _create(name: str) -> str:
    columns = ", ".join(f"{column} {kind}" for column, kind in _TABLES[name].items())
    return f"create table {name} ({columns})"


if __name__ == "__main__":
    main(*sys.argv[1:])
