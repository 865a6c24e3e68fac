import os
from pathlib import Path

import pytest

from loader.errors import WorkspaceError
from loader.parsing.rejections import Reason
from loader.workspace import Listing, open_workspace
from loader.workspace import list_files as list_files_of
from loader.workspace.kinds import KINDS, Kind
from tests.support.linux import linux_only

TRANSCRIPTS = "transcripts/markdown-output"


def list_files(workspace: Path, kind: Kind, team: str) -> Listing:
    return list_files_of(open_workspace(workspace), kind, team)


def listed(workspace: Path, kind: Kind = Kind.MEETING_TRANSCRIPTS) -> list[str]:
    return [file.name for file in list_files(workspace, kind, "rocks").files]


def refused(workspace: Path) -> dict[str, Reason]:
    listing = list_files(workspace, Kind.MEETING_TRANSCRIPTS, "rocks")
    return {
        file.path.removeprefix(f"{TRANSCRIPTS}/"): item.reason for file, item in listing.rejections
    }


@pytest.fixture
def team(tmp_path: Path) -> Path:
    folder = tmp_path / TRANSCRIPTS / "rocks"
    folder.mkdir(parents=True)
    return folder


def test_every_depth_in_sorted_order_in_any_letter_case(tmp_path: Path, team: Path) -> None:
    for name in ("b.md", "a/c.MARKDOWN", "a/b/d.Md", "Z.md", "é.md"):
        (team / name).parent.mkdir(parents=True, exist_ok=True)
        (team / name).write_text("x")
    assert ["Z.md", "a/b/d.Md", "a/c.MARKDOWN", "b.md", "é.md"] == listed(tmp_path)
    file = list_files(tmp_path, Kind.MEETING_TRANSCRIPTS, "rocks").files[1]
    assert file.path == f"{TRANSCRIPTS}/rocks/a/b/d.Md"


def test_hidden_files_and_other_extensions_are_counted_as_ignored(
    tmp_path: Path, team: Path
) -> None:
    for name in (".hidden.md", "x.txt", "md", "a.md"):
        (team / name).write_text("x")
    listing = list_files(tmp_path, Kind.MEETING_TRANSCRIPTS, "rocks")
    assert (["a.md"], 3) == ([file.name for file in listing.files], listing.ignored)


def test_a_folder_called_notes_md_is_a_folder(tmp_path: Path, team: Path) -> None:
    (team / "notes.md").mkdir()
    (team / "notes.md" / "a.md").write_text("x")
    assert ["notes.md/a.md"] == listed(tmp_path)


def test_only_sanitized_slack_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "slack/md-output/rocks"
    (folder / "sanitized").mkdir(parents=True)
    (folder / "raw.md").write_text("secret")
    (folder / "sanitized" / "clean.md").write_text("x")
    (folder / "sanitized" / "raw.md").symlink_to("../raw.md")
    listing = list_files(tmp_path, Kind.SLACK_CAPTURES, "rocks")
    assert ["clean.md"] == [file.name for file in listing.files]
    assert [Reason.LINK_OUTSIDE_TEAM] == [item.reason for _, item in listing.rejections]


def test_a_link_is_followed_to_what_is_not_read_under_its_own_name(
    tmp_path: Path, team: Path
) -> None:
    (team / ".store" / "deep").mkdir(parents=True)
    (team / ".store" / "deep" / "x.md").write_text("x")
    (team / "plain.txt").write_text("x")
    (team / "linked").symlink_to(".store")
    (team / "text.md").symlink_to("plain.txt")
    assert ["linked/deep/x.md", "text.md"] == listed(tmp_path)
    assert refused(tmp_path) == {}


def test_any_other_link_is_a_rejection(tmp_path: Path, team: Path) -> None:
    (tmp_path / "outside.md").write_text("secret")
    (team / "a.md").write_text("x")
    (team / "again.md").symlink_to("a.md")
    (team / "loop").symlink_to(".")
    (team / "self.md").symlink_to("self.md")
    (team / "out.md").symlink_to(tmp_path / "outside.md")
    (team / "up").symlink_to("../..")
    (team / "broken.md").symlink_to("nowhere.md")
    assert ["a.md"] == listed(tmp_path)
    assert {
        "rocks/again.md": Reason.LINK_REPEATED,
        "rocks/loop": Reason.LINK_REPEATED,
        "rocks/self.md": Reason.UNREADABLE,
        "rocks/out.md": Reason.LINK_OUTSIDE_TEAM,
        "rocks/up": Reason.LINK_OUTSIDE_TEAM,
        "rocks/broken.md": Reason.UNREADABLE,
    } == refused(tmp_path)


def test_a_team_folder_that_is_a_link_is_a_rejection(tmp_path: Path, team: Path) -> None:
    (team / "a.md").write_text("x")
    (team.parent / "alias").symlink_to("rocks")
    assert ["alias", "rocks"] == open_workspace(tmp_path).team_folders()
    listing = list_files(tmp_path, Kind.MEETING_TRANSCRIPTS, "alias")
    assert listing.files == []
    assert [Reason.LINK_OUTSIDE_TEAM] == [item.reason for _, item in listing.rejections]


def test_a_pipe_is_a_rejection_and_does_not_hang(tmp_path: Path, team: Path) -> None:
    os.mkfifo(team / "pipe.md")
    assert {"rocks/pipe.md": Reason.UNREADABLE} == refused(tmp_path)


@linux_only("file names that are not UTF-8")
def test_names_that_are_no_utf_8_are_rejected_in_printable_form(tmp_path: Path, team: Path) -> None:
    with open(os.fsencode(team) + b"/bad\xff.md", "w") as file:  # noqa: PTH123 - a name in bytes
        file.write("x")
    assert {"rocks/bad\\xff.md": Reason.NAME_NOT_UNICODE} == refused(tmp_path)


def test_no_workspace_names_the_folders_and_the_command(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="--workspace") as error:
        open_workspace(tmp_path).team_folders()
    assert all(files.root in str(error.value) for files in KINDS.values())


def test_hidden_folders_are_no_teams(tmp_path: Path, team: Path) -> None:
    (team.parent / ".git").mkdir()
    (team.parent / "readme.md").write_text("x")
    assert ["rocks"] == open_workspace(tmp_path).team_folders()
