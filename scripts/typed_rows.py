"""Writes `rows.py`, the classes of the rows, from the contracts: `make readers`."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loader.schema.contracts import is_never_null, read_models, referenced_table
from loader.settings import Target
from loader.tables import FINAL_TABLES

FILE = Path(__file__).parents[1] / "loader/reading/rows.py"
_VIEWS = ("report_sources", "team_week")
_ANNOTATIONS = {
    "bigint": "int",
    "date": "date",
    "json": "dict[str, Any]",
    "text": "str",
    "timestamp": "datetime",
    "timestamp with time zone": "datetime",
    "uuid": "UUID",
}
_TARGET = Target.LOCAL  # its types are the simpler ones
_WIDTH = 100
_HEAD = '''\
"""The rows of the final tables and of the views for readers. `make readers` writes this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its contract has it.

    Args:
        type: In the words of the contract.
        description: What it holds.
        references: The table whose `id` it is; None where it is no foreign key.
    """

    type: str
    description: str
    references: str | None = None


class Row(Protocol):
    """A row of a table or view.

    Args:
        TABLE: Its name, with the schema.
        DESCRIPTION: What it holds.
        COLUMNS: Its columns, in order.
    """

    TABLE: ClassVar[str]
    DESCRIPTION: ClassVar[str]
    COLUMNS: ClassVar[dict[str, Column]]
'''


def generate() -> str:
    """The text of `rows.py`.

    Raises:
        SchemaError: dbt cannot read the models.
    """
    models = {m.name: m for m in (*read_models(_TARGET), *read_models(_TARGET, "reporting"))}
    lines = [line for name in (*FINAL_TABLES, *_VIEWS) for line in ("", "", *_class(models[name]))]
    return "\n".join([_HEAD.rstrip(), *lines]) + "\n"


def _class(model: Any) -> Iterator[str]:  # noqa: ANN401 - dbt has no types
    columns = model.columns.values()
    yield "@dataclass(frozen=True, slots=True)"
    yield f"class {''.join(word.title() for word in model.name.removesuffix('s').split('_'))}:"
    yield f'    """A row of `{model.schema}.{model.name}`."""'
    yield ""
    yield f'    TABLE: ClassVar[str] = "{model.schema}.{model.name}"'
    yield "    DESCRIPTION: ClassVar[str] = ("
    yield from _literals(model.description, 8)
    yield "    )"
    yield "    COLUMNS: ClassVar[dict[str, Column]] = {"
    for column in columns:
        yield f'        "{column.name}": Column('
        yield f'            "{column.data_type}",'
        yield from _literals(column.description, 12)
        if table := referenced_table(column):
            yield f'            , references="{model.schema}.{table}"'
        yield "        ),"
    yield "    }"
    for column in columns:
        null = "" if is_never_null(_TARGET, model, column) else " | None"
        yield f"    {column.name}: {_ANNOTATIONS[column.data_type]}{null}"


def _literals(text: str, indent: int) -> list[str]:
    """A text as string literals, a line each."""
    *parts, last = textwrap.wrap(" ".join(text.split()), _WIDTH - indent - 4)
    spaced = [*(f"{part} " for part in parts), last]
    return [" " * indent + json.dumps(part, ensure_ascii=False) for part in spaced]


if __name__ == "__main__":
    FILE.write_text(generate())
