"""Write the row classes of the final tables from dbt's contracts: `make readers`."""

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loader.schema.contracts import is_never_null, read_models, referenced_table
from loader.settings import Target
from loader.tables import FINAL_TABLES, READER_VIEWS
from loader.tables.contents import CONTENT_TABLES

CLASSES = Path(__file__).parents[1] / "loader/reading/rows.py"
COLUMNS = CLASSES.parents[1] / "tables/columns.json"
_ANNOTATIONS = {
    "bigint": "int",
    "date": "date",
    "json": "dict[str, Any]",
    "json array": "list[str]",
    "text": "str",
    "timestamp": "datetime",
    "timestamp with time zone": "datetime",
    "uuid": "UUID",
}
_SINGULAR = {"people": "person", "aliases": "alias", "entries": "entry", "days": "day"}
_TARGET = Target.LOCAL  # its types are simpler
_HEAD = '''\
"""The rows of the final tables and of the views for readers. `make readers` writes this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from loader.tables.columns import Column, columns_of


class Row(Protocol):
    """A row of a table or view.

    Args:
        TABLE: Its name; that of a view has its schema, that of a final table is in FINAL_SCHEMA.
        COLUMNS: Its columns, in order.
    """

    TABLE: ClassVar[str]
    COLUMNS: ClassVar[dict[str, Column]]
'''


def generate() -> tuple[str, str]:
    """Return the unformatted text of `rows.py`, and the text of `columns.json`.

    Raises:
        SchemaError: dbt cannot read the models.
    """
    folders = ("marts", "content", "reporting")
    found = {model.name: model for folder in folders for model in read_models(_TARGET, folder)}
    models = [found[name] for name in (*FINAL_TABLES, *CONTENT_TABLES, *READER_VIEWS)]
    lines = [line for model in models for line in ("", "", *_class(model))]
    columns = {_name(model): _columns(model) for model in models}
    return (
        "\n".join([_HEAD.rstrip(), *lines]) + "\n",
        json.dumps(columns, ensure_ascii=False, indent=2) + "\n",
    )


def _class(model: Any) -> Iterator[str]:  # noqa: ANN401 - dbt has no types
    table = _name(model)
    yield "@dataclass(frozen=True, slots=True)"
    yield f"class {class_name(model.name)}:"
    first, *rest = textwrap.wrap(" ".join(model.description.split()), 90)
    if rest:
        yield from (f'    """{first}', *(f"    {line}" for line in rest), '    """')
    else:
        yield f'    """{first}"""'
    yield ""
    yield f'    TABLE: ClassVar[str] = "{table}"'
    yield f'    COLUMNS: ClassVar[dict[str, Column]] = columns_of("{table}")'
    for column in model.columns.values():
        null = "" if is_never_null(_TARGET, model, column) else " | None"
        kind = "json array" if column.meta.get("is_array") else column.data_type
        yield f"    {column.name}: {_ANNOTATIONS[kind]}{null}"


def class_name(table: str) -> str:
    """Return the class name for a table's rows: the singular, in CamelCase."""
    *words, last = table.split("_")
    one = _SINGULAR.get(last, last.removesuffix("s"))
    return "".join(word.title() for word in (*(_SINGULAR.get(w, w) for w in words), one))


def _name(model: Any) -> str:  # noqa: ANN401
    is_final = model.name in FINAL_TABLES
    return str(model.name) if is_final else f"{model.schema}.{model.name}"


def _columns(model: Any) -> dict[str, dict[str, str]]:  # noqa: ANN401
    described = {}
    for column in model.columns.values():
        described[column.name] = {
            "type": column.data_type,
            "description": " ".join(column.description.split()),
        }
        if table := referenced_table(column):
            described[column.name]["references"] = table
        if old := column.config.meta.get("renamed_from"):
            described[column.name]["renamed_from"] = old
    return described


if __name__ == "__main__":
    for file, text in zip((CLASSES, COLUMNS), generate(), strict=True):
        file.write_text(text)
