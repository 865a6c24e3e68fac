"""The columns of the final tables and views, as their contracts have them."""

import json
from dataclasses import dataclass
from pathlib import Path

_CONTRACTS = json.loads(Path(__file__).with_name("columns.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        type: In the words of the contract.
        description: What it holds.
        references: The table whose `id` it is; None if it is no foreign key.
        renamed_from: Its name before the contract renamed it; None if it did not.
    """

    type: str
    description: str
    references: str | None = None
    renamed_from: str | None = None


def columns_of(table: str) -> dict[str, Column]:
    """Return the columns of a table or view, given its name with the schema, in order.

    There are none for a table that `make readers` has yet to see.
    """
    return {name: Column(**column) for name, column in _CONTRACTS.get(table, {}).items()}
