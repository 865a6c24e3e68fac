"""Words of texts, runs of turns, and snippets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.search_query import parse_query
from loader.parsing.search_words import (
    LONGEST_WORD,
    MOST_BYTES,
    MOST_WORDS_OF_RUN,
    search_text,
    search_texts,
    search_texts_of_turns,
    spans_of,
    words_of,
)
from loader.parsing.snippets import LONGEST, snippet_of
from loader.parsing.transcript_turns import Turn


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("ROCKS-214, it's", ["rocks", "214", "it", "s"]),
        ("https://a.example/b_c?d=1.5#e", ["https", "a", "example", "b", "c", "d", "1", "5", "e"]),
        ("ana@example.com /usr/lib", ["ana", "example", "com", "usr", "lib"]),
        ("Straße STRASSE É e\u0301", ["strasse", "strasse", "é", "é"]),
        ("ﬁx ＡＢ soft\u00adhyphen", ["fix", "ab", "softhyphen"]),
        ("٤٢ हिन्दी 你好，世界", ["42", "हिन्दी", "你好", "世界"]),
        ("it’s – “so” m² ½ ✅", ["it", "s", "so", "m"]),
        ("\x00a\x1b[31mb\ud800", ["a", "31mb"]),
        ("... --", []),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    assert words_of(text) == words
    assert search_text(text) == " ".join(words)


@given(st.text())
def test_words_are_letters_marks_and_digits(text: str) -> None:
    joined = search_text(text)
    assert joined == " ".join(joined.split())
    assert words_of(joined) == joined.split()
    assert all(text[span.start : span.end] for span in spans_of(text))


def test_limits() -> None:
    assert words_of("x" * 300 + " é" + "y" * 300) == ["x" * LONGEST_WORD, "é" + "y" * 254]
    for letter in "aé":
        text = search_text(f"{letter}{letter} " * MOST_BYTES)
        assert MOST_BYTES - 6 < len(text.encode()) <= MOST_BYTES
        assert set(text.split()) == {letter * 2}
    exact = "ab " * (MOST_BYTES // 3)
    assert search_text(exact) == exact.strip()


PIECES = [
    "a b",
    "It's",
    "é",
    "ﬁx",
    "n+1 →",
    "\u0301",
    "\u00ad",
    "\u2028",
    "\n",
    "x" * 300,
    "é" * 300,
]


@given(st.lists(st.text() | st.lists(st.sampled_from([*PIECES, "\0"])).map(" ".join)))
def test_texts_in_one_call(texts: list[str]) -> None:
    assert search_texts(texts) == list(map(search_text, texts))


def test_long_texts_in_one_call() -> None:
    texts = ["é " * MOST_BYTES, "b", "", "a " * MOST_BYTES]
    assert search_texts(texts) == list(map(search_text, texts))


def turns(*said: tuple[str | None, str]) -> list[Turn]:
    return [Turn(n, who, None, text) for n, (who, text) in enumerate(said, 1)]


def test_runs() -> None:
    assert search_texts_of_turns([]) == []
    of_one = turns(("A", "So, a"), ("A", "..."), ("A", "b"), ("B", "c"), ("A", "d"))
    assert search_texts_of_turns(of_one) == ["so a b", None, None, "c", "d"]
    # Nobody knows whether they are one speaker's.
    assert search_texts_of_turns(turns((None, "a"), (None, "b"))) == ["a", "b"]
    half = "a " * (MOST_WORDS_OF_RUN // 2)
    long = turns(("A", half), ("A", half), ("A", "b"), ("A", "c"))
    assert search_texts_of_turns(long) == [(half * 2).strip(), None, "b c", None]
    silent = search_texts_of_turns(turns(*[("A", "")] * (MOST_WORDS_OF_RUN + 1)))
    assert [n for n, text in enumerate(silent) if text is not None] == [0, MOST_WORDS_OF_RUN]


@pytest.mark.parametrize(
    ("texts", "asked", "of", "piece"),
    [
        (["It is RED-214 again"], "red-214 -x", 0, "It is «RED-214» again"),
        (["a b", "c d c"], "c or a", 0, "«a» b"),
        (["a b", "c d c"], "c d", 1, "«c» «d» «c»"),
        (["x a", "b y"], '"a b"', 0, "x «a»"),
        (["a a a"], '"a a"', 0, "«a a a»"),
        (["a\n\n  b\tc"], "c", 0, "a b «c»"),
        (["a"], "-b", 0, "a"),
        (["m² a"], "nothing", 0, "m² a"),
    ],
)
def test_snippets(texts: list[str], asked: str, of: int, piece: str) -> None:
    assert snippet_of(texts, parse_query(asked)) == (of, piece)


def test_a_long_text_is_cut_around_the_first_match() -> None:
    text = "before " * 100 + "here " + "after " * 100 + "here"
    _, piece = snippet_of([text], parse_query("here"))
    assert piece.startswith("…before ")
    assert piece.endswith(" after…")
    assert piece.count("«here»") == 1
    assert LONGEST // 2 < len(piece) < LONGEST + 5
    for text in ("x" * 1000 + " here", "y" * 1000):
        assert len(snippet_of([text], parse_query("here or " + "y" * 1000)).text) < LONGEST + 5
