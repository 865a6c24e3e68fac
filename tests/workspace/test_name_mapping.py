import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.rejections import Reason
from loader.workspace import open_workspace
from loader.workspace.name_mapping import (
    MappedPerson,
    NameMapping,
    _mapping,
    mapping_path,
    read_mapping,
)


def read(workspace: Path, content: object, team: str = "rocks") -> NameMapping:
    path = workspace / mapping_path(team)
    path.parent.mkdir(exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_mapping(open_workspace(workspace), team)


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        (
            "Ana Reyes",
            {"shortName": "Ana", "fullName": "Ana Reyes", "aliases": ["ana.r", " Ana R. "]},
            MappedPerson("Ana Reyes", ("Ana", "ana.r", "Ana R.")),
        ),
        ("Ana", {"fullName": "Ana Reyes"}, MappedPerson("Ana Reyes", ("Ana",))),
        ("Ana Reyes", {}, MappedPerson("Ana Reyes", ())),
        ("Ana Reyes", {"aliases": "Ana"}, MappedPerson("Ana Reyes", ("Ana",))),
        ("Ana Reyes", {"aliases": ["Ana", 7, None, ""]}, MappedPerson("Ana Reyes", ("Ana",))),
        ("Ana Reyes", "Ana", MappedPerson("Ana Reyes", ("Ana",))),
        ("ana", "Ana Reyes", MappedPerson("Ana Reyes", ("ana",))),
        ("Ana Reyes", "Anita Reyes", MappedPerson("Ana Reyes", ("Anita Reyes",))),
        ("Ana Reyes", "", MappedPerson("Ana Reyes", ())),
        ("Ana", {"fullName": "undefined", "shortName": "A."}, MappedPerson("Ana", ("A.",))),
        ("null", {"fullName": "Ana Reyes", "aliases": ["-"]}, MappedPerson("Ana Reyes", ())),
    ],
)
def test_each_form_of_a_person(
    tmp_path: Path, key: str, value: object, expected: MappedPerson
) -> None:
    mapping = read(tmp_path, {"projectFolder": "rocks", "mappings": {key: value}})
    assert (mapping.people, mapping.rejections) == ([expected], [])


def test_comments_and_trailing_commas_are_allowed(tmp_path: Path) -> None:
    mapping = read(tmp_path, '{"projectFolder": "rocks", // the folder\n "mappings": {},}')
    assert mapping == NameMapping(mapping_path("rocks"), "rocks")


def test_the_file_of_another_name_of_the_team_counts_if_the_folder_has_none(tmp_path: Path) -> None:
    read(tmp_path, {"projectFolder": "coach"}, team="aicoach")
    workspace = open_workspace(tmp_path)
    assert read_mapping(workspace, "ai-coach", ["aicoach"]).project_folder == "coach"
    assert read_mapping(workspace, "ai-coach") == NameMapping()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ({"mappings": []}, ""),
        ({"mappings": ["Ana"]}, "mappings is not an object"),
        ({"mappings": {"Ana": 7}}, "'Ana' is neither"),
        ({"mappings": {" ": ""}}, "' ' is neither"),
        ({"projectFolder": "../rocks"}, "projectFolder"),
        ({"projectFolder": ".."}, "projectFolder"),
        ({"projectFolder": "a\0b"}, "projectFolder"),
        ({"projectFolder": "\ud800"}, "projectFolder"),
        ({"projectFolder": 7}, "projectFolder"),
    ],
)
def test_an_unusable_mapping_is_a_rejection(tmp_path: Path, content: object, words: str) -> None:
    mapping = read(tmp_path, content)
    assert mapping.project_folder is None
    assert mapping.people == []
    found = [(item.reason, words in item.detail) for item in mapping.rejections]
    assert found == ([(Reason.BAD_CONFIG, True)] if words else [])


@pytest.mark.parametrize("make", ["pipe", "zero", "outside", "folder", "large"])
def test_only_a_small_regular_file_inside_the_workspace_is_read(tmp_path: Path, make: str) -> None:
    workspace = tmp_path / "workspace"
    path = workspace / mapping_path("rocks")
    path.parent.mkdir(parents=True)
    (tmp_path / "outside.json").write_text("{}")
    match make:
        case "pipe":
            os.mkfifo(path)
        case "zero":
            path.symlink_to("/dev/zero")
        case "outside":
            path.symlink_to(tmp_path / "outside.json")
        case "folder":
            path.mkdir()
        case "large":
            path.write_text(json.dumps({"mappings": {"Ana": "x" * 2**20}}))
    mapping = read_mapping(open_workspace(workspace), "rocks")
    assert [item.reason for item in mapping.rejections] == [Reason.BAD_CONFIG]


_JSON = st.recursive(
    st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
)


@given(st.dictionaries(st.sampled_from(["projectFolder", "mappings"]), _JSON))
def test_any_document_is_read_without_an_error(document: dict[str, object]) -> None:
    mapping = _mapping("x.json", document)
    for person in mapping.people:
        assert person.full_name == person.full_name.strip() != ""
        assert person.full_name not in person.aliases
