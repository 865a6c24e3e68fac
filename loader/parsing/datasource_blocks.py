r"""Find the data blocks of a generated datasource, `NAME = ` and a text, in the source itself.

The generator escapes only triple quotes. So Python's own parser cannot be used: it would fail at
`C:\Users`, and at a text that ends in a backslash.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass

from loader.parsing.text import WHITE_SPACE

DAILY_BLOCKS = ("DAILY_REPORTS_DATA", "DAILY_TEXT")
JIRA_BLOCKS = ("JIRA_DATA", "JIRA_TEXT")
SLACK_BLOCKS = ("SLACK_DATA",)
MEETING_BLOCKS = ("TRANSCRIPT_DATA", "FATHOM_TEXT", "TRANSCRIPT_DATA_BY_DAY")
UNDATED_MEETINGS = "TRANSCRIPTS_WITH_UNKNOWN_DATE"
BLOCKS = (*DAILY_BLOCKS, *JIRA_BLOCKS, *SLACK_BLOCKS, *MEETING_BLOCKS, UNDATED_MEETINGS)

_QUOTES = '"""'
_OPENER = re.compile(
    rf"(?:\A|[\n\r;])[ \t]*+(?P<name>{'|'.join(BLOCKS)})[ \t]*+(?::[^=\n\r\"']{{0,80}})?=(?!=)"
    rf"[ \t]*+(?P<prefix>(?:[A-Za-z_.]{{1,40}}\()?[rRbBuUfF]{{0,2}})(?P<quotes>{_QUOTES})?"
)
_RUN = re.compile('"{3,}+')
# Characters that may follow a text on its last line.
_REST_OF_LINE = re.compile(r"[ \t]*+[)\]},;]{0,8}[ \t]*+(?:#[^\n\r]*+)?(?:[\n\r]|\Z)")
_END_OF_STATEMENT = re.compile(r"[ \t]*+(?:#|;|[\n\r]|\Z)")
# Code before quotes that begin another text: an assignment, a dictionary's key, a docstring.
_BEGINNING = re.compile(
    r"(?:[\n\r;][ \t]*[\w.]+[ \t]*(?::[^=\n\r]*)?=|\breturn|[\"'][ \t]*:|:[ \t]*[\n\r]\s*)[ \t]*"
    r"(?:[A-Za-z_.]{1,40}\()?[rRbBuUfF]{0,2}\Z"
)
_LOOK_BACK = 200  # characters
_NOTHING = re.compile(r"(?:None|\"\"|''|\{\s*+\}|\[\s*+\]|\(\s*+\))(?=[ \t]*+(?:#|;|[\n\r]|\Z))")
_TOKEN = re.compile(
    rf"#[^\n\r]*+|(?P<quotes>{_QUOTES})|(?P<text>\"(?:\\.|[^\"\\\n\r])*+\"|'(?:\\.|[^'\\\n\r])*+')"
    r"|(?P<open>[\[({])|(?P<close>[\])}])"
)
_KEY = re.compile(r"[ \t]*+:")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True, slots=True)
class Block:
    """A data block.

    Args:
        name: One of `BLOCKS`.
        text: The source between the quotes, trimmed, with triple quotes unescaped.
        line_number: The line on which the block begins.
        problem: The reason why it may be incomplete; empty for a block of the generator's form.
    """

    name: str
    text: str
    line_number: int
    problem: str = ""


def find_blocks(source: str) -> tuple[dict[str, Block], str]:
    """Find the data blocks of a datasource in linear time. Never raise.

    Args:
        source: The file, decoded.

    Returns:
        The blocks by name (the first one with a text wins), and the source outside of blocks.
    """
    blocks: dict[str, Block] = {}
    beside: list[str] = []
    openers = list(_OPENER.finditer(source))
    # Inside a text, quotes after a block's name are escaped. So unescaped ones begin a block.
    starts = [opener.start() for opener in openers if opener["quotes"]]
    position, counted, number = 0, 0, 1
    for opener in openers:
        if opener.start() < position:
            continue  # inside the text of the previous block
        at = bisect_right(starts, opener.start())
        limit = starts[at] if at < len(starts) else len(source)
        texts, end, problem = _value(source, opener, limit)
        number += source.count("\n", counted, opener.start("name"))
        counted = opener.start("name")
        beside.append(source[position : opener.start()])
        position = end
        text = "\n\n".join(texts).strip(WHITE_SPACE)
        held = blocks.get(opener["name"])
        if held is None or not (held.text or held.problem):
            blocks[opener["name"]] = Block(opener["name"], text, number, problem)
    return blocks, "\n".join([*beside, source[position:]])


def _value(source: str, opener: re.Match[str], limit: int) -> tuple[list[str], int, str]:
    """Return the assigned texts, their end, and the reason why they may be incomplete."""
    start = opener.end()
    if opener["quotes"]:
        text, end, is_closed = _quoted(source, start, limit)
        if not is_closed:
            return [text], end, "the text is never closed"
        if opener["prefix"] or not _END_OF_STATEMENT.match(source, end):
            return [text], end, "it is more than a text in triple double quotes"
        return [text], end, ""
    if nothing := _NOTHING.match(source, start):
        return [], nothing.end(), ""
    if source[start : start + 1] in {"{", "["}:
        return _collection(source, start, limit)
    return [], start, "it is no text in triple double quotes"


def _quoted(source: str, start: int, limit: int) -> tuple[str, int, bool]:
    """Return the text after opening quotes, its end, and whether it is closed.

    Quotes after a backslash belong to the text, unless no other quotes close it before the next
    text begins. Then the text ends in a backslash.
    """
    last: int | None = None  # the end of quotes after a backslash, at the end of a line
    for run in _RUN.finditer(source, start, limit):
        end = run.end()
        is_escaped = run.start() > start and source[run.start() - 1] == "\\"
        if is_escaped and len(run[0]) < 2 * len(_QUOTES):
            if _REST_OF_LINE.match(source, end):
                last = end
            continue
        before = source[max(start, run.start() - _LOOK_BACK) : run.start()]
        if last is not None and _BEGINNING.search(before):
            break
        return _unescaped(source, start, end), end, True
    if last is None:
        return source[start:limit].replace(f"\\{_QUOTES}", _QUOTES), limit, False
    return _unescaped(source, start, last), last, True


def _unescaped(source: str, start: int, end: int) -> str:
    """Return the text between two offsets, without its closing quotes."""
    return source[start : end - len(_QUOTES)].replace(f"\\{_QUOTES}", _QUOTES)


def _collection(source: str, start: int, limit: int) -> tuple[list[str], int, str]:
    """Return the texts in a dictionary or list, for example in `TRANSCRIPT_DATA_BY_DAY`."""
    texts: list[str] = []
    depth, position = 0, start
    while token := _TOKEN.search(source, position, limit):
        position = token.end()
        if token["quotes"]:
            text, position, _ = _quoted(source, position, limit)
            texts.append(text)
        elif token["text"] and not _KEY.match(source, position):
            plain = token["text"][1:-1]
            texts.append(_ESCAPE.sub(lambda each: _ESCAPED.get(each[1], each[1]), plain))
        elif token["open"]:
            depth += 1
        elif token["close"]:
            depth -= 1
            if not depth:
                return texts, position, ""
    return texts, limit, "its brackets are never closed"
