"""The seed files are read strictly: errors have file and line."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import SettingsError
from loader.project import CORE
from loader.workspace.seeds import read_seed
from loader.workspace.teams import load_names, load_teams

TEAMS = "key,name,organization,description,first_organization\n"


def write(folder: Path, teams: str | bytes, aliases: str = "alias,team\n") -> Path:
    data = teams.encode() if isinstance(teams, str) else teams
    (folder / "seed_teams.csv").write_bytes(data)
    (folder / "seed_team_aliases.csv").write_text(aliases)
    return folder


def test_the_seeds_of_the_repository() -> None:
    names = load_names()
    assert names.teams["aicoach"] == "ai-coach"
    assert list(names.organizations) == ["Full Scale", "Full Scale Ventures"]
    # Each has a key, so that an edit of only the name is a rename.
    for seed in ("organizations", "teams"):
        rows = read_seed(CORE / "seeds" / f"seed_{seed}.csv", ["key", "name"])
        assert [row["key"] for row in rows] == [row["name"] for row in rows]


def test_a_folder_is_named_by_key_alias_and_name(tmp_path: Path) -> None:
    teams = TEAMS + "a,b,X,,\nb,a,X,,\n,plain,X,,\nold,new,X,,\n"
    aliases = "alias,team\nelse,old\nmore,new\nold,new\nby name,plain\nkeyed,a\n"
    assert load_teams(write(tmp_path, teams, aliases)) == {
        # Two teams that swapped their names: the folder keeps the key.
        "a": "b",
        "b": "a",
        "keyed": "b",
        "plain": "plain",
        "by name": "plain",
        **dict.fromkeys(("old", "new", "else", "more"), "new"),
    }


def test_files_of_an_earlier_release_and_of_a_spreadsheet(tmp_path: Path) -> None:
    expected = {"rocks": "rocks", "Ünit": "Ünit"}
    text = "name,organization\nrocks,Full Scale\nÜnit,Full Scale\n"
    for teams in (
        *(text, text.replace("\n", "\r\n"), text.replace("\n", "\n\n"), text.strip()),
        text.encode("utf-8-sig"),
        'organization,name\n"Full Scale","rocks"\nX,Ünit\n',
    ):
        assert load_teams(write(tmp_path, teams)) == expected


def test_words_that_look_like_something_else_are_names(tmp_path: Path) -> None:
    words = ["null", "NULL", "007", "true", "1e5", "2025-01-01", "None", "n/a", "."]
    teams = "name,organization\n" + "".join(f"{word},X\n" for word in words)
    assert list(load_teams(write(tmp_path, teams))) == words


@pytest.mark.parametrize(
    ("line", "teams", "says"),
    [
        (3, TEAMS + "a,a,X,,\nb,b,X\n", "too few fields, 3 instead of 5"),
        (3, TEAMS + "a,a,X,,\nb,b,X,one, two,\n", "too many fields, 6 instead of 5"),
        (5, TEAMS + '\na,a,X,"two\nlines",\nb,b\n', "too few fields"),
        (2, TEAMS + "a,,X,,\n", "'name' is empty"),
        (2, TEAMS + "a,a,,,\n", "'organization' is empty"),
        (2, TEAMS + "a, a,X,,\n", "'name' begins or ends with a space: ' a'"),
        (2, TEAMS + "a,a\u200bb,X,,\n", r"'name' has an invisible character: 'a\u200bb'"),
        (2, TEAMS + "a,a\u00a0b,X,,\n", "invisible character"),
        (3, TEAMS + "a,a,X,,\na,b,X,,\n", "the key 'a' is there already"),
        (3, TEAMS + "a,a,X,,\nb,a,X,,\n", "the name 'a' is there already"),
        (3, TEAMS + "a,b,X,,\n,a,X,,\n", "the key 'a' is there already"),
        (2, TEAMS + 'a,"a"b,X,,\n', "Check the quotation marks"),
        (2, TEAMS + 'a,"a,X,,\nb,b,X,,\n', "Check the quotation marks"),
        (1, TEAMS.replace(",", ";") + "a;a;X;;\n", "separated by semicolons. Use commas."),
        (1, TEAMS.replace(",", "\t") + "a\ta\tX\t\t\n", "separated by tabs"),
        (1, "name;organization,team\n", "separated by semicolons"),
        (2, TEAMS + "a;a;X;;\n", "too few fields, 1 instead of 5"),
        (1, "Name,organization\na,X\n", "write the column 'Name' as 'name'"),
        (1, "key, name,organization\na,a,X\n", "write the column ' name' as 'name'"),
        (1, "name,name,organization\na,a,X\n", "'name' is there twice"),
        (1, "name\na\n", "the column 'organization' is missing. There are: 'name'"),
        (1, "", "the column 'name' is missing. There are: none"),
        (1, (TEAMS + "a,a,X,,\n").encode("utf-16"), "encoded in UTF-16"),
        (1, (TEAMS + "a,a,X,,\n").encode("utf-16-le"), "encoded in UTF-16"),
        (1, (TEAMS + "a,a,X,,\n").encode("utf-16-be"), "encoded in UTF-16"),
        (3, (TEAMS + "a,a,X,,\nä,b,X,,\n").encode("cp1252"), "0xE4 is not UTF-8. Save it"),
    ],
)
def test_invalid_seeds(tmp_path: Path, line: int, teams: str | bytes, says: str) -> None:
    place = re.escape(f"{tmp_path / 'seed_teams.csv'}, line {line}: ")
    with pytest.raises(SettingsError, match=f"^{place}.*{re.escape(says)}"):
        load_teams(write(tmp_path, teams))


@pytest.mark.parametrize(
    ("line", "aliases", "says"),
    [
        (3, "alias,team\nx,a\ny,c\n", "no team 'c' in seed_teams.csv. There are: a, b"),
        (3, "alias,team\nx,a\nx,b\n", "the alias 'x' is there twice"),
        (2, "alias,team\nb,a\n", "the folder 'b' is that of the team 'b'"),
        (2, "alias,team\nx,\n", "'team' is empty"),
        (2, "alias,team\n,a\n", "'alias' is empty"),
        (2, "alias,team\nx\n", "too few fields, 1 instead of 2"),
        (1, "alias;team\nx;a\n", "separated by semicolons"),
    ],
)
def test_aliases_that_are_refused(tmp_path: Path, line: int, aliases: str, says: str) -> None:
    write(tmp_path, TEAMS + "a,a,X,,\nb,b,X,,\n", aliases)
    place = re.escape(f"{tmp_path / 'seed_team_aliases.csv'}, line {line}: ")
    with pytest.raises(SettingsError, match=f"^{place}.*{re.escape(says)}"):
        load_teams(tmp_path)


@given(st.binary(max_size=60) | st.text(',;"\n\r\0 ab\u00e4', max_size=60).map(str.encode))
def test_every_error_has_file_and_line(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    file = tmp_path_factory.getbasetemp() / "seed_any.csv"
    file.write_bytes(b"a,b\n" + data)
    try:
        rows = read_seed(file, ["a"])
    except SettingsError as error:
        assert str(error).startswith(f"{file}, line ")  # noqa: PT017 - or no error at all
    else:
        assert all(row["a"] and set(row.cells) == {"a", "b"} for row in rows)
