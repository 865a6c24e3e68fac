"""The position of an error in a query."""

import duckdb
import pytest

from loader.studio.positions import spot_of, without_place


@pytest.mark.parametrize(
    ("text", "word", "line", "column"),
    [
        ("select nothing", "nothing", 1, 8),
        ("select 1,\n\tnothing", "nothing", 2, 2),
        ("select '小龍' as a, nothing", "nothing", 1, 19),
        ("select 1 from\n\n  nowhere order by 1", "nowhere", 3, 3),
        (f"select {'1 + ' * 100}nothing{' + 1' * 100}", "nothing", 1, 408),
        ("select 1 1", "1", 1, 10),
    ],
)
def test_duckdb(text: str, word: str, line: int, column: int) -> None:
    with pytest.raises(duckdb.Error) as caught:
        duckdb.execute(text)
    error = ValueError(str(caught.value))
    spot = spot_of(text, error)
    assert spot
    assert (spot.word, spot.line, spot.column) == (word, line, column)
    assert spot.before + spot.word + spot.after == text
    assert "LINE" not in without_place(str(error))


def test_an_error_without_a_place() -> None:
    assert spot_of("select 1", ValueError("canceling statement due to statement timeout")) is None
    assert spot_of("select 1", ValueError("x\nLINE 9: y\n        ^")) is None
