import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loader.parsing.escapes import escaped, escaped_json, escaped_line

TEXTS = st.text(st.characters())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Zoë, 小龍 😀 \u00a0x\u3000", "Zoë, 小龍 😀 \u00a0x\u3000"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),  # joiners
        ("\x1b]52;c;eA==\x07", r"\x1b]52;c;eA==\x07"),
        ("a\r\tb\x7f\x9b", r"a\r\tb\x7f\x9b"),
        ("\u2028\u202e\u2066\u200e\u061c", r"\u2028\u202e\u2066\u200e\u061c"),
        ("\udc9b\U000e0041", r"\udc9b\U000e0041"),
        ("a\nb", "a\nb"),
    ],
)
def test_escapes(text: str, expected: str) -> None:
    assert escaped(text) == expected
    assert escaped_line(text) == expected.replace("\n", r"\n")


def test_no_control_or_bidirectional_character_is_left() -> None:
    whole = "".join(map(chr, (*range(0x3000), *range(0xD7FF, 0x10000))))
    left = set(escaped_line(whole))
    assert not {each for each in left if unicodedata.category(each) in {"Cc", "Cs", "Zl", "Zp"}}
    directions = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    assert not {each for each in left if unicodedata.bidirectional(each) in directions}
    assert not left & set("\u061c\u200e\u200f")


@given(TEXTS)
def test_escaping_again_changes_nothing(text: str) -> None:
    assert escaped(escaped(text)) == escaped(text)
    assert escaped_line(escaped_line(text)) == escaped_line(text)


@settings(max_examples=50)
@given(st.dictionaries(TEXTS, TEXTS))
def test_json_has_the_same_meaning(document: dict[str, str]) -> None:
    text = escaped_json(json.dumps(document, ensure_ascii=False))
    assert text == escaped(text)
    assert document == json.loads(text)
