"""Everything that this process writes: no control character of others gets through."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import TextIO, cast

from loader.parsing.escapes import escaped


class EscapingStream(io.TextIOBase):
    """A stream that shows control and bidirectional characters as escapes.

    It is no terminal for those who ask: they would color what they write.

    Args:
        raw: Where the text goes; for our own colors and progress bars.
    """

    def __init__(self, raw: TextIO) -> None:
        self.raw = raw

    def __del__(self) -> None:
        """Leave the stream below open."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """That of the stream below."""
        return self.raw.encoding

    def writable(self) -> bool:
        """Return that it can be written."""
        return True

    def write(self, text: str) -> int:
        """Write a text with escapes; return its length."""
        self.raw.write(escaped(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream below."""
        if not self.raw.closed:
            self.raw.flush()

    def close(self) -> None:
        """Close the stream below."""
        self.raw.close()


def guard() -> None:
    """Have all output of this process escaped: results, logs, warnings, tracebacks, libraries'."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream and not isinstance(stream, EscapingStream):
            setattr(sys, name, EscapingStream(stream))


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Like `guard`, for a while."""
    streams = sys.stdout, sys.stderr
    guard()
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams


def raw(stream: TextIO) -> TextIO:
    """Return the stream below, for text that is escaped already."""
    return cast(EscapingStream, stream).raw if isinstance(stream, EscapingStream) else stream
