"""The studio's SQL for rows of a table: search, filters, order.

Names of tables and columns come from the catalogue and are quoted; values are parameters.
"""

from dataclasses import dataclass

from loader.database.queries import FINISHED
from loader.studio.catalogue import ColumnView, TableView

OPERATORS = ("contains", "is", "is not", "at least", "at most", "is empty", "is not empty")
_FINISHED_ROWS = f"(select * from {{}} where {FINISHED})"  # noqa: S608 - constants only
_LONGEST_CELL = 120  # characters
_TEXTS = ("text", "character varying", "varchar", "json", "jsonb")
# PostgreSQL folds ASCII in a third of the time that all letters take; DuckDB folds all.
_CONTAINS = {
    True: 'strpos(lower(cast({} as text) collate "C"), lower(cast(%s as text) collate "C")) > 0',
    False: "strpos(lower(cast({} as text)), lower(%s)) > 0",
}
_CONDITIONS = {
    "is": "{} = cast(%s as {})",
    "is not": "{} is distinct from cast(%s as {})",
    "at least": "{} >= cast(%s as {})",
    "at most": "{} <= cast(%s as {})",
    "is empty": "{} is null",
    "is not empty": "{} is not null",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column; `operator` is one of OPERATORS."""

    column: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class RowQuery:
    """The rows to show of a table, and their order.

    Args:
        search: Words that a text of the row has; empty for all rows.
        filters: Conditions that the row meets, all of them.
        sort: The column to sort by; None for the key.
        is_descending: Whether the greatest value is first.
    """

    search: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    is_descending: bool = False


def where_of(table: TableView, query: RowQuery, *, is_postgres: bool) -> tuple[str, list[object]]:
    """Return the where clause of a query, empty if it has no condition, and its parameters."""
    contains = _CONTAINS[is_postgres]
    conditions: list[str] = []
    params: list[object] = []
    if query.search:
        texts = [quoted(c.name) for c in table.columns.values() if c.type.casefold() in _TEXTS]
        conditions.append(f"({' or '.join(map(contains.format, texts)) or 'false'})")
        params += [query.search] * len(texts)
    for each in query.filters:
        column = table.column(each.column)
        condition = _CONDITIONS.get(each.operator, contains)
        conditions.append(condition.format(quoted(column.name), column.type))
        if "%s" in condition:
            params.append(each.value)
    return (f" where {' and '.join(conditions)}" if conditions else ""), params


def order_of(table: TableView, query: RowQuery) -> str:
    """Return the order by clause of a query."""
    names = [table.column(query.sort).name] if query.sort else []
    parts = [
        f"{quoted(name)} {'desc' if query.is_descending else 'asc'} nulls last" for name in names
    ]
    # The key makes the pages of equal values disjoint, and is an index if nothing else is asked.
    parts += [f"stored.{quoted(name)}" for name in table.key if name not in names]
    return f" order by {', '.join(parts)}" if parts else ""


def cut(column: ColumnView) -> str:
    """Return a column for a list, cut if its text is long."""
    name = quoted(column.name)
    if column.type.casefold() not in _TEXTS:
        return name
    return f"left(cast({name} as text), {_LONGEST_CELL}) as {name}"


def quoted(name: str) -> str:
    """Return a name in quotes."""
    return '"' + name.replace('"', '""') + '"'


def rows_of(table: TableView) -> str:
    """Return what to read a table's rows from; a raw table gives those of finished runs."""
    name = quoted_table(table.name)
    return _FINISHED_ROWS.format(name) if "_dlt_load_id" in table.columns else name


def quoted_table(table: str) -> str:
    """Return the name of a table in quotes, with its schema."""
    schema, _, name = table.partition(".")
    return f"{quoted(schema)}.{quoted(name)}"
