"""Bytes to text that both engines store alike, and what had to be repaired for it.

The rule: UTF-8; otherwise what a byte order mark says; otherwise UTF-16 or UTF-32 if the NUL bytes
stand as they do there; otherwise Windows-1252 if every byte is one of its characters. A byte order
mark is removed. Bytes that are still not valid, and NUL (which PostgreSQL cannot store), become
U+FFFD. Nothing else changes: line ends, U+2028, NEL and control characters stay as they are.
"""

import codecs
import re

from loader.parsing.rejections import Reason, Rejection

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ASCII = bytes(range(0x80))
_PIECE = 1024 * 1024  # bytes
_SAMPLE = 64 * 1024  # bytes that tell how NUL bytes stand
_MOSTLY = 4  # times as many on one side of a character as on the other
# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A character of two to four bytes: a text with as many of them as of other bytes above ASCII is
# damaged UTF-8, not Windows-1252, where "\u00c9\u201d" happens to be one, too.
_LONG = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf1-\xf4][\x80-\xbf]{3}")


def to_utf8(data: bytes) -> tuple[bytes, list[Rejection]]:
    """A file's bytes as UTF-8. Never raises.

    Returns:
        The text, free of NUL and lone surrogates, and one note per kind of repair; `data` itself
        where nothing is to be repaired.
    """
    if _is_clean(data):
        return data, []
    notes: list[Rejection] = []
    if mark := next((each for each in _MARKS if data.startswith(each[0])), None):
        encoding = mark[1]
        detail = f"read as {encoding.upper()} by its byte order mark"
        notes.append(Rejection(Reason.UTF16_DECODED, detail))
    elif wide := _wide_encoding(data):
        encoding = wide
        detail = f"read as {encoding.upper()}: it has no byte order mark, but NUL bytes as there"
        notes.append(Rejection(Reason.UTF16_DECODED, detail))
    else:
        encoding = "utf-8"
        if data.startswith(codecs.BOM_UTF8):
            notes.append(Rejection(Reason.BOM_REMOVED, "UTF-8 byte order mark removed"))
            data = data[len(codecs.BOM_UTF8) :]
    if encoding != "utf-8" or not _is_valid(data):
        data = _decoded(data, encoding, notes)
    if b"\0" in data:
        count, line = data.count(b"\0"), data.count(b"\n", 0, data.index(b"\0")) + 1
        data = data.replace(b"\0", REPLACEMENT.encode())
        notes.append(Rejection(Reason.NUL_REPLACED, f"{count} NUL replaced by U+FFFD", line))
    return data, notes


def _decoded(data: bytes, encoding: str, notes: list[Rejection]) -> bytes:
    """Text as UTF-8, with a note if something of it is not valid."""
    try:
        return data.decode(encoding).encode()
    except UnicodeDecodeError as error:
        at = error.start
    if encoding == "utf-8" and b"\0" not in data and _has_stray_bytes(data):
        try:
            text = data.decode("cp1252")
        except UnicodeDecodeError:
            pass
        else:
            line = data.count(b"\n", 0, at) + 1
            detail = "not UTF-8: read as Windows-1252"
            notes.append(Rejection(Reason.WINDOWS_1252_DECODED, detail, line))
            return text.encode()
    text = data.decode(encoding, errors="replace")
    line = text.count("\n", 0, text.find(REPLACEMENT)) + 1
    detail = f"not valid {encoding.upper()} at byte {at}: replaced by U+FFFD"
    notes.append(Rejection(Reason.INVALID_BYTES, detail, line))
    return text.encode()


def _has_stray_bytes(data: bytes) -> bool:
    """Whether more bytes are of no character of UTF-8 than there are long characters."""
    rest, characters = _LONG.subn(b"", data)
    return len(rest.translate(None, _ASCII)) > characters


def decode(data: bytes) -> tuple[str, list[Rejection]]:
    """Like `to_utf8`, as a string."""
    data, notes = to_utf8(data)
    return data.decode(), notes


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: NUL bytes always stand at the same side of a character."""
    sample = data[:_SAMPLE]
    zeros = [sample[place::4].count(0) for place in range(4)]
    count = sum(zeros)
    # Of a text that is valid UTF-8 with its NUL bytes, at least a third must be NUL.
    if not count or (count * 3 < len(sample) and _is_valid(data)):
        return None
    quarter = len(sample) // 4
    candidates = (
        ("utf-32-le", 4, zeros[3] == quarter),  # no character needs the highest byte
        ("utf-32-be", 4, zeros[0] == quarter),
        ("utf-16-le", 2, zeros[1] + zeros[3] > _MOSTLY * (zeros[0] + zeros[2])),
        ("utf-16-be", 2, zeros[0] + zeros[2] > _MOSTLY * (zeros[1] + zeros[3])),
    )
    for encoding, width, is_likely in candidates:
        if is_likely and len(data) % width == 0 and _is_valid(data, encoding):
            return encoding
    return None


def _is_clean(data: bytes) -> bool:
    """Whether there is nothing to repair."""
    return b"\0" not in data and not data.startswith(codecs.BOM_UTF8) and _is_valid(data)


def _is_valid(data: bytes, encoding: str = "utf-8") -> bool:
    """Whether these bytes are of an encoding; looked at in pieces, however many they are."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
