"""Spellings of one person, in Python and in SQL."""

import unicodedata
from collections.abc import Callable
from typing import Any

import duckdb
import jinja2
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.people import People, Person, is_nobody, person_key
from tests.support.postgres import Postgres
from tests.support.project import ROOT

MACRO = (ROOT / "dbt_project/macros/person_key.sql").read_text()
NAMES = st.lists(
    st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"], exclude_characters="\0"))
)


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("Ana Reyes", "ANA  reyes", True),
        ("Ana Reyes", "Reyes, Ana", True),
        ("Ana Reyes", "Ana-Reyes", True),
        ("Ana Reyes", "ana_reyes", True),
        ("Ana Maria dela Cruz", "Dela Cruz, Ana-Maria", True),
        ("María José", unicodedata.normalize("NFD", "MARÍA JOSÉ"), True),
        ("María O’Neil", "maría o'neil", True),
        ("Nguyễn Văn An", "NGUYỄN VĂN AN", True),
        ("Иван Петров", "петров иван", True),
        ("Ana\N{NO-BREAK SPACE}Reyes", "An\N{ZERO WIDTH SPACE}a Reyes", True),
        ("Ismael Jr. Cristobal", "Ismael Cristobal, Jr.", True),
        ("María", "Maria", False),
        ("Ana Reyes", "Ana", False),
        ("Ana Reyes", "Anna Reyes", False),
        ("Jan Carlo Cruz", "Jan Cruz", False),
    ],
)
def test_spellings_of_one_name_have_one_key(one: str, other: str, *, is_one: bool) -> None:
    assert is_one == (person_key(one) == person_key(other))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *((name, True) for name in ("undefined", "Undefined undefined", "null", "N/A", "n/a")),
        *((name, True) for name in ("", " - ", "J\N{REPLACEMENT CHARACTER}rgen")),
        *((name, False) for name in ("Ana", "Nulla", "Ana Null", "李", "X Æ")),
    ],
)
def test_placeholders_are_not_names(name: str, *, expected: bool) -> None:
    assert expected == is_nobody(name)


def sql(dialect: str) -> str:
    """Return the macro's expression for a column `name`, as dbt renders it."""
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], autoescape=False)
    known: dict[str, Any] = {"return": lambda text: text}
    template = environment.from_string(MACRO, globals=known)
    module: Any = None

    class Adapter:
        def dispatch(self, name: str) -> Callable[[str], str]:
            return getattr(module, f"{dialect}__{name}")  # type: ignore[no-any-return]

    known["adapter"] = Adapter()
    module = template.make_module()
    return str(module.person_key("name")).strip()


@pytest.mark.parametrize("engine", ["duckdb", "postgres"])
def test_sql_computes_the_same_keys(engine: str, request: pytest.FixtureRequest) -> None:
    letters = [chr(code) for code in range(0x01, 0x3100) if not 0xD800 <= code < 0xE000]
    if engine == "duckdb":
        connection: Any = duckdb.connect()
        query = f"select {sql('default')} from (select unnest(?) as name)"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        connection = psycopg.connect(postgres.url("postgres"))
        query = f"select {sql('postgres')} from unnest(%s::text[]) as names (name)".replace(
            "'%", "'%%"
        )

    @given(NAMES)
    def check(names: list[str]) -> None:
        found = connection.execute(query, [names]).fetchall() if names else []
        assert [person_key(name) for name in names] == [key for (key,) in found]

    with connection:
        check()
        found = connection.execute(query, [[f"b{each}A c" for each in letters]]).fetchall()
        different = [
            letter
            for letter, (key,) in zip(letters, found, strict=True)
            if key != person_key(f"b{letter}A c")
        ]
        assert different == []


def test_a_spelling_finds_one_person_of_the_team_or_nobody() -> None:
    ana = Person("Ana Reyes", ("Ana", "A. Reyes"), team="rocks", key="ana-r")
    other = Person("Ana Lim", ("Ana",), team="timeclock")
    bo = Person("Bo Lind", ("Bo",))
    mapped = [
        Person("Reyes Ana", ("Annie",)),
        Person("Cy Young", ("Cy", "Bo", "C")),
        Person("C D", ("C",)),
    ]
    people = People([ana, other, bo], {"rocks": mapped})
    found = {
        name: people.full_name("rocks", name)
        for name in ("ana", "ANA-R", "reyes, a.", "Bo", "Annie", "cy", "C", "Zoe", "young CY")
    }
    assert {
        "ana": "Ana Reyes",
        "ANA-R": "Ana Reyes",
        "reyes, a.": "Ana Reyes",
        "Bo": "Bo Lind",  # the seed takes precedence over the mapping
        "Annie": "Ana Reyes",  # a person of the mapping who is also in the seed
        "cy": "Cy Young",
        "C": "C",  # the name of two people
        "Zoe": "Zoe",
        "young CY": "Cy Young",
    } == found
    assert people.full_name("timeclock", "Ana") == "Ana Lim"
    assert people.find("ai-coach", "Ana") is None
    assert people.full_name("ai-coach", "bo") == "Bo Lind"
