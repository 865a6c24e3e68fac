"""Writes `rows.py`, the classes of the rows, from the contracts: `make readers`."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loader.schema.contracts import is_never_null, read_models
from loader.settings import Target

FILE = Path(__file__).with_name("rows.py")
_TABLES = (
    *("organizations", "teams", "report_types", "daily_reports", "meeting_transcripts"),
    *("jira_snapshots", "slack_captures", "generated_reports", "report_data_links"),
    *("report_sources", "team_week"),
)
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


class Row(Protocol):
    """A row of a table or view, `TABLE`, with the types of its columns in the contract."""

    TABLE: ClassVar[str]
    TYPES: ClassVar[dict[str, str]]
'''


def generate() -> str:
    """The text of `rows.py`.

    Raises:
        SchemaError: dbt cannot read the models.
    """
    models = {m.name: m for m in (*read_models(_TARGET), *read_models(_TARGET, "reporting"))}
    lines = [line for name in _TABLES for line in ("", "", *_class(models[name]))]
    return "\n".join([_HEAD.rstrip(), *lines]) + "\n"


def _class(model: Any) -> Iterator[str]:  # noqa: ANN401 - dbt has no types
    columns = model.columns.values()
    yield "@dataclass(frozen=True, slots=True)"
    yield f"class {''.join(word.title() for word in model.name.removesuffix('s').split('_'))}:"
    yield f'    """A row of `{model.schema}.{model.name}`.'
    yield ""
    yield from _wrapped(model.description, "    ", "    ")
    yield ""
    yield "    Args:"
    for column in columns:
        yield from _wrapped(f"{column.name}: {column.description}", " " * 8, " " * 12)
    yield '    """'
    yield ""
    yield f'    TABLE: ClassVar[str] = "{model.schema}.{model.name}"'
    yield "    TYPES: ClassVar[dict[str, str]] = {"
    yield from (f'        "{column.name}": "{column.data_type}",' for column in columns)
    yield "    }"
    for column in columns:
        null = "" if is_never_null(_TARGET, model, column) else " | None"
        yield f"    {column.name}: {_ANNOTATIONS[column.data_type]}{null}"


def _wrapped(text: str, first: str, rest: str) -> list[str]:
    said = " ".join(text.split())
    return textwrap.wrap(said, _WIDTH, initial_indent=first, subsequent_indent=rest)


if __name__ == "__main__":
    FILE.write_text(generate())
