import os
from pathlib import Path

import pytest

from loader.errors import WorkspaceError
from loader.parsing.rejections import Reason
from loader.workspace import MOST_IGNORED, Listing, open_workspace
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
    for name in (".hidden.md", "x.pdf", "md", "a.md"):
        (team / name).write_text("x")
    listing = list_files(tmp_path, Kind.MEETING_TRANSCRIPTS, "rocks")
    assert (["a.md"], 3) == ([file.name for file in listing.files], listing.ignored)
    paths = [f"{TRANSCRIPTS}/rocks/{name}" for name in (".hidden.md", "md", "x.pdf")]
    assert paths == listing.ignored_paths


def test_the_names_of_very_many_ignored_files_are_not_kept(tmp_path: Path, team: Path) -> None:
    for number in range(MOST_IGNORED + 1):
        (team / f"{number}.pdf").touch()
    listing = list_files(tmp_path, Kind.MEETING_TRANSCRIPTS, "rocks")
    assert (MOST_IGNORED + 1, MOST_IGNORED) == (listing.ignored, len(listing.ignored_paths))


def test_transcripts_have_more_suffixes(tmp_path: Path, team: Path) -> None:
    for name in ("a.txt", "b.VTT", "c.srt", "d.markdown"):
        (team / name).write_text("x")
    assert ["a.txt", "b.VTT", "c.srt", "d.markdown"] == listed(tmp_path)
    folder = tmp_path / "daily-reports/md-output/rocks"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text("x")
    assert listed(tmp_path, Kind.DAILY_REPORTS) == []


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


def test_a_link_to_an_otherwise_unread_file_is_followed(tmp_path: Path, team: Path) -> None:
    (team / ".store" / "deep").mkdir(parents=True)
    (team / ".store" / "deep" / "x.md").write_text("x")
    (team / "plain.text").write_text("x")
    (team / "linked").symlink_to(".store")
    (team / "text.md").symlink_to("plain.text")
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
def test_names_that_are_not_utf_8_are_rejected_in_printable_form(
    tmp_path: Path, team: Path
) -> None:
    with open(os.fsencode(team) + b"/bad\xff.md", "w") as file:  # noqa: PTH123 - a name in bytes
        file.write("x")
    assert {"rocks/bad\\xff.md": Reason.NAME_NOT_UNICODE} == refused(tmp_path)


def test_a_missing_workspace_is_an_error_with_the_command(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="--workspace FOLDER"):
        open_workspace(tmp_path / "missing").team_folders()
    assert open_workspace(tmp_path).team_folders() == []


def test_hidden_folders_are_no_teams(tmp_path: Path, team: Path) -> None:
    (team.parent / ".git").mkdir()
    (team.parent / "readme.md").write_text("x")
    assert ["rocks"] == open_workspace(tmp_path).team_folders()


def misplaced(workspace: Path, kind: Kind) -> tuple[dict[str, str], Listing]:
    listing = Listing()
    open_workspace(workspace).scan_root(kind, listing)
    assert {Reason.NO_TEAM_FOLDER} >= {item.reason for _, item in listing.rejections}
    return {file.path: item.detail for file, item in listing.rejections}, listing


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.SLACK_CAPTURES])
def test_a_file_next_to_the_team_folders_is_a_rejection(tmp_path: Path, kind: Kind) -> None:
    root = tmp_path / KINDS[kind].root
    (root / "rocks").mkdir(parents=True)
    names = [f"a{suffix.upper()}" for suffix in KINDS[kind].suffixes]
    for name in (*names, ".gitkeep", "b.pdf"):
        (root / name).write_text("x")
    suffix = KINDS[kind].suffixes[0]
    os.mkfifo(root / f"pipe{suffix}")
    (root / f"link{suffix}").symlink_to("b.pdf")
    (root / f"broken{suffix}").symlink_to("nowhere")
    (root / f"loop{suffix}").symlink_to(f"loop{suffix}")
    paths, listing = misplaced(tmp_path, kind)
    expected = [*names, *(f"{name}{suffix}" for name in ("pipe", "link", "broken", "loop"))]
    assert sorted(f"{KINDS[kind].root}/{name}" for name in expected) == sorted(paths)
    ignored = [f"{KINDS[kind].root}/{name}" for name in (".gitkeep", "b.pdf")]
    assert ignored == listing.ignored_paths
    assert ["rocks"] == open_workspace(tmp_path).team_folders()


def test_slack_files_next_to_the_team_folders_are_counted_and_never_named(tmp_path: Path) -> None:
    root = tmp_path / "slack/md-output"
    (root / "rocks").mkdir(parents=True)
    (root / "sanitized").mkdir()
    for name in ("secret-1.md", "secret-2.md", "secret.json", ".secret"):
        (root / name).write_text("x")
    (root / "secret-3.md").symlink_to("secret-1.md")
    paths, listing = misplaced(tmp_path, Kind.SLACK_CAPTURES)
    assert paths == {
        "slack/md-output": "files next to the team folders: 3",
        "slack/md-output/sanitized": "it is not in the folder of a team",
    }
    assert (2, []) == (listing.ignored, listing.ignored_paths)
    assert "secret" not in str(open_workspace(tmp_path).team_folders())


def test_without_a_folder_nothing_is_misplaced(tmp_path: Path) -> None:
    for kind in Kind:
        assert misplaced(tmp_path, kind) == ({}, Listing())


def test_a_broken_link_next_to_the_team_folders_is_a_team(tmp_path: Path, team: Path) -> None:
    (team.parent / "gone").symlink_to("nowhere")
    assert ["gone", "rocks"] == open_workspace(tmp_path).team_folders()
    listing = list_files(tmp_path, Kind.MEETING_TRANSCRIPTS, "gone")
    assert [Reason.LINK_OUTSIDE_TEAM] == [item.reason for _, item in listing.rejections]
