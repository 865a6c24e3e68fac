"""Helpers of all parsers: white space, lines, and regions in which headings are ignored.

Long texts are parsed as UTF-8 bytes, as they are read and stored. That is safe because all patterns
are ASCII, and a multi-byte character contains no ASCII byte.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

# ECMAScript's WhiteSpace and LineTerminator (ECMA-262, 12.2 and 12.3): existing rows were trimmed
# in this way and have checksums of the result. str.strip() would also remove U+0085 and U+001C to
# U+001F, and keep U+FEFF.
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
_FIRST_LONG = 0x80  # the lowest byte of a multi-byte character
_BLANK = b"|".join(re.escape(character.encode()) for character in WHITE_SPACE)
# Matches UTF-8 text that has only white space.
is_blank = re.compile(rb"(?:%b)*+" % _BLANK).fullmatch

# Hyphens, spaces and full-width digits that look like ASCII; zero-width marks are removed.
_LOOKALIKES = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2212\ufe63\uff0d"), "-"),
    **dict.fromkeys(map(ord, "\u2018\u2019\u02bc"), "'"),
    **dict.fromkeys([*range(0x2000, 0x200B), 0xA0, 0x202F, 0x205F, 0x3000, 0x09], " "),
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    0xFF0F: "/",
    0xFF0E: ".",
    **dict.fromkeys([*range(0x300, 0x370), *range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD]),
}
_SIGNS = ((b"`", b"```"), (b"~", b"~~~"), (b"<", b"<!--"))
# A fence or comment may begin in a list item or block quote ("- ```"). A fence of backticks has no
# backtick in its info string (CommonMark 4.5): "```x```" is inline code.
_OPENER = re.compile(
    rb"\n[ \t]*(?:(?:[-*+>]|\d{1,9}[.)])[ \t]+)*(?:(?P<fence>`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})|<!--)"
)
_CLOSER = re.compile(rb"\n[ \t>]*(?P<fence>`{3,}|~{3,})[ \t]*(?=\n|\Z)")


def stripped(text: bytes) -> bytes:
    """Return UTF-8 text without leading and trailing white space."""
    text = text.strip(_ASCII_BYTES)
    if text and (text[0] >= _FIRST_LONG or text[-1] >= _FIRST_LONG):
        return text.decode().strip(WHITE_SPACE).encode()
    return text


def folded(text: str) -> str:
    """Return a text in lower case, without accents, with ASCII hyphens, spaces and digits."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFD", text.casefold()).translate(_LOOKALIKES)
    return unicodedata.normalize("NFC", decomposed)


def longest_match(forms: Iterable[re.Pattern[str]], text: str, start: int) -> re.Match[str] | None:
    """Return the longest match of some patterns at an offset."""
    matches = [match for form in forms if (match := form.match(text, start))]
    return max(matches, key=re.Match.end, default=None)


def match_end(form: re.Pattern[str], text: str, start: int) -> int:
    """Return the end of a match at an offset; the offset if nothing matches."""
    return match.end() if (match := form.match(text, start)) else start


def searchable(text: bytes) -> bytes:
    r"""Return a copy for searching lines, with each byte shifted by one.

    Every line begins after "\n": lines end at LF, CRLF or a lone CR (CommonMark 2.1), but not at
    U+2028 or NEL. The shift makes the offset of a "\n" in the copy equal to the offset in `text` of
    the line after it.
    """
    if b"\r" in text:
        text = text.replace(b"\r\n", b" \n").replace(b"\r", b"\n")
    return b"\n" + text


class Region(NamedTuple):
    """A code fence or comment.

    Args:
        start: The start of its first line.
        end: The end of its last line.
        is_closed: Whether it has its own closing line.
    """

    start: int
    end: int
    is_closed: bool = True


@dataclass(frozen=True, slots=True)
class Regions:
    """The code fences and comments of a text.

    Args:
        regions: The regions in order, without overlap.
        unpaired: The offset of the first one that never closes or has another opener inside.
    """

    regions: Sequence[Region] = ()
    unpaired: int | None = None

    def holds(self, offset: int) -> bool:
        """Return whether the line at an offset is inside a region."""
        if not self.regions:
            return False
        index = bisect_right(self.regions, (offset,)) - 1
        return index >= 0 and offset < self.regions[index].end


NO_REGIONS = Regions()


def hidden(lines: bytes, regions: Iterable[Region]) -> bytes:
    """Return a copy of `searchable` with each byte in the regions, except line ends, as "x"."""
    visible: list[bytes] = []
    position = 0
    for start, end, _ in regions:
        covered = b"\n".join(b"x" * len(line) for line in lines[start:end].split(b"\n"))
        visible += lines[position:start], covered
        position = end
    return b"".join([*visible, lines[position:]]) if visible else lines


def find_regions(lines: bytes, stops: Sequence[int] = ()) -> Regions:
    """Find the code fences and comments of a text.

    Args:
        lines: The result of `searchable`.
        stops: Offsets of lines at which a region ends at the latest. Without stops, an unclosed
            region hides nothing.
    """
    # Searching for a single byte first is ten times faster.
    if not any(opener in lines for sign, opener in _SIGNS if sign in lines):
        return NO_REGIONS
    regions: list[Region] = []
    unpaired = None
    closers = {ord(sign): _Closers() for sign in "`~"}
    for match in _CLOSER.finditer(lines):
        closers[match["fence"][0]].add(match)
    has_comment_end = True
    position = 0
    while opener := _OPENER.search(lines, position):
        position = opener.end()
        fence = opener["fence"]
        next_stop = bisect_right(stops, opener.start())
        stop = stops[next_stop] if next_stop < len(stops) else len(lines)
        if fence:
            last, end = closers[fence[0]].behind(opener.start(), len(fence), stop)
        else:
            last = end = lines.find(b"-->", position, stop) if has_comment_end else -1
            has_comment_end = end >= 0 or stop < len(lines)
        is_closed = end >= 0
        if not is_closed and stop < len(lines):
            end = stop
        if end >= 0:
            regions.append(Region(opener.start() + 1, end, is_closed))
            position = end
        is_paired = is_closed and not _has_opener(lines, opener, last)
        if not is_paired and unpaired is None:
            unpaired = opener.start()
    return Regions(regions, unpaired)


def _has_opener(lines: bytes, opener: re.Match[bytes], end: int) -> bool:
    """Return whether another region of the same kind seems to begin inside."""
    fence = opener["fence"]
    if not fence:
        return lines.find(b"<!--", opener.end(), end) >= 0
    return lines.find(fence, opener.end(), end) >= 0 and any(
        (each["fence"] or b"").startswith(fence)
        for each in _OPENER.finditer(lines, opener.end(), end)
    )


class _Closers:
    """Lines that can close a fence of one character, in order; each is visited once."""

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

    def behind(self, offset: int, length: int, stop: int) -> tuple[int, int]:
        """Return start and end of the first closer of at least `length` after an offset, else -1.

        Offsets must grow from call to call: beyond the last closer that was found, or beyond
        `stop` if none was found before it.
        """
        if not self._longest_behind:
            self._longest_behind = [*accumulate(reversed(self._lengths), max)][::-1]
        self._next = bisect_right(self._starts, offset, lo=self._next)
        if self._next == len(self._starts) or self._longest_behind[self._next] < length:
            return -1, -1
        while self._starts[self._next] < stop and self._lengths[self._next] < length:
            self._next += 1
        start = self._starts[self._next]
        return (start, self._ends[self._next]) if start < stop else (-1, -1)
