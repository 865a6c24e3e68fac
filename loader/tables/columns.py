"""The columns of the final tables and views, from their contracts."""

import json
from dataclasses import dataclass
from pathlib import Path

_CONTRACTS = json.loads(Path(__file__).with_name("columns.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        type: The type in the contract.
        description: The description in the contract.
        references: The table that the foreign key refers to; None if it is no foreign key.
        renamed_from: The name before a rename in the contract; None if it was not renamed.
    """

    type: str
    description: str
    references: str | None = None
    renamed_from: str | None = None


def columns_of(table: str) -> dict[str, Column]:
    """Return the columns of a table or view in order, given its name with the schema.

    Tables that `make readers` has not recorded yet have none.
    """
    return {name: Column(**column) for name, column in _CONTRACTS.get(table, {}).items()}
