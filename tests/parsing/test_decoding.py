import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.decoding import decode
from loader.parsing.rejections import Reason


@pytest.mark.parametrize(
    ("data", "text", "notes"),
    [
        (b"a\r\nb\rc\n", "a\r\nb\rc\n", []),
        ("é\N{LINE SEPARATOR}\x85\x1c".encode(), "é\N{LINE SEPARATOR}\x85\x1c", []),
        (b"", "", []),
        (b"\xef\xbb\xbfa", "a", [(Reason.BOM_REMOVED, None)]),
        ("\N{ZERO WIDTH NO-BREAK SPACE}é".encode("utf-16-le"), "é", [(Reason.UTF16_DECODED, None)]),
        ("\N{ZERO WIDTH NO-BREAK SPACE}é".encode("utf-16-be"), "é", [(Reason.UTF16_DECODED, None)]),
        (b"a\nb\x81c", "a\nb\N{REPLACEMENT CHARACTER}c", [(Reason.INVALID_BYTES, 2)]),
        # Windows-1252, except UTF-8 characters.
        (b"a\nJ\xfcrgen \x96 x", "a\nJürgen – x", [(Reason.WINDOWS_1252_DECODED, 2)]),
        ("«É» AÑO".encode("cp1252"), "«É» AÑO", [(Reason.WINDOWS_1252_DECODED, 1)]),
        ("é".encode() + b"\xe9", "é\N{REPLACEMENT CHARACTER}", [(Reason.INVALID_BYTES, 1)]),
        # UTF-16 and UTF-32, with and without a byte order mark.
        ("é".encode("utf-32"), "é", [(Reason.UTF16_DECODED, None)]),
        *(
            ("Añá\n日本語 x".encode(each), "Añá\n日本語 x", [(Reason.UTF16_DECODED, None)])
            for each in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        ),
        (b"\xed\xa0\x80", "\N{REPLACEMENT CHARACTER}" * 3, [(Reason.INVALID_BYTES, 1)]),
        (
            b"\xff\xfea\x00\x00\xd8",
            "a\N{REPLACEMENT CHARACTER}",
            [(Reason.UTF16_DECODED, None), (Reason.INVALID_BYTES, 1)],
        ),
        (b"a\n\0b\0", "a\n\ufffdb\ufffd", [(Reason.NUL_REPLACED, 2)]),
    ],
)
def test_decoding_and_notes(data: bytes, text: str, notes: list[tuple[Reason, int | None]]) -> None:
    decoded, repairs = decode(data)
    assert text == decoded
    assert notes == [(note.reason, note.line_number) for note in repairs]


@given(st.binary() | st.binary().map(lambda data: b"\xff\xfe" + data))
def test_any_bytes_become_text_that_both_engines_store(data: bytes) -> None:
    text, _ = decode(data)
    assert "\0" not in text
    text.encode()  # a lone surrogate would raise


@given(st.text().filter(lambda text: "\0" not in text and not text.startswith("\ufeff")))
def test_clean_text_stays_as_it_is(text: str) -> None:
    assert (text, []) == decode(text.encode())
