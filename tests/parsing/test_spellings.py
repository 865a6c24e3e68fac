"""Possible names of people in texts, file names and other people's tables."""

import unicodedata

import pytest

from loader.parsing.spellings import Spellings, stored_name

NAME = "Jürgen Müller"
MISREAD = NAME.encode().decode("cp1252")
OTHERS = [NAME, "Jürgen Müller-Lüdenscheidt", "Bo Lind"]


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        (f"x {NAME}, y", True),
        (NAME.upper(), True),
        (unicodedata.normalize("NFD", NAME), True),
        ("daily-reports/rocks/Dr._jurgen-muller 2.md", True),
        ("JürgenMüller.md", True),
        ("Müller, Jürgen", True),
        ("Jürgen\n  Müller", True),
        (f"several: {MISREAD}, Bo", True),
        (MISREAD.replace(" ", "_"), True),
        (MISREAD.encode().decode("cp1252"), True),
        (NAME.encode().decode("latin-1"), True),
        (unicodedata.normalize("NFD", NAME).encode().decode("cp1252"), True),
        ("Jürgen Müller-Lüdenscheidt", False),
        ("Jürgen Müller-Lüdenscheidt and Jürgen Müller", True),
        ("Jürgen Müllerin", False),
        ("rocks/jürgen/müller.md", False),
        ("Jürgen said that Mr. Müller", False),
        ("", False),
    ],
)
def test_a_text_names_a_person(text: str, *, is_named: bool) -> None:
    assert Spellings([NAME], OTHERS).are_in(text) is is_named


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ana", "Ana was here"),
        ("小龍 李", "说小龍李。"),
        ("María-José O’Neil", "maria_jose_o'neil"),
    ],
)
def test_names_of_other_forms(name: str, text: str) -> None:
    assert Spellings([name]).are_in(text)
    assert not Spellings([name]).are_in("banana")


def test_names_that_may_be_the_same_persons() -> None:
    known = [
        *OTHERS,
        *(MISREAD, MISREAD.encode().decode("cp1252"), "JURGEN  MULLER", "Dr. Jürgen Müller"),
        *("Müller, Jürgen", "J\ufffdrgen M\ufffdller", "Jürgen Möller"),
    ]
    assert sorted(known[3:9]) == Spellings([NAME]).similar(known)
    assert [NAME] == Spellings([MISREAD]).similar([NAME, "Bo Lind"])
    twice = MISREAD.encode().decode("latin-1")
    assert [twice, MISREAD] == Spellings(["jurgen muller"]).similar([MISREAD, twice, "Bo Lind"])
    # White space and the control characters of Latin-1 are not stored unchanged.
    for name in ("Voilà Ébène", "Zoë À Porta"):
        misread = stored_name(name.encode().decode("latin-1"))
        assert [misread] == Spellings([name]).similar([misread])


@pytest.mark.parametrize(
    ("text", "is_name"),
    [
        ("Ana Reyes", True),
        ("ana.reyes@example.com", True),
        ("Reyes, Ana", True),
        ("Ana Reyes Santos", False),
        ("root", False),
    ],
)
def test_a_user_is_a_person(text: str, *, is_name: bool) -> None:
    assert Spellings(["Ana Reyes"]).is_name(text) is is_name


def test_a_name_as_in_the_tables() -> None:
    assert stored_name(unicodedata.normalize("NFD", f" {NAME}\u00a0 Junior ")) == f"{NAME} Junior"
    assert stored_name("x" * 300) == "x" * 300
