"""Match spellings of a person's name: case, accents, order, file names, wrong encodings."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence

from loader.parsing.names import NAMES, UNSEEN, RejectedDayError

_TITLES = frozenset(
    {
        *("mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "professor"),
        *("eng", "engr", "ing", "dipl", "atty", "herr", "frau"),
    }
)
_WORD = re.compile(r"[^\W_]+")
_BETWEEN = r"(?:[^\w/]|_){0,3}"  # between the words of a name, in texts and in file names
_REPLACED = re.compile("\N{REPLACEMENT CHARACTER}+")
# Windows-1252; its five undefined bytes are controls, as in browsers.
_CHARACTERS = [
    bytes([byte]).decode("latin-1" if byte in b"\x81\x8d\x8f\x90\x9d" else "cp1252")
    for byte in range(256)
]
# The byte of each character, in Windows-1252 or Latin-1.
_WINDOWS = {chr(byte): bytes([byte]) for byte in range(256)} | {
    character: bytes([byte]) for byte, character in enumerate(_CHARACTERS)
}
# Combining marks, C1 controls, and zero-width marks.
_UNSEEN = re.compile(
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\x80-\x9f\xad\u200b-\u200f\u2060\ufeff]"
)


class Spellings:
    """The spellings of a person's name.

    Args:
        names: The names of the person.
        others: The names of all people. A longer name of another person does not match.
    """

    def __init__(self, names: Sequence[str], others: Iterable[str] = ()) -> None:
        self._names = names
        self._keys = set().union(*map(_keys, names))
        own = sorted({form for name in names for form in _patterns(_words(name))})
        is_own = re.compile("|".join(own))
        longer = [name for name in others if is_own.search(folded(name)) and not self._is(name)]
        theirs = sorted({form for name in longer for form in _patterns(_words(name))})
        either = [f"(?P<other>{'|'.join(theirs)})"] * bool(theirs)
        self._pattern = re.compile("|".join([*either, f"(?P<own>{'|'.join(own)})"]))
        misread = [form.split() for name in names for form in _misread(name)]
        self._misread = [re.compile(_BETWEEN.join(map(re.escape, words))) for words in misread]
        # A text without the longest word is skipped.
        self._longest = {max(_words(name), key=len) for name in names}
        self._longest_misread = {max(words, key=len) for words in misread}

    def are_in(self, text: str) -> bool:
        """Return whether a text or a path contains a name of the person."""
        if any(word in text for word in self._longest_misread) and any(
            form.search(text) for form in self._misread
        ):
            return True
        plain = folded(text)
        if not any(word in plain for word in self._longest):
            return False
        return any(match.lastgroup == "own" for match in self._pattern.finditer(plain))

    def is_name(self, text: str) -> bool:
        """Return whether a text is the person's name, or an e-mail address with the name."""
        return self._is(text.partition("@")[0])

    def similar(self, names: Iterable[str]) -> list[str]:
        """Return the names that may be other spellings of the person's name, sorted."""
        return sorted(name for name in {*names}.difference(self._names) if self._is(name))

    def _is(self, name: str) -> bool:
        if not self._keys.isdisjoint(_keys(name)):
            return True
        return any(_is_damaged(name, own) or _is_damaged(own, name) for own in self._names)


def stored_name(name: str) -> str:
    """Return a name in its stored form: NFC, with runs of white space collapsed."""
    try:
        return NAMES[name.encode(errors="replace")] or ""
    except RejectedDayError:
        return name


def folded(text: str) -> str:
    """Return a text in lower case, without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return _UNSEEN.sub("", decomposed).casefold()


def _misread(name: str) -> set[str]:
    """Return a name's forms after its UTF-8 was read as Windows-1252 or Latin-1, once or twice."""
    if name.isascii():
        return set()
    readings: list[Callable[[str], str]] = [_as_windows, _as_latin]
    right = {unicodedata.normalize("NFC", name), unicodedata.normalize("NFD", name)}
    once = {read(text) for text in right for read in readings}
    return once | {read(text) for text in once for read in readings}


def _repaired(name: str) -> Iterator[str]:
    """Yield a name, and its forms before it was misread once and twice."""
    yield name
    for _ in range(2):
        data = b"".join(_WINDOWS.get(each, each.encode(errors="replace")) for each in name)
        try:
            name = data.decode()
        except UnicodeDecodeError:
            return
        yield name


def _as_windows(text: str) -> str:
    """Return a text's UTF-8 read as Windows-1252."""
    return "".join(_CHARACTERS[byte] for byte in text.encode())


def _as_latin(text: str) -> str:
    return text.encode().decode("latin-1")


def _words(name: str) -> list[str]:
    """Return the folded words of a name, without titles."""
    words = _WORD.findall(folded(name)) or [folded(name)]
    while len(words) > 1 and words[0] in _TITLES:
        words = words[1:]
    return words


def _keys(name: str) -> set[str]:
    """Return keys of a name that ignore spaces and the order of words."""
    forms = (UNSEEN.sub("", form) for form in (name, *_misread(name)))  # the stored form of names
    keys = {"".join(form.split()).casefold() for form in forms}
    for form in _repaired(name):
        words = _words(form)
        keys |= {"".join(words), " ".join(sorted(words))}
    return keys


def _patterns(words: list[str]) -> Iterator[str]:
    """Yield a pattern for a name, and one with the last word in front."""
    for ordered in (words, [words[-1], *words[:-1]]):
        pattern = _BETWEEN.join(map(re.escape, ordered))
        # An adjacent letter makes another name, except in scripts without spaces.
        before = r"(?<![^\W\d_])" if _is_cased(ordered[0][:1]) else ""
        after = r"(?![^\W\d_])" if _is_cased(ordered[-1][-1:]) else ""
        yield f"{before}{pattern}{after}"


def _is_cased(letter: str) -> bool:
    return letter.upper() != letter.lower()


def _is_damaged(damaged: str, name: str) -> bool:
    """Return whether a name equals another one except for replacement characters."""
    if not _REPLACED.search(damaged):
        return False
    parts = map(re.escape, _REPLACED.split(damaged.casefold()))
    return bool(re.fullmatch(r".{1,4}".join(parts), name.casefold()))
