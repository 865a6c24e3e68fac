"""Names that are probably one person's, and the seed line that merges them."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.maintenance.duplicates import LikelyDuplicate, likely_duplicates
from loader.parsing.people import People, Person

LINE = "seeds/seed_people.csv, line 4"


def found(names: Iterable[str], people: People | None = None) -> list[LikelyDuplicate]:
    authors = [("rocks", name, days) for days, name in enumerate(names, start=1)]
    return likely_duplicates(authors, people or People())


@pytest.mark.parametrize(
    ("one", "other", "line"),
    [
        ("ana reyes", "Ana Reyes", "Ana Reyes,Ana Reyes,rocks,"),
        ("Reyes, Ana", "Ana Reyes", "Ana Reyes,Ana Reyes,rocks,"),
        ("Maria Jose", "María José", "María José,María José,rocks,Maria Jose"),
        ("Ana Reyes", "Anna Reyes", "Anna Reyes,Anna Reyes,rocks,Ana Reyes"),
        ("Ana Reyse", "Ana Reyes", "Ana Reyes,Ana Reyes,rocks,Ana Reyse"),
        ("Dob Catt", "Bob Catt", "Bob Catt,Bob Catt,rocks,Dob Catt"),
        ("Reyes Anna", "Ana Reyes", "Ana Reyes,Ana Reyes,rocks,Reyes Anna"),
        ("Müller, Jürgen", "Jurgen Muller", 'Jurgen Muller,Jurgen Muller,rocks,"Müller, Jürgen"'),
        ("Ana Reyes", "Ana Lim", None),
        ("Ana", "Ana Reyes", None),
        ("Bo", "Jo", None),
        ("Tester 1", "Tester 2", None),
        ("undefined", "Undefined", None),
    ],
)
def test_two_names(one: str, other: str, line: str | None) -> None:
    assert [line] * bool(line) == [each.seed_line for each in found([one, other])]


def test_a_group_is_one_line_and_teams_are_separate() -> None:
    names = ["Ana Reyes", "Anna Reyes", "ana reyes", "Bo Lind"]
    authors = [("rocks", name, 1) for name in names] + [("timeclock", "ANA REYES", 9)]
    (each,) = likely_duplicates(authors, People())
    assert each.names == ("Ana Reyes", "Anna Reyes", "ana reyes")
    assert each.seed_line == "Ana Reyes,Ana Reyes,rocks,Anna Reyes"


def test_a_person_of_the_seed_gets_one_more_alias_in_the_same_line() -> None:
    ana = Person("Ana Reyes", ("Ana",), key="ana-r", team="rocks", place=LINE)
    (each,) = found(["Ana Reyes", "Anna Reyes"], People([ana]))
    assert (each.seed_line, each.replaces) == ("ana-r,Ana Reyes,rocks,Ana;Anna Reyes", LINE)
    two = [ana, Person("Anna Reyes", team="rocks", place="seeds/seed_people.csv, line 5")]
    assert found(["Ana Reyes", "Anna Reyes"], People(two)) == []
    joined = Person("Ana Reyes", ("Anna Reyes",), team="rocks", place=LINE)
    assert found(["Ana Reyes", "Anna Reyes"], People([joined])) == []


def edits(name: str, other: str) -> int:
    """Return the edit distance of two texts, by the textbook."""
    row: list[int] = [*range(len(other) + 1)]
    for i, letter in enumerate(name, start=1):
        last, row[0] = row[0], i
        for j, their in enumerate(other, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (letter != their))
    return row[-1]


@given(st.lists(st.text("abc", min_size=4, max_size=6), unique=True, max_size=8))
def test_names_one_letter_apart_are_found_and_distant_ones_are_not(names: list[str]) -> None:
    groups = [set(each.names) for each in found(names)]
    for one in names:
        for other in names:
            together = any({one, other} <= group for group in groups)
            assert together or one == other or edits(one, other) > 1
    for group in groups:
        for one in group:
            assert any(edits(one, other) <= 2 for other in group - {one})


@pytest.mark.long
def test_ten_thousand_names_are_compared_at_once() -> None:
    assert found(f"Person {number:05}" for number in range(10_000)) == []
