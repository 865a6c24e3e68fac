"""Split a text into words for search, in the same way for texts, queries and both databases.

A word is a run of letters, marks and digits, in lower case. `ROCKS-214` and `it's` are two words
each; a URL or a path has one word per part. The databases get words with one space between them, so
that their parsers and locales make no difference.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from loader.parsing.transcript_turns import Turn
from loader.parsing.values import SearchText

LONGEST_WORD = 255  # characters; PostgreSQL's lexemes have up to 2,046 bytes
MOST_BYTES = 500_000  # bytes of words; a tsvector has up to 1 MB, and at most twice the bytes
MOST_WORDS_OF_RUN = 100  # and turns


class _Characters(dict[int, str | None]):
    """Map a character to itself or its digit in a word, to a space between words, or to nothing.

    For `str.translate`; each character is computed once.
    """

    def __missing__(self, code: int) -> str | None:
        char = chr(code)
        category = unicodedata.category(char)
        made: str | None = " "
        if category[0] in "LM":
            made = char
        elif category == "Nd":
            made = str(unicodedata.digit(char))
        elif category == "Cf":  # an invisible character, such as a soft hyphen or a joiner
            made = None
        self[code] = made
        return made


class Span(NamedTuple):
    """A span of words in a text.

    Args:
        start: The offset of the first character.
        end: The offset after the last character.
        words: The words, usually one.
    """

    start: int
    end: int
    words: list[str]


_CHARACTERS = _Characters()
# Bytes of UTF-8: ASCII letters and digits in lower case, other ASCII characters as spaces.
_ASCII = bytes(range(0x100)).translate(
    bytes.maketrans(
        bytes(range(0x80)),
        bytes(ord(char.lower() if char.isalnum() else " ") for char in map(chr, range(0x80))),
    )
)
_BETWEEN = "\0"  # separator of texts that are processed together
_ASCII_AND_BETWEEN = _BETWEEN.encode() + _ASCII[1:]
_LONGEST_KNOWN = 40  # characters
_WORD = re.compile(r"\S+")


def words_of(text: str) -> list[str]:
    """Return the words of a text, in order."""
    words = text.encode(errors="replace").translate(_ASCII).decode().split()
    if not text.isascii():
        words = _all_folded(words)
    if len(text) > LONGEST_WORD < max(map(len, words), default=0):
        words = [word[:LONGEST_WORD] for word in words]
    return words


def _all_folded(words: Iterable[str]) -> list[str]:
    """Return words in folded form; those in ASCII are already folded."""
    found: list[str] = []
    for word in words:
        if word.isascii():
            found.append(word)
        else:
            found += _known_folded(word) if len(word) <= _LONGEST_KNOWN else _folded(word)
    return found


def _folded(text: str) -> list[str]:
    """Return the folded words of a text with characters beyond ASCII."""
    return [
        folded[:LONGEST_WORD]
        for word in text.translate(_CHARACTERS).split()
        # Cut first, because sorting many marks of one letter is quadratic.
        for folded in _normalized(word[:LONGEST_WORD]).translate(_CHARACTERS).split()
    ]


_known_folded = lru_cache(maxsize=4096)(_folded)  # most words repeat


def _normalized(word: str) -> str:
    # Case folding may decompose characters, so normalize again.
    for _ in range(2):
        word = unicodedata.normalize("NFKC", word).casefold()
    return unicodedata.normalize("NFKC", word)


def search_text(text: str) -> SearchText:
    """Return the words of a text with one space between them."""
    words = " ".join(words_of(text))
    if len(words) * 4 > MOST_BYTES:
        kept = words.encode()[: MOST_BYTES + 1].decode(errors="ignore")
        words = words if kept == words else kept[: kept.rfind(" ")]
    return SearchText(words)


def search_texts(texts: Sequence[str]) -> list[SearchText]:
    """Return `search_text` of each text; much faster for many short texts."""
    # A long text may have to be cut.
    joined = f" {_BETWEEN} ".join([text if len(text) <= LONGEST_WORD else "" for text in texts])
    if joined.count(_BETWEEN) > max(len(texts) - 1, 0):  # a text contains the separator
        return list(map(search_text, texts))
    words = joined.encode(errors="replace").translate(_ASCII_AND_BETWEEN).decode().split()
    found = [SearchText(each.strip(" ")) for each in " ".join(words).split(_BETWEEN)]
    for index, text in enumerate(texts):
        if len(text) > LONGEST_WORD:
            found[index] = search_text(text)
        elif not found[index].isascii():
            found[index] = SearchText(" ".join(_all_folded(found[index].split())))
    return found[: len(texts)]


def search_texts_of_turns(turns: Sequence[Turn]) -> list[SearchText | None]:
    """Return the searched text of each turn of a transcript.

    Consecutive short turns of one speaker are searched as one text: the first turn has all words,
    the others None. So search finds a phrase that continues after a pause.
    """
    found: list[SearchText | None] = []
    first = size = 0
    texts = search_texts([turn.text for turn in turns])
    for index, (turn, text) in enumerate(zip(turns, texts, strict=True)):
        speaker = turns[first].speaker
        more = text.count(" ") + 1
        if index and speaker == turn.speaker and speaker and size + more <= MOST_WORDS_OF_RUN:
            found[first] = SearchText(f"{found[first]} {text}".strip(" "))
            found.append(None)
            size += more
        else:
            first, size = index, more
            found.append(text)
    return found


def spans_of(text: str) -> list[Span]:
    """Return the spans of the words in a text."""
    spaced = "".join(char if _CHARACTERS[ord(char)] != " " else " " for char in text)
    return [
        Span(match.start(), match.end(), words)
        for match in _WORD.finditer(spaced)
        if (words := words_of(match[0]))
    ]
