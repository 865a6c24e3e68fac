"""Escape control characters in all output of this process."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO, cast

from loader.parsing.escapes import escaped


class EscapingStream(io.TextIOBase):
    """A stream that shows control and bidirectional characters as escapes.

    `isatty` is false, because libraries would otherwise color their output.

    Args:
        raw: The underlying stream, for our own colors and progress bars.
    """

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    def __del__(self) -> None:
        """Leave the underlying stream open."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Return the encoding of the underlying stream."""
        return self.raw.encoding

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Write a text with escapes; return its length."""
        self.raw.write(escaped(text))
        return len(text)

    def flush(self) -> None:
        """Flush the underlying stream."""
        if not self.raw.closed:
            self.raw.flush()

    def close(self) -> None:
        """Close the underlying stream."""
        self.raw.close()


def guard() -> None:
    """Escape all output of this process: results, logs, warnings, tracebacks, libraries' output."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream and not isinstance(stream, EscapingStream):
            setattr(sys, name, EscapingStream(stream))


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Escape all output, like `guard`, until the context ends."""
    streams = sys.stdout, sys.stderr
    guard()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def raw(stream: TextIO) -> TextIO:
    """Return the underlying stream, for text that is already escaped."""
    return cast(EscapingStream, stream).raw if isinstance(stream, EscapingStream) else stream
