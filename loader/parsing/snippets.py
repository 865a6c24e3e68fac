"""Cut the snippet of a text that shows a search hit."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from loader.parsing.search_query import Query
from loader.parsing.search_words import Span, spans_of

BEGIN, END = "«", "»"
LONGEST = 160  # characters
_BEFORE = 50  # characters before the first match
_ELLIPSIS = "…"


class Snippet(NamedTuple):
    """A snippet of one of several texts.

    Args:
        of: The index of the text.
        text: The snippet as one line, with marks around the hits.
    """

    of: int
    text: str


class _Word(NamedTuple):
    of: int
    word: str
    span: Span


def snippet_of(texts: Sequence[str], query: Query) -> Snippet:
    """Return the snippet of texts that were searched as one.

    It comes from the first text in which the most terms begin.

    Args:
        texts: The texts, at least one.
        query: The search query.
    """
    words = [
        _Word(index, word, span)
        for index, text in enumerate(texts)
        for span in spans_of(text)
        for word in span.words
    ]
    matches = [match for term in query.sought for match in _matches(words, term.words)]
    begun: list[set[tuple[str, ...]]] = [set() for _ in texts]
    for match in matches:
        begun[match[0].of].add(tuple(each.word for each in match))
    index = max(range(len(texts)), key=lambda each: len(begun[each]))
    marked = [
        (own[0].span.start, own[-1].span.end)
        for match in matches
        if (own := [each for each in match if each.of == index])
    ]
    return Snippet(index, _cut(texts[index], _merged(marked)))


def _matches(words: Sequence[_Word], phrase: Sequence[str]) -> Iterable[Sequence[_Word]]:
    for place, each in enumerate(words):
        if each.word == phrase[0]:
            match = words[place : place + len(phrase)]
            if [other.word for other in match] == list(phrase):
                yield match


def _merged(ranges: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, marked: Sequence[tuple[int, int]]) -> str:
    """Return the text around the first marks, without line breaks."""
    first = marked[0][0] if marked else 0
    start = 0
    if first > _BEFORE:
        blank = text.find(" ", first - _BEFORE, first)
        start = blank + 1 if blank >= 0 else first - _BEFORE // 2
    end = min(len(text), start + LONGEST)
    if end < len(text):
        blank = text.rfind(" ", first + _BEFORE, end)
        end = blank if blank >= 0 else end
    pieces, place = [_ELLIPSIS * (start > 0)], start
    for begin, after in marked:
        if begin >= end:
            break
        pieces += [text[place:begin], BEGIN, text[begin : min(after, end)], END]
        place = min(after, end)
    pieces += [text[place:end], _ELLIPSIS * (end < len(text))]
    return " ".join("".join(pieces).split())
