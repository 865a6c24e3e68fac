"""Keep statements working that use the old name of a renamed column in a final table.

A contract may rename a column before all statements use the new name. `make readers` records the
old name with the new one, and a statement then finds the column under both. Without a record, a
statement is not changed.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache

from loader.tables import FINAL_TABLES
from loader.tables.columns import columns_of

_READ = r"\b(?P<word>from|join)\s+(?P<table>{tables})\b(?!\s*\.)(?:\s+as\s+(?P<alias>\w+))?"
_DELETE = re.compile(
    r"\s*delete\s+from\s+(?P<table>\w+)\s+where\s+(?P<where>.*?)"
    r"(?:\s+returning\s+(?P<column>\w+))?\s*",
    re.DOTALL,
)
_UPDATE = re.compile(
    r"\s*update\s+(?P<table>\w+)\s+set\s+(?P<set>.*?)\swhere\s(?P<where>.*)", re.DOTALL
)


def with_new_names(statement: str) -> str:
    """Return one of our statements so that it also finds renamed columns under their old names."""
    tables = _renamed_tables()
    if not tables:
        return statement
    if (found := _DELETE.fullmatch(statement)) and found["table"] in tables:
        table = found["table"]
        columns = tables[table]
        returning = (
            found["column"] and f" returning {columns.get(found['column'], found['column'])}"
        )
        return f"delete from {table} where {_chosen(table, found['where'])}{returning or ''}"
    if (found := _UPDATE.fullmatch(statement)) and found["table"] in tables:
        table = found["table"]
        change = found["set"]
        for old, new in tables[table].items():
            change = re.sub(rf"\b{old}\b(?=\s*=)", new, change)
        return f"update {table} set {change} where {_chosen(table, found['where'])}"
    return _reading(statement)


def old_names(table: str, there: Collection[str]) -> set[str]:
    """Return the old names of the renamed columns of a final table."""
    return {old for old, new in _renamed_tables().get(table, {}).items() if new in there}


def _chosen(table: str, where: str) -> str:
    return _reading(f"id in (select id from {table} where {where})")


def _reading(statement: str) -> str:
    tables = _renamed_tables()

    def named(found: re.Match[str]) -> str:
        table = found["table"]
        others = ", ".join(f"{new} as {old}" for old, new in tables[table].items())
        alias = found["alias"] or table
        return f"{found['word']} (select *, {others} from {table}) as {alias}"

    return re.sub(_READ.format(tables="|".join(tables)), named, statement)


@cache
def _renamed_tables() -> Mapping[str, Mapping[str, str]]:
    """Return new column names by old name, for each final table."""
    renamed = {
        table: {
            column.renamed_from: name
            for name, column in columns_of(table).items()
            if column.renamed_from
        }
        for table in FINAL_TABLES
    }
    return {table: names for table, names in renamed.items() if names}
