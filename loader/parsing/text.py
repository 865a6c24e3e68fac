"""What the parsers share: white space, lines, and the regions in which no heading counts."""

import re
from bisect import bisect_right

# ECMAScript's WhiteSpace and LineTerminator (ECMA-262, 12.2 and 12.3): the rows that exist were
# trimmed so and carry checksums of the result. str.strip() alone takes U+0085 and U+001C to U+001F
# too, and leaves U+FEFF.
WHITE_SPACE = (
    "\t\n\v\f\r \N{NO-BREAK SPACE}\N{OGHAM SPACE MARK}"
    "\N{EN QUAD}\N{EM QUAD}\N{EN SPACE}\N{EM SPACE}\N{THREE-PER-EM SPACE}\N{FOUR-PER-EM SPACE}"
    "\N{SIX-PER-EM SPACE}\N{FIGURE SPACE}\N{PUNCTUATION SPACE}\N{THIN SPACE}\N{HAIR SPACE}"
    "\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\N{NARROW NO-BREAK SPACE}"
    "\N{MEDIUM MATHEMATICAL SPACE}\N{IDEOGRAPHIC SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
)
SPACES = re.compile(f"[{WHITE_SPACE}]+")

# A fence or comment may stand in a list item or block quote ("- ```"). A fence of backticks has no
# backtick in its info string (CommonMark 4.5): "```x```" is inline code.
_OPENER = re.compile(
    r"\n[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*(?:(?P<fence>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})|<!--)"
)
_SIGNS = (("`", "```"), ("~", "~~~"), ("<", "<!--"))
_CLOSER = re.compile(r"\n[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*(?=\n|\Z)")


def with_line_feeds(text: str) -> str:
    r"""A copy in which every line begins after "\n", each character one place further right.

    Lines end at LF, CRLF or a lone CR (CommonMark 2.1); U+2028 and NEL are ordinary characters.
    So the offset of a "\n" in the copy is the offset in `text` of the line that it begins.
    """
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    return "\n" + text


class HiddenRegions:
    """The code fences and HTML comments of a text, in which a heading starts nothing.

    One that never closes hides nothing, so that the last fence of a file cannot swallow the days
    below it; one that is closed by a later fence's opener does hide what is between. Time is linear
    in the length of the text but for crafted ones (then its power of 1.5).

    Args:
        lines: What `with_line_feeds` gave.

    Attributes:
        unclosed: Offset of the first opener that never closes, or None.
    """

    def __init__(self, lines: str) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self.unclosed: int | None = None
        # A single character is looked for ten times as fast.
        if any(sign in lines and opener in lines for sign, opener in _SIGNS):
            self._scan(lines)

    def __contains__(self, offset: int) -> bool:
        """Whether the character at `offset` is inside a fence or comment."""
        if not self._starts:
            return False
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]

    def masked(self, lines: str) -> str:
        """The text with an `x` in place of each hidden character but its line feeds."""
        visible: list[str] = []
        position = 0
        for start, end in zip(self._starts, self._ends, strict=True):
            hidden = "\n".join("x" * len(line) for line in lines[start:end].split("\n"))
            visible += lines[position:start], hidden
            position = end
        return "".join([*visible, lines[position:]]) if position else lines

    def _scan(self, lines: str) -> None:
        closers: dict[str, list[tuple[int, int, int]]] = {"`": [], "~": []}
        for match in _CLOSER.finditer(lines):
            fence = match["fence"]
            closers[fence[0]].append((match.start(), match.end(), len(fence)))
        never_closed: dict[str, int] = {}  # opener's character -> shortest that has no closer
        position = 0
        while opener := _OPENER.search(lines, position):
            position = opener.end()
            fence = opener["fence"] or "<"
            if len(fence) >= never_closed.get(fence[0], len(lines)):
                continue
            if fence == "<":
                end = lines.find("-->", position)
            else:
                end = _closing_end(closers[fence[0]], opener.start(), len(fence))
            if end < 0:
                never_closed[fence[0]] = len(fence)
                if self.unclosed is None:
                    self.unclosed = opener.start()
                continue
            self._starts.append(opener.start() + 1)
            self._ends.append(end)
            position = end


def _closing_end(closers: list[tuple[int, int, int]], after: int, length: int) -> int:
    """Where the first closer of at least `length` behind offset `after` ends; -1 for none."""
    for index in range(bisect_right(closers, after, key=lambda closer: closer[0]), len(closers)):
        _, end, closer_length = closers[index]
        if closer_length >= length:
            return end
    return -1


class LineNumbers:
    """Line numbers of ascending offsets, in one pass over the text."""

    def __init__(self, lines: str) -> None:
        self._lines = lines
        self._offset = 0
        self._number = 0

    def at(self, offset: int) -> int:
        r"""The number, from 1, of the line that the "\n" at `offset` begins.

        Args:
            offset: Not smaller than in the call before.
        """
        self._number += self._lines.count("\n", self._offset, offset + 1)
        self._offset = offset + 1
        return self._number
