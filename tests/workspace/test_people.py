"""The people of the seed: ambiguous lines are rejected, with file and line."""

from pathlib import Path

import pytest

from loader.errors import SettingsError
from loader.parsing.people import Person
from loader.project import CORE
from loader.workspace.people import load_people

HEADER = "key,full_name,team,aliases\n"


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    for name in ("seed_teams.csv", "seed_team_aliases.csv"):
        (tmp_path / name).write_bytes((CORE / "seeds" / name).read_bytes())
    return tmp_path


def test_the_seed_that_we_ship_names_nobody() -> None:
    assert load_people() == []


def test_people_with_their_aliases(seeds: Path) -> None:
    path = seeds / "seed_people.csv"
    lines = 'ana,Ana Reyes,aicoach,Ana; A. Reyes;\n,Bo Lind,,\n\n,"Young, Cy",rocks,Ana\n'
    path.write_text(HEADER + lines)
    assert load_people(seeds) == [
        Person("Ana Reyes", ("Ana", "A. Reyes"), "ana", "ai-coach", f"{path}, line 2"),
        Person("Bo Lind", place=f"{path}, line 3"),
        Person("Young, Cy", ("Ana",), team="rocks", place=f"{path}, line 5"),
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEADER + ",Ana Reyes,rocks,Ana\n,Ana Lim,rocks,ANA\n",
            "line 3: 'ANA' is a spelling of two",
        ),
        (
            HEADER + ",Ana Reyes,rocks,\n,Reyes Ana,rocks,\n",
            "line 3: 'Reyes Ana' is a spelling of two",
        ),
        (
            HEADER + "a,Ana Reyes,,\n\na,Bo Lind,,\n",
            "line 4: 'a' is a spelling of two people of all",
        ),
        (HEADER + ",Ana Reyes,rocks\n", "line 2: too few fields"),
        (HEADER + ",Ana Reyes,rocks,Ana,Annie\n", "line 2: too many fields"),
        (
            HEADER.replace(",", ";") + ";Ana Reyes;rocks;Ana\n",
            "line 1: the fields are separated by",
        ),
        (HEADER.replace("aliases", "alias") + ",Ana Reyes,rocks,Ana\n", "line 2: the header is"),
        (HEADER + ",,rocks,Ana\n", "line 2: 'full_name' is empty"),
        (HEADER + ",undefined,rocks,Ana\n", "line 2: 'undefined' is not a person's name"),
        (HEADER + ",Ana Reyes,rocks,Ana;N/A\n", "line 2: 'N/A' is not a person's name"),
        (HEADER + f",Ana Reyes,rocks,{'x' * 201}\n", "is not a person's name"),
        (HEADER + ",Ana Reyes,ghosts,Ana\n", "line 2: no team 'ghosts' in seed_teams.csv"),
        ("", "line 1: the column 'full_name' is missing"),
    ],
)
def test_an_ambiguous_line_is_refused(seeds: Path, text: str, message: str) -> None:
    (seeds / "seed_people.csv").write_text(text)
    with pytest.raises(SettingsError) as error:
        load_people(seeds)
    assert f"{seeds / 'seed_people.csv'}, line " in str(error.value)
    assert message in str(error.value)


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_another_encoding_is_refused(seeds: Path, encoding: str) -> None:
    (seeds / "seed_people.csv").write_bytes(f"{HEADER},Jürgen Müller,rocks,\n".encode(encoding))
    with pytest.raises(SettingsError, match=r"line \d: .*UTF-8"):
        load_people(seeds)
