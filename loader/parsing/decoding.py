"""Bytes to text that both engines store alike, and what had to be repaired for it.

The rule: UTF-8, or UTF-16 where a byte order mark says so. A byte order mark is removed. Bytes that
are not valid, and NUL (which PostgreSQL cannot store), become U+FFFD. Nothing else changes: line
ends, U+2028, NEL and control characters stay as they are.
"""

import codecs

from loader.parsing.rejections import Reason, Rejection

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_PIECE = 1024 * 1024  # bytes


def to_utf8(data: bytes) -> tuple[bytes, list[Rejection]]:
    """A file's bytes as UTF-8. Never raises.

    Returns:
        The text, free of NUL and lone surrogates, and one note per kind of repair; `data` itself
        where nothing is to be repaired.
    """
    if _is_clean(data):
        return data, []
    notes: list[Rejection] = []
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        notes.append(Rejection(Reason.UTF16_DECODED, "read as UTF-16 by its byte order mark"))
        encoding = "utf-16"
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
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        text = data.decode(encoding, errors="replace")
        line = text.count("\n", 0, text.find(REPLACEMENT)) + 1
        detail = f"not valid {encoding.upper()} at byte {error.start}: replaced by U+FFFD"
        notes.append(Rejection(Reason.INVALID_BYTES, detail, line))
    return text.encode()


def decode(data: bytes) -> tuple[str, list[Rejection]]:
    """Like `to_utf8`, as a string."""
    data, notes = to_utf8(data)
    return data.decode(), notes


def _is_clean(data: bytes) -> bool:
    """Whether there is nothing to repair."""
    return b"\0" not in data and not data.startswith(codecs.BOM_UTF8) and _is_valid(data)


def _is_valid(data: bytes) -> bool:
    """Whether these bytes are UTF-8; looked at in pieces, however many they are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
