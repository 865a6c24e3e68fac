"""A terminal for a command's output, and characters that must not reach it."""

import contextlib
import os
import pty
import re
import termios
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TextIO

# One of each: C0, DEL, C1, separators, bidirectional and invisible characters, a tag.
UNSAFE = (
    "\t\x07\x08\r\x1b\x7f\x80\x85\x9b\x9d\xad\u061c\u200b\u200e\u200f\u2028\u2029\u202a\u202e"
    "\u2060\u2066\u2069\ufeff\ufff9\U000e0041"
)
# Title, clipboard, link, screen, color, in seven and eight bits; then each by itself.
HOSTILE = (
    "\x1b]0;pwned\x07\x1b]52;c;cm0gLXJmIH4K\x1b\\\x1b]8;;http:evil\x1b\\\x1b[2J\x1b[31mFAKE\x1b[0m"
    f"\x9b31m\x9d52;c;eA==\x9c{UNSAFE}"
)
_ANY = re.compile(
    r"[^\n -~\xa0-\U0010ffff]|[\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f]"
)
_OWN_COLORS = re.compile(r"\x1b\[(?!31m)[0-9;]*m")
_OWN_CONTROLS = re.compile(r"\x1b\[(?:\?25[lh]|2K|[0-9]*A)|\r")  # of a progress bar


def unsafe(text: str) -> list[str]:
    """Return the characters of a text that must not reach a terminal."""
    return _ANY.findall(text)


@dataclass
class Screen:
    """A terminal.

    Args:
        stream: The stream that a program writes to.
    """

    stream: TextIO
    written: bytes = field(default=b"", init=False)

    @property
    def text(self) -> str:
        """The written text without our colors and the movements of a progress bar."""
        return _OWN_CONTROLS.sub("", _OWN_COLORS.sub("", self.written.decode()))


@contextlib.contextmanager
def screen() -> Iterator[Screen]:
    """Open a terminal; its text is available afterwards."""
    outside, inside = pty.openpty()
    modes = termios.tcgetattr(inside)
    modes[1] &= ~termios.OPOST  # otherwise it writes \r\n for \n
    termios.tcsetattr(inside, termios.TCSANOW, modes)
    made = Screen(os.fdopen(inside, "w", encoding="utf-8"))

    def read() -> None:
        with contextlib.suppress(OSError):  # the other end is closed
            while piece := os.read(outside, 65536):
                made.written += piece

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield made
    finally:
        made.stream.close()
        reader.join()
        os.close(outside)
