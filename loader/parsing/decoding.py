"""Decode bytes to text that both databases can store, and note repairs.

The order is: UTF-8; the encoding of a byte order mark; UTF-16 or UTF-32 if the NUL bytes are in the
right places; Windows-1252 if every byte is one of its characters. A byte order mark is removed.
Bytes that are still invalid, and NUL (which PostgreSQL cannot store), become U+FFFD. Line ends,
U+2028, NEL and control characters do not change.
"""

import codecs
import re

from loader.parsing.rejections import Reason, Rejection

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_ASCII = bytes(range(0x80))
_PIECE = 1024 * 1024  # bytes
_SAMPLE = 64 * 1024  # bytes that are checked for the places of NUL bytes
_MOSTLY = 4  # minimum ratio of NUL bytes on both sides of a character
# UTF-32 first: its mark begins with the mark of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A character of two to four bytes. A text with at least as many of them as of other bytes above
# ASCII is damaged UTF-8. Windows-1252 has few such pairs, for example "\u00c9\u201d".
_LONG = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe1-\xef][\x80-\xbf]{2}|[\xf1-\xf4][\x80-\xbf]{3}")


def to_utf8(data: bytes) -> tuple[bytes, list[Rejection]]:
    """Return a file's bytes as UTF-8. Never raise.

    Returns:
        The text without NUL and lone surrogates, and one note per kind of repair; `data` itself
        if it needs no repair.
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
    """Return text as UTF-8, and add a note if it has invalid bytes."""
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
    """Return whether invalid bytes outnumber the multi-byte characters of UTF-8."""
    rest, characters = _LONG.subn(b"", data)
    return len(rest.translate(None, _ASCII)) > characters


def decode(data: bytes) -> tuple[str, list[Rejection]]:
    """Return the text of `to_utf8` as a string."""
    data, notes = to_utf8(data)
    return data.decode(), notes


def _wide_encoding(data: bytes) -> str | None:
    """Return UTF-16 or UTF-32 for text without a mark, by the places of its NUL bytes."""
    sample = data[:_SAMPLE]
    zeros = [sample[place::4].count(0) for place in range(4)]
    count = sum(zeros)
    # If the text is valid UTF-8 including its NUL bytes, at least a third must be NUL.
    if not count or (count * 3 < len(sample) and _is_valid(data)):
        return None
    quarter = len(sample) // 4
    candidates = (
        ("utf-32-le", 4, zeros[3] == quarter),  # the highest byte of a character is always NUL
        ("utf-32-be", 4, zeros[0] == quarter),
        ("utf-16-le", 2, zeros[1] + zeros[3] > _MOSTLY * (zeros[0] + zeros[2])),
        ("utf-16-be", 2, zeros[0] + zeros[2] > _MOSTLY * (zeros[1] + zeros[3])),
    )
    for encoding, width, is_likely in candidates:
        if is_likely and len(data) % width == 0 and _is_valid(data, encoding):
            return encoding
    return None


def _is_clean(data: bytes) -> bool:
    """Return whether the bytes need no repair."""
    return b"\0" not in data and not data.startswith(codecs.BOM_UTF8) and _is_valid(data)


def _is_valid(data: bytes, encoding: str = "utf-8") -> bool:
    """Return whether the bytes are valid in an encoding; checked in chunks to bound the memory."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
