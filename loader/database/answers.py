"""The result of a query, up to a limit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_BATCH = 50  # rows per fetch, to bound the memory


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a query.

    Args:
        columns: The names of the columns.
        rows: The values of the rows.
        is_cut: Whether more rows exist.
    """

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    is_cut: bool = False


def answer_of(
    cursor: Any,  # noqa: ANN401 - psycopg's or DuckDB's
    fetch: Callable[[int], list[tuple[Any, ...]]],
    most: int,
    most_characters: int | None,
) -> Answer:
    """Fetch rows up to the limits.

    Args:
        cursor: The cursor, with the names of the columns.
        fetch: Returns up to a number of further rows.
        most: The maximum number of rows.
        most_characters: The size at which fetching stops; None for no limit.
    """
    rows: list[tuple[Any, ...]] = []
    size = 0
    while len(rows) <= most:
        batch = fetch(min(_BATCH, most + 1 - len(rows)))
        if not batch:
            return Answer(names_of(cursor), rows)
        for row in batch:
            size += sum(len(str(value)) for value in row) if most_characters else 0
            if rows and most_characters and size > most_characters:
                return Answer(names_of(cursor), rows, is_cut=True)
            rows.append(row)
    return Answer(names_of(cursor), rows[:most], is_cut=True)


def names_of(cursor: Any) -> tuple[str, ...]:  # noqa: ANN401
    """Return the names of the columns."""
    return tuple(each[0] for each in cursor.description or ())
