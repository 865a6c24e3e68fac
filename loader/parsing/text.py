"""What the parsers share: white space, lines, and the regions in which no heading counts.

Long texts are parsed as UTF-8 bytes, as they are read and stored: each form that is looked for is
ASCII, and no byte of a longer character is.
"""

import re
from bisect import bisect_right
from itertools import accumulate

# ECMAScript's WhiteSpace and LineTerminator (ECMA-262, 12.2 and 12.3): the rows that exist were
# trimmed so and carry checksums of the result. str.strip() alone takes U+0085 and U+001C to U+001F
# too, and leaves U+FEFF.
_ASCII_WHITE_SPACE = "\t\n\v\f\r "
WHITE_SPACE = (
    _ASCII_WHITE_SPACE + "\N{NO-BREAK SPACE}\N{OGHAM SPACE MARK}"
    "\N{EN QUAD}\N{EM QUAD}\N{EN SPACE}\N{EM SPACE}\N{THREE-PER-EM SPACE}\N{FOUR-PER-EM SPACE}"
    "\N{SIX-PER-EM SPACE}\N{FIGURE SPACE}\N{PUNCTUATION SPACE}\N{THIN SPACE}\N{HAIR SPACE}"
    "\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\N{NARROW NO-BREAK SPACE}"
    "\N{MEDIUM MATHEMATICAL SPACE}\N{IDEOGRAPHIC SPACE}\N{ZERO WIDTH NO-BREAK SPACE}"
)
SPACES = re.compile(f"[{WHITE_SPACE}]+")
_ASCII_BYTES = _ASCII_WHITE_SPACE.encode()
_FIRST_LONG = 0x80  # first byte of a character that is no ASCII
_BLANK = b"|".join(re.escape(character.encode()) for character in WHITE_SPACE)
# Matches UTF-8 text that holds nothing but white space.
is_blank = re.compile(rb"(?:%b)*+" % _BLANK).fullmatch

_SIGNS = ((b"`", b"```"), (b"~", b"~~~"), (b"<", b"<!--"))
# A fence or comment may stand in a list item or block quote ("- ```"). A fence of backticks has no
# backtick in its info string (CommonMark 4.5): "```x```" is inline code.
_OPENER = re.compile(
    rb"\n[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*(?:(?P<fence>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})|<!--)"
)
_CLOSER = re.compile(rb"\n[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*(?=\n|\Z)")


def stripped(text: bytes) -> bytes:
    """UTF-8 text without the white space at its ends."""
    text = text.strip(_ASCII_BYTES)
    if text and (text[0] >= _FIRST_LONG or text[-1] >= _FIRST_LONG):
        return text.decode().strip(WHITE_SPACE).encode()
    return text


def visible_lines(text: bytes) -> tuple[bytes, int | None]:
    r"""A copy to look for headings in, each byte one place further right.

    Every line of it begins after "\n": lines end at LF, CRLF or a lone CR (CommonMark 2.1); U+2028
    and NEL are ordinary characters. So the offset of a "\n" in the copy is the offset in `text` of
    the line that it begins. In code fences and HTML comments, each byte but "\n" is an "x": they
    hold no heading. One that never closes hides nothing, so that the last fence of a file cannot
    swallow the days below it; one that is closed by a later fence's opener does hide what is
    between.

    Returns:
        The copy, and the offset in it of the first opener that never closes, or None.
    """
    if b"\r" in text:
        text = text.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
    lines = b"\n" + text
    # A single byte is looked for ten times as fast.
    if not any(opener in lines for sign, opener in _SIGNS if sign in lines):
        return lines, None
    regions, unclosed = _hidden_regions(lines)
    visible: list[bytes] = []
    position = 0
    for start, end in regions:
        hidden = b"\n".join(b"x" * len(line) for line in lines[start:end].split(b"\n"))
        visible += lines[position:start], hidden
        position = end
    return b"".join([*visible, lines[position:]]), unclosed


def _hidden_regions(lines: bytes) -> tuple[list[tuple[int, int]], int | None]:
    """Start and end of each fence and comment, and the first opener that never closes."""
    regions: list[tuple[int, int]] = []
    unclosed = None
    closers = {ord(sign): _Closers() for sign in "`~"}
    for match in _CLOSER.finditer(lines):
        closers[match["fence"][0]].add(match)
    has_comment_end = True
    position = 0
    while opener := _OPENER.search(lines, position):
        position = opener.end()
        fence = opener["fence"]
        if fence:
            end = closers[fence[0]].end_behind(opener.start(), len(fence))
        else:
            end = lines.find(b"-->", position) if has_comment_end else -1
            has_comment_end = end >= 0
        if end >= 0:
            regions.append((opener.start() + 1, end))
            position = end
        elif unclosed is None:
            unclosed = opener.start()
    return regions, unclosed


class _Closers:
    """Lines that can close a fence of one character, in order; each is looked at once."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._lengths: list[int] = []
        self._next = 0
        self._longest_behind: list[int] = []

    def add(self, line: re.Match[bytes]) -> None:
        self._starts.append(line.start())
        self._ends.append(line.end())
        self._lengths.append(len(line["fence"]))

    def end_behind(self, offset: int, length: int) -> int:
        """Where the first closer of at least `length` behind an offset ends; -1 for none.

        Offsets only grow from call to call, and go beyond each closer that was found.
        """
        if not self._longest_behind:
            self._longest_behind = [*accumulate(reversed(self._lengths), max)][::-1]
        self._next = bisect_right(self._starts, offset, lo=self._next)
        if self._next == len(self._starts) or self._longest_behind[self._next] < length:
            return -1
        while self._lengths[self._next] < length:
            self._next += 1
        return self._ends[self._next]
