"""SQL for rows of a table in the studio: search, filters, order and pages.

Names of tables and columns come from the catalogue and are quoted; values are parameters.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loader.database.queries import FINISHED
from loader.errors import WarehouseError
from loader.studio.catalogue import ColumnView, TableView

# Names of a filter's operators in the address and on the page.
OPERATORS = {
    "contains": "contains",
    "is": "is",
    "not": "is not",
    "from": "is at least",
    "to": "is at most",
    "null": "is null",
    "set": "is not null",
}
WITHOUT_VALUE = frozenset({"null", "set"})
_FINISHED_ROWS = f"(select * from {{}} where {FINISHED})"  # noqa: S608 - constants only
_LONGEST_CELL = 160  # characters
_TEXTS = ("text", "character varying", "varchar", "json", "jsonb")
# PostgreSQL folds ASCII letters in a third of the time for all letters. DuckDB folds all.
_CONTAINS = {
    True: 'strpos(lower(cast({} as text) collate "C"), lower(cast(%s as text) collate "C")) > 0',
    False: "strpos(lower(cast({} as text)), lower(%s)) > 0",
}
_CONDITIONS = {
    "is": "{} = cast(%s as {})",
    "not": "{} is distinct from cast(%s as {})",
    "from": "{} >= cast(%s as {})",
    "to": "{} <= cast(%s as {})",
    "null": "{} is null",
    "set": "{} is not null",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column; `operator` is one of OPERATORS."""

    column: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class RowQuery:
    """A selection of rows and their order.

    Args:
        search: Words that a text column must contain; empty for all rows.
        filters: Conditions that the row must meet.
        sort: The column to sort by; None for the table's own order.
        is_descending: Whether the largest value comes first.
    """

    search: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A column of a sort order."""

    column: ColumnView
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in an order: a page starts after it, or ends before it.

    Args:
        values: The values of the order's columns, as text; None for null.
        is_backwards: Whether to return the rows before it.
    """

    values: tuple[str | None, ...]
    is_backwards: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """The condition and the order for one part of a page.

    The parts are the rows with the cursor's first value, the rows with other values, and nulls. A
    single query for all could not use an index.
    """

    where: str
    params: list[object]
    order: str


def where_of(table: TableView, query: RowQuery, *, is_postgres: bool) -> tuple[str, list[object]]:
    """Return the condition of a query (or an empty text) and its parameters."""
    contains = _CONTAINS[is_postgres]
    conditions: list[str] = []
    params: list[object] = []
    if query.search:
        texts = [stored(c.name) for c in table.columns.values() if is_text(c)]
        conditions.append(f"({' or '.join(map(contains.format, texts)) or 'false'})")
        params += [query.search] * len(texts)
    for each in query.filters:
        column = table.column(each.column)
        if each.operator not in OPERATORS:
            known = ", ".join(OPERATORS)
            raise WarehouseError(f"Unknown operator {each.operator!r}. Use one of: {known}.")
        condition = _CONDITIONS.get(each.operator, contains)
        conditions.append(condition.format(stored(column.name), column.type))
        if "%s" in condition:
            params.append(each.value)
    return " and ".join(conditions), params


def clause(*conditions: str) -> str:
    """Return the `where` of the conditions that are not empty; or an empty text."""
    given = [each for each in conditions if each]
    return f" where {' and '.join(given)}" if given else ""


def order_of(
    table: TableView, query: RowQuery, indexes: Sequence[Sequence[str]] | None = None
) -> tuple[Term, ...]:
    """Return the columns to sort by; the last ones make the order complete.

    Args:
        table: The table.
        query: The selection, which may name a column to sort by.
        indexes: The columns of each index, for a table too large to sort without an index. A
            column that begins none of them is ignored.

    Raises:
        WarehouseError: The rows cannot be sorted by this column.
    """
    own: Sequence[tuple[str, bool]] = table.default_order
    if query.sort:
        column = table.column(query.sort)
        if not column.is_sortable:
            raise WarehouseError(f"Cannot sort {table.name!r} by {column.name!r}.")
        own = [(column.name, query.is_descending)]
    if indexes is not None and not (own and any(own[0][0] == index[0] for index in indexes)):
        own = _indexed(table, table.default_order, indexes)
    terms = [Term(table.columns[name], is_down) for name, is_down in own]
    there = {term.column.name for term in terms}
    key = table.key or [name for name, column in table.columns.items() if column.is_sortable]
    is_down = bool(terms) and terms[-1].is_descending  # one direction, as in an index
    return (*terms, *(Term(table.columns[name], is_down) for name in key if name not in there))


def _indexed(
    table: TableView, order: Sequence[tuple[str, bool]], indexes: Sequence[Sequence[str]]
) -> Sequence[tuple[str, bool]]:
    """Return the order of a large table: its own, the closest with an index, or the key."""
    if not order or any(order[0][0] == index[0] for index in indexes):
        return order
    name, is_down = order[0]
    for index in sorted(indexes, key=len):
        before = index[: index.index(name)] if name in index else ()
        if before and not any(table.columns[each].is_nullable for each in (*before, name)):
            return [(each, is_down) for each in (*before, name)]
    return ()


def parts_of(order: Sequence[Term], cursor: Cursor | None) -> Iterator[Part]:
    """Yield the queries that together return a page.

    Args:
        order: The columns; only the first may have nulls, which come last.
        cursor: The start of the page; None for the first page.

    Raises:
        WarehouseError: The cursor does not belong to this order.
    """
    if not order:
        yield Part("", [], "")
        return
    if cursor and len(cursor.values) != len(order):
        raise WarehouseError("This page belongs to another order of the rows.")
    is_backwards = bool(cursor and cursor.is_backwards)
    first, rest = order[0], order[1:]
    is_at_null = bool(cursor and cursor.values[0] is None)
    with_value = f"{stored(first.column.name)} is not null"
    null = f"{stored(first.column.name)} is null"
    halves = [(False, with_value, order), (True, null, rest)]
    if not first.column.is_nullable:
        halves = halves[:1]
    for is_null, condition, terms in reversed(halves) if is_backwards else halves:
        conditions = [condition] if first.column.is_nullable else []
        params: list[object] = []
        if cursor and is_null != is_at_null and is_null == is_backwards:
            continue  # this part is on the other side of the cursor
        if cursor and is_null == is_at_null:
            if not is_null and rest:
                yield _tied(order, cursor.values, is_backwards=is_backwards)
            values = cursor.values[1:] if is_null else cursor.values[:1]
            after, params = _after(
                terms if is_null else terms[:1], values, is_backwards=is_backwards
            )
            conditions.append(after)
        yield Part(" and ".join(conditions), params, _order_by(terms, is_backwards=is_backwards))


def _tied(order: Sequence[Term], values: Sequence[str | None], *, is_backwards: bool) -> Part:
    """Return the part with the same first value.

    PostgreSQL estimates a comparison of rows by its first column. If that has few values, it would
    expect no rows, and read them all.
    """
    first, rest = order[0], order[1:]
    after, params = _after(rest, values[1:], is_backwards=is_backwards)
    same = f"{stored(first.column.name)} = cast(%s as {first.column.type})"
    return Part(
        f"{same} and {after}", [values[0], *params], _order_by(rest, is_backwards=is_backwards)
    )


def _order_by(terms: Sequence[Term], *, is_backwards: bool) -> str:
    parts = [
        f"{stored(term.column.name)}{' desc' if term.is_descending != is_backwards else ''}"
        for term in terms
    ]
    return f" order by {', '.join(parts)}" if parts else ""


def _after(
    terms: Sequence[Term], values: Sequence[str | None], *, is_backwards: bool
) -> tuple[str, list[object]]:
    """Return the condition that a row comes after these values.

    The first column's bound is also a condition of its own, so that its index finds the start.
    """
    if len({term.is_descending for term in terms}) == 1:  # an index can compare all columns at once
        names = ", ".join(stored(term.column.name) for term in terms)
        sign = "<" if terms[0].is_descending != is_backwards else ">"
        given = ", ".join(f"cast(%s as {term.column.type})" for term in terms)
        return f"({names}) {sign} ({given})", list(values)
    condition = "false"
    params: list[object] = []
    for term, value in reversed(list(zip(terms, values, strict=True))):
        name, sign = stored(term.column.name), "<" if term.is_descending != is_backwards else ">"
        given = f"cast(%s as {term.column.type})"
        condition = f"({name} {sign}= {given} and ({name} {sign} {given} or {condition}))"
        params = [value, value, *params]
    return condition, params


def is_text(column: ColumnView) -> bool:
    """Return whether words can be searched in a column."""
    return column.type.casefold() in _TEXTS


def cut(column: ColumnView) -> str:
    """Return a column for a list, cut if its text is long."""
    name = stored(column.name)
    return f"left(cast({name} as text), {_LONGEST_CELL})" if is_text(column) else name


def stored(name: str) -> str:
    """Return a column of the table: the cut text of a list has the same name."""
    return f"stored.{quoted(name)}"


def quoted(name: str) -> str:
    """Return a name in quotes."""
    return '"' + name.replace('"', '""') + '"'


def rows_of(table: TableView) -> str:
    """Return the relation for a table's rows; a raw table gives the rows of finished runs."""
    name = quoted_table(table.name)
    return _FINISHED_ROWS.format(name) if "_dlt_load_id" in table.columns else name


def quoted_table(table: str) -> str:
    """Return the name of a table in quotes, with its schema."""
    schema, _, name = table.partition(".")
    return f"{quoted(schema)}.{quoted(name)}"
