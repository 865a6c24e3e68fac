"""Parse Markdown and HTML in texts: lines, fences, headings, and the visible text."""

import html
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from loader.parsing.text import WHITE_SPACE, find_regions

_NO_ROOM = "\u200b-\u200d\u2060\ufeff"  # zero-width characters
_HEADING = re.compile(
    rf"[{_NO_ROOM}]{{0,4}} {{0,3}}(?P<marks>#{{1,20}})[{_NO_ROOM}]{{0,4}}"
    rf"(?:[{WHITE_SPACE}](?P<text>.*))?",
    re.DOTALL,
)
_STOP = re.compile(rb"\n {0,3}#{1,6}[ \t]")
_MAY_BE_HEADING = frozenset("# \u200b\u200c\u200d\u2060\ufeff")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")  # CommonMark 2.4
# Bounded: html.unescape fails on a number of more than 4,300 digits.
_ENTITY = re.compile(
    r"&(?:#[0-9]{1,7}(?![0-9])|#[xX][0-9a-fA-F]{1,6}(?![0-9a-fA-F])|[A-Za-z][A-Za-z0-9]{1,31});?"
)
_BLOCK_TAGS = "br|p|div|li|ul|ol|tr|table|blockquote|pre|h[1-6]|hr"
_INLINE_TAGS = (
    "a|abbr|b|bdi|bdo|c|cite|code|del|em|font|i|img|ins|kbd|lang|mark|q|ruby|rt|s|samp|small|span"
    "|strike|strong|sub|sup|tbody|td|th|thead|tt|u|var"
)
_TAG = re.compile(
    rf"</?(?:(?P<block>{_BLOCK_TAGS})|{_INLINE_TAGS})(?:[.\s][^<>]*+)?/?>|</v>|<[0-9:.]{{5,12}}>",
    re.IGNORECASE,
)
_MARKS = "*_`~ \t"
_LONGEST_KNOWN = 100  # characters
_LONGEST_INDENT = 100


class MarkdownHeading(NamedTuple):
    """An ATX heading.

    Args:
        level: The number of `#`.
        text: The text after them, trimmed, without closing marks.
    """

    level: int
    text: str


def lines_of(content: bytes | str) -> list[str]:
    """Return the lines of a text; bytes are UTF-8, and LF, CRLF and a lone CR end a line."""
    text = content if isinstance(content, str) else content.decode(errors="replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.split("\n")


def hidden_lines(lines: Sequence[str]) -> frozenset[int]:
    """Return the indexes of the lines in code fences and comments that close."""
    text = "\n" + "\n".join(lines)
    if "```" not in text and "~~~" not in text and "<!--" not in text:
        return frozenset()
    data = text.encode(errors="replace")
    found: set[int] = set()
    counted = line = 0
    regions = find_regions(data)
    if regions.unpaired is not None:  # a fence must not contain a section
        regions = find_regions(data, [each.start() for each in _STOP.finditer(data)])
    for start, end, is_closed in regions.regions:
        line += data.count(b"\n", counted, start)
        last = line + data.count(b"\n", start, end)
        counted = start
        if is_closed:
            found.update(range(line - 1, last))
    return frozenset(found)


def heading(line: str) -> MarkdownHeading | None:
    """Return the ATX heading in a line."""
    if not line or line[0] not in _MAY_BE_HEADING or "#" not in line[:8]:
        return None
    return _known_heading(line) if len(line) <= _LONGEST_KNOWN else _heading(line)


def _heading(line: str) -> MarkdownHeading | None:
    match = _HEADING.fullmatch(line)
    if not match:
        return None
    text = (match["text"] or "").strip(WHITE_SPACE)
    bare = text.rstrip("#")
    if bare != text and (not bare or bare[-1] in WHITE_SPACE):
        text = bare.rstrip(WHITE_SPACE)
    return MarkdownHeading(len(match["marks"]), text)


_known_heading = lru_cache(maxsize=4096)(_heading)  # most headings repeat


def expanded(line: str) -> str:
    """Return a line with the tabs in its indentation expanded."""
    if "\t" not in line[:_LONGEST_INDENT]:
        return line
    rest = line.lstrip(" \t")
    return line[: len(line) - len(rest)].expandtabs(4) + rest


def dedented(block: Sequence[str], width: int) -> str:
    """Return the text of a block, without the indentation of a list item."""
    if len(block) == 1:
        return block[0].strip(WHITE_SPACE)
    lines = [block[0]]
    for line in block[1:]:
        start = line[:width]
        lines.append(start.lstrip(" \t") + line[width:])
    return "\n".join(line.rstrip(WHITE_SPACE) for line in lines).strip(WHITE_SPACE)


def without_marks(text: str) -> str:
    """Return a name without the emphasis around it and a colon at its end."""
    return text.strip(WHITE_SPACE + _MARKS).removesuffix(":").strip(WHITE_SPACE + _MARKS)


def unescaped(text: str) -> str:
    """Return a text without Markdown's escapes."""
    return _unescaped_entities(_ESCAPED.sub(r"\1", text) if "\\" in text else text)


def html_text(text: str) -> str:
    """Return the visible text of HTML: no tags, decoded entities, a line for each block.

    Remove only the tags of HTML and WebVTT: `<UTC+8>` and `List<Item>` stay.
    """
    if "<" in text:
        text = _TAG.sub(lambda tag: "\n" if tag["block"] else "", text)
    return _unescaped_entities(text).replace("\N{NO-BREAK SPACE}", " ")


def _unescaped_entities(text: str) -> str:
    if "&" not in text:
        return text
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
