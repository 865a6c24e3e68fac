"""Print the output of all commands: tables for people, JSON for programs, progress bars."""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, TextIO

from loader.cli.invocation import current
from loader.cli.wrapping import wrapped
from loader.extract.options import Progress
from loader.guards import terminal
from loader.parsing.escapes import escaped, escaped_json, escaped_line
from loader.words import counted

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from loader.cli.tables import Listing

JSON_VERSION = 2
_PLAIN_WIDTH = 160  # columns, if the output is not a terminal and COLUMNS is not set


def print_header() -> None:
    """Print the target and the database; to stderr if stdout carries data."""
    if not (current.is_json or current.is_quiet):
        _console().print(line(f"{current.target}: {current.database}"), soft_wrap=True)


def note_header() -> None:
    """Print the header to stderr, because stdout carries data."""
    if not (current.is_json or current.is_quiet):
        print(escaped_line(f"{current.target}: {current.database}"), file=sys.stderr)


def print_json(**values: Any) -> None:  # noqa: ANN401
    """Print the JSON document of a command, with its header."""
    current.is_printed = True
    print(json_text({"version": JSON_VERSION, **current.header, **values}))


def json_text(document: Mapping[str, Any]) -> str:
    """Return a JSON document that is safe to print on a terminal."""
    return escaped_json(json.dumps(document, default=_json, ensure_ascii=False, indent=2))


def as_objects(name: str, values: Iterable[object]) -> list[dict[str, object]]:
    """Return a list of objects with one field each, so that JSON can gain fields later."""
    return [{name: value} for value in values]


def _json(value: object) -> object:
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


def print_all(parts: "Iterable[Listing | Text]") -> None:
    """Print tables and lines."""
    from rich.text import Text

    console, width = _console(), _width_of(sys.stdout)
    for part in parts:
        if isinstance(part, Text) and width:
            part.plain = wrapped(part.plain, width)
        console.print(part, soft_wrap=isinstance(part, Text), crop=False)


def note(message: str) -> None:
    """Print a line to stderr that is not part of the result."""
    _print_error(escaped_line(current.with_options(message)))


def notes(message: str) -> None:
    """Print an error of several lines."""
    _print_error(current.with_options(message))


def _print_error(text: str) -> None:
    width = _width_of(sys.stderr)
    print(wrapped(text, width) if width else text, file=sys.stderr)


def listing(
    title: str,
    columns: tuple[str, ...],
    rows: "Iterable[tuple[str | Text | None, ...]]",
    right: tuple[str, ...] = (),
    *,
    none: str = "",
    **options: Any,  # noqa: ANN401 - the arguments of Listing
) -> "Listing | Text":
    """Return a table of the rows, or the line `none` if there are no rows."""
    from rich.text import Text

    from loader.cli.tables import Listing

    heading = line(title)
    heading.stylize("bold")
    names = [line(column) for column in columns]
    made = Listing(heading, names, [column in right for column in columns], **options)
    for row in rows:
        made.add(cell if isinstance(cell, Text) else data(cell or "") for cell in row)
    return made if len(made) else line(none or f"no {title.lower()} yet")


def line(text: str) -> "Text":
    """Return one line of a message; line feeds in names are escaped."""
    from rich.text import Text

    return Text(escaped_line(current.with_options(text)))


def data(text: str) -> "Text":
    """Return one line of foreign text; commands in it get no options."""
    from rich.text import Text

    return Text(escaped_line(text))


def lines(text: str) -> "Text":
    """Return a text of several lines unchanged."""
    from rich.text import Text

    return Text(escaped(text))


@contextmanager
def progress(title: str, *, is_shown: bool) -> Iterator[Progress]:
    """Show a progress bar, on a terminal only."""
    if not (is_shown and terminal.raw(sys.stderr).isatty()):
        yield Progress()
        return
    from rich import progress as bars
    from rich.filesize import decimal

    console = _console(is_stderr=True)
    state = bars.TextColumn("{task.fields[state]}")
    columns = (bars.TextColumn(title), bars.BarColumn(), bars.MofNCompleteColumn(), state)
    # With a redirection, escape sequences in other output would pass unescaped.
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
                    state = f"{counted(moved[0], 'blob')}, {decimal(moved[1])}"
                    bar.update(task, state=state)
                bar.advance(task)

        yield Bar()


@contextmanager
def waiting(title: str, *, is_shown: bool) -> Iterator[None]:
    """Show a spinner during a long step, on a terminal only."""
    if not (is_shown and terminal.raw(sys.stderr).isatty()):
        yield
        return
    from rich.live import Live
    from rich.spinner import Spinner

    spinner, console = Spinner("dots", text=line(title)), _console(is_stderr=True)
    # No redirection, for the reason given in `progress`.
    with Live(
        spinner, console=console, transient=True, redirect_stdout=False, redirect_stderr=False
    ):
        yield


def _console(*, is_stderr: bool = False) -> "Console":
    """Return a console that escapes control characters in all printed text."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class SafeConsole(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError  # rich would look for the underlying file of our stream

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterator[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else escaped(text), style, control)

    stream = terminal.raw(sys.stderr if is_stderr else sys.stdout)
    width = None if stream.isatty() else _columns() or _PLAIN_WIDTH
    return SafeConsole(file=stream, width=width, highlight=False)


def _width_of(stream: TextIO) -> int:
    """Return the column at which lines break; 0 for a file, in which they do not."""
    if not terminal.raw(stream).isatty():
        return _columns()
    return _columns() or shutil.get_terminal_size().columns


def _columns() -> int:
    from loader.settings.screen import columns

    return columns()
