"""DuckDB has the memory that a load needs, and not much more."""

from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from loader.loading.files import LoadFile
from tests.support.project import Project

ROW_GROUP = 122_880  # rows of DuckDB


def batch(rows: int, text: str, repeated: str = "x") -> pa.RecordBatch:
    columns = {"content": [text] * rows, "source_path": [repeated] * rows}
    return pa.RecordBatch.from_pydict(columns)


def test_texts_of_a_row_group_are_counted() -> None:
    file = LoadFile(Path("daily_reports.parquet"))
    file.count(batch(100, "t" * 10, repeated="p" * 50))  # DuckDB keeps a repeated text once
    file.count(batch(10, "t" * 5_000))  # has blocks of its own
    assert (file.rows, file.gathered) == (110, 1_000)
    file.count(batch(ROW_GROUP, "tt"))
    full = 1_000 + 2 * ROW_GROUP
    assert file.gathered == full
    file.count(batch(100, "t" * 20))  # begins another row group
    assert (file.rows, file.gathered) == (ROW_GROUP + 210, full)


@pytest.mark.long
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_first_load_of_more_rows_than_a_row_group(project: Project) -> None:
    first, files, days = date(2000, 1, 1), 500, 260
    for number in range(files):
        body = f"- {number} " + "words of a long day " * 60
        text = "".join(
            f"## {first + timedelta(days=day)}\n\n{body} {day}\n\n" for day in range(days)
        )
        path = f"daily-reports/md-output/rocks/{number}.md"
        project.write(path, f"**Employee**: Person {number}\n\n{text}")
    project.load()
    assert files * days > ROW_GROUP
    assert project.query("select count(*) from raw.daily_reports") == [(files * days,)]
