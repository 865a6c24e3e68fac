"""Tables that fit the screen: words are never broken; tables that are too wide are stacked."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from loader.cli.wrapping import wrapped

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType

_LINE = "\n"
_BETWEEN = 3  # characters between two columns


class Listing:
    """A table, or blocks of `column: value` if the table is wider than the screen.

    Args:
        columns: Names of the columns.
        right: Columns with numbers, which are aligned to the right.
        has_lines: Whether to draw a line between rows.
        most: The maximum width in characters; None for the width of the screen.
    """

    def __init__(
        self,
        title: Text,
        columns: Sequence[Text],
        right: Sequence[bool],
        *,
        has_lines: bool = False,
        most: int | None = None,
    ) -> None:
        self._title = title
        self._columns = columns
        self._right = right
        self._has_lines = has_lines
        self._most = most
        self._rows: list[Sequence[Text]] = []

    def add(self, row: Iterable[Text]) -> None:
        """Add a row."""
        self._rows.append(tuple(row))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._rows)

    def __rich_console__(
        self, console: "Console", options: "ConsoleOptions"
    ) -> "Iterator[RenderableType]":
        """Yield the table or the blocks."""
        widths = self._widths(min(options.max_width, self._most or options.max_width))
        yield from self._table(widths) if widths else self._blocks(options.max_width)

    def _widths(self, room: int) -> list[int]:
        """Return the widths of the columns; an empty list if the words do not fit."""
        cells = list(zip(self._columns, *self._rows, strict=True))
        least = [max(map(_longest_word, column)) for column in cells]
        wanted = [max(_longest_line(cell) for cell in column) for column in cells]
        # Never break a number.
        least = [w if r else n for n, w, r in zip(least, wanted, self._right, strict=True)]
        free = room - sum(least) - _BETWEEN * len(least) - 1
        if free < 0:
            return []
        for _ in range(min(free, sum(wanted) - sum(least))):
            at = max(range(len(least)), key=lambda at: wanted[at] - least[at])
            least[at] += 1
        return least

    def _table(self, widths: list[int]) -> "Iterator[RenderableType]":
        made = Table(title=self._title, title_justify="left", show_lines=self._has_lines)
        for column, is_right, width in zip(self._columns, self._right, widths, strict=True):
            justify: Literal["right", "left"] = "right" if is_right else "left"
            made.add_column(column, justify=justify, width=width, overflow="fold")
        for row in self._rows:
            made.add_row(*row)
        yield made

    def _blocks(self, room: int) -> "Iterator[RenderableType]":
        yield self._title
        for row in self._rows:
            for column, cell in zip(self._columns, row, strict=True):
                if cell.plain:
                    text = f"{column.plain}: {cell.plain.replace(_LINE, ', ')}"
                    yield Text(wrapped(text, room), no_wrap=True, overflow="ignore")
            yield Text()


def _longest_word(cell: Text) -> int:
    return max(map(cell_len, cell.plain.split()), default=0)


def _longest_line(cell: Text) -> int:
    return max(map(cell_len, cell.plain.split("\n")))
