"""The list of tables."""

import dataclasses
import re
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import pytest

from loader.tables import RAW_TABLES
from loader.tables.contents import CONTENT_TABLES, RAW_CONTENT_TABLES
from loader.tables.definition import RawTable
from tests.support.project import ROOT

TEXTS = {"string"}


def pairs(table: RawTable) -> list[tuple[str, str]]:
    """Yield each pair of a table's own text columns."""
    own = [field.name for field in dataclasses.fields(table.row)]
    texts = [name for name in own if str(table.schema.field(name).type) in TEXTS]
    return list(combinations(texts, 2))


@pytest.mark.long
def test_two_text_columns_that_are_swapped_are_a_type_error(tmp_path: Path) -> None:
    rows = [table.row for table in RAW_TABLES.values()]
    lines = [f"from {row.__module__} import {row.__name__}" for row in rows]
    expected = []
    for table in RAW_TABLES.values():
        for first, second in pairs(table) if table.has_loads else []:
            lines += [
                f"def {table.name}_{first}_{second}(",
                f"    one: {table.row.__name__}, other: {table.row.__name__}",
                ") -> None:",
                f"    one.{first}, one.{second} = other.{second}, other.{first}",
            ]
            expected.append(len(lines))
    program = tmp_path / "swapped.py"
    program.write_text("\n".join(lines))
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(program)],
        cwd=ROOT,
        env={"MYPYPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )
    found = {int(number) for number in re.findall(r"swapped\.py:(\d+): error", ended.stdout)}
    assert sorted(found) == expected, ended
    assert len(expected) > 30


def test_dbt_finds_people_by_the_columns_that_forget_erases() -> None:
    macro = (ROOT / "dbt_project/macros/contents.sql").read_text()
    lines = re.findall(
        r'"(\w+)": \{\s+"parent".*?"name": "(?:(contents)|parents)\.(\w+)"', macro, re.DOTALL
    )
    joined = {name: column for name, of_text, column in lines if of_text}
    there = {table.name: table.person for table in CONTENT_TABLES.values() if table.person}
    assert joined == there
    assert len(lines) == len(RAW_CONTENT_TABLES)
