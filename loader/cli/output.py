"""What the commands' output has in common: tables for people, JSON for programs, progress."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

from loader.extract.options import Progress
from loader.guards import terminal
from loader.parsing.escapes import escaped, escaped_json, escaped_line

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

JSON_VERSION = 1
_PLAIN_WIDTH = 160  # columns, where the output is no terminal


def print_json(**values: Any) -> None:  # noqa: ANN401
    """Print a JSON document, with its version."""
    print(json_text({"version": JSON_VERSION, **values}))


def json_text(document: Mapping[str, Any]) -> str:
    """Return a JSON document that is safe to be shown on a terminal."""
    return escaped_json(json.dumps(document, default=str, ensure_ascii=False, indent=2))


def print_all(parts: "Iterable[Table | Text]") -> None:
    """Print tables and lines."""
    from rich.text import Text

    console = _console()
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))  # a line is wrapped by the terminal


def note(message: str) -> None:
    """Print a line that is no result."""
    print(escaped_line(message), file=sys.stderr)


def table(title: str, *columns: str, right: tuple[str, ...] = ()) -> "Table":
    """An empty table; the columns in `right` are numbers."""
    from rich.table import Table

    heading = line(title)
    heading.stylize("bold")
    made = Table(title=heading, title_justify="left")
    for column in columns:
        justify: Literal["right", "left"] = "right" if column in right else "left"
        made.add_column(line(column), justify=justify, overflow="fold")
    return made


def listing(
    title: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[str | None, ...]],
    right: tuple[str, ...] = (),
) -> "Table | Text":
    """A table of these rows, or a line that says that there are none yet."""
    made = table(title, *columns, right=right)
    for row in rows:
        made.add_row(*(line(cell or "") for cell in row))
    return made if made.row_count else line(f"no {title.lower()} yet")


def line(text: str) -> "Text":
    """A line of text, as it stands: a line feed in a name begins no line."""
    from rich.text import Text

    return Text(escaped_line(text))


def lines(text: str) -> "Text":
    """A text of several lines, as it stands."""
    from rich.text import Text

    return Text(escaped(text))


@contextmanager
def progress(title: str, *, is_shown: bool) -> Iterator[Progress]:
    """A progress bar, on a terminal only."""
    if not (is_shown and terminal.raw(sys.stderr).isatty()):
        yield Progress()
        return
    from rich import progress as bars
    from rich.filesize import decimal

    console = _console(is_stderr=True)
    state = bars.TextColumn("{task.fields[state]}")
    columns = (bars.TextColumn(title), bars.BarColumn(), bars.MofNCompleteColumn(), state)
    # A redirection would take escape sequences in what is printed meanwhile for our own.
    with bars.Progress(
        *columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as bar:
        task = bar.add_task(title, total=None, state="")
        moved = [0, 0]  # blobs, bytes

        class Bar(Progress):
            def start(self, files: int) -> None:
                bar.update(task, total=files)

            def advance(self, size: int | None = None) -> None:
                if size is not None:
                    moved[:] = moved[0] + 1, moved[1] + size
                    state = f"{moved[0]:,} blobs, {decimal(moved[1])}"
                    bar.update(task, state=state)
                bar.advance(task)

        yield Bar()


@contextmanager
def waiting(title: str, *, is_shown: bool) -> Iterator[None]:
    """A sign of life while something takes long, on a terminal only."""
    if not (is_shown and terminal.raw(sys.stderr).isatty()):
        yield
        return
    from rich.live import Live
    from rich.spinner import Spinner

    spinner, console = Spinner("dots", text=line(title)), _console(is_stderr=True)
    # No redirection: see above.
    with Live(
        spinner, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ):
        yield


def _console(*, is_stderr: bool = False) -> "Console":
    """A console whose only control sequences are its own: whatever is printed gets escapes."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class SafeConsole(Console):
        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterator[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else escaped(text), style, control)

    stream = terminal.raw(sys.stderr if is_stderr else sys.stdout)
    width = None if stream.isatty() else _PLAIN_WIDTH
    return SafeConsole(file=stream, width=width, highlight=False)
