import hashlib
import json
from pathlib import Path

import pytest

from loader.blobs.errors import BlobMismatchError
from loader.blobs.manifest import Manifest, load_manifest
from loader.errors import ManifestError

DATA = b"# text"
SHA256 = hashlib.sha256(DATA).hexdigest()
ENTRY = {
    "pathname": "rocks/transcripts/a.md",
    "url": "https://x.private.blob.vercel-storage.com/rocks/transcripts/a.md",
    "localPath": "transcripts/markdown-output/rocks/a.md",
    "checksum": SHA256,
}


def manifest(folder: Path, document: object) -> Manifest:
    path = folder / "uploads.json"
    path.write_text(json.dumps(document))
    return load_manifest(path, "private")


def of(folder: Path, *entries: dict[str, str], group: str = "transcripts") -> Manifest:
    return manifest(folder, {group: {"urls": entries}})


@pytest.mark.parametrize("group", ["transcripts", "dailyReports", "slack", "jiraData"])
def test_each_group_is_read(tmp_path: Path, group: str) -> None:
    blob = of(tmp_path, ENTRY, group=group).find(ENTRY["localPath"], DATA)
    assert blob
    assert (ENTRY["pathname"], ENTRY["url"], len(DATA)) == (blob.key, blob.url, blob.size)


@pytest.mark.parametrize(
    ("local_path", "path"),
    [
        ("daily-reports/md-output/rocks/a b/ä.md", "daily-reports/md-output/rocks/a b/ä.md"),
        ("./jira/md_output/rocks/a.md", "jira/md_output/rocks/a.md"),
        ("/home/ci/w/slack/md-output/rocks/sanitized/a.md", "slack/md-output/rocks/sanitized/a.md"),
        (r"C:\w\transcripts\markdown-output\rocks\a.md", "transcripts/markdown-output/rocks/a.md"),
        ("/slack/md-output/w/jira/md_output/rocks/a.md", "jira/md_output/rocks/a.md"),
        ("jira/md_output/rocks/a\\b.md", "jira/md_output/rocks/a\\b.md"),
    ],
)
def test_a_local_path_is_relative_to_the_workspace(
    tmp_path: Path, local_path: str, path: str
) -> None:
    found = of(tmp_path, ENTRY | {"localPath": local_path})
    assert found.find(path, DATA)
    assert found.find(path + "x", DATA) is None


@pytest.mark.parametrize("local_path", ["/w/myjira/md_output/rocks/a.md", "rocks/a.md", "a.md"])
def test_a_path_outside_the_workspace_matches_nothing(tmp_path: Path, local_path: str) -> None:
    assert of(tmp_path, ENTRY | {"localPath": local_path}).find("jira/md_output/a.md", DATA) is None


def test_a_checksum_may_be_in_capitals(tmp_path: Path) -> None:
    assert of(tmp_path, ENTRY | {"checksum": SHA256.upper()}).find(ENTRY["localPath"], DATA)


def test_other_bytes_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(BlobMismatchError, match=f"of its upload is '{SHA256}'"):
        of(tmp_path, ENTRY).find(ENTRY["localPath"], b"other")


def test_of_several_uploads_the_one_with_equal_bytes_counts(tmp_path: Path) -> None:
    old = ENTRY | {"checksum": "0" * 64, "url": ENTRY["url"] + "?old"}
    blob = of(tmp_path, old, ENTRY, old).find(ENTRY["localPath"], DATA)
    assert blob
    assert ENTRY["url"] == blob.url


def test_an_address_cannot_hold_two_contents(tmp_path: Path) -> None:
    other = ENTRY | {"localPath": "transcripts/markdown-output/rocks/b/a.md", "checksum": "0" * 64}
    with pytest.raises(BlobMismatchError, match="Another upload replaced its blob"):
        of(tmp_path, ENTRY, other).find(ENTRY["localPath"], DATA)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "the document is not an object"),
        ({}, "has none of the groups transcripts, dailyReports, slack, jiraData"),
        ({"slack": []}, "slack is not an object"),
        ({"slack": {"urls": {}}}, "slack.urls is not a list"),
        ({"slack": {"urls": [1]}}, r"slack.urls\[0\] is not an object"),
        ({"slack": {"urls": [ENTRY, {}]}}, r"slack.urls\[1\].localPath is not a text"),
        ({"slack": {"urls": [ENTRY | {"url": ""}]}}, r"slack.urls\[0\].url is not a text"),
        ({"slack": {"urls": [ENTRY | {"pathname": "a\0"}]}}, r"\[0\].pathname has a control"),
        ({"slack": {"urls": [ENTRY | {"pathname": "\ud800"}]}}, r"\[0\].pathname has a control"),
        ({"slack": {"urls": [ENTRY | {"url": "a.md"}]}}, r"slack.urls\[0\].url is not an address"),
        (
            {"slack": {"urls": [ENTRY | {"url": "https://x.example/a"}]}},
            "not an address of a Vercel",
        ),
        (
            {"slack": {"urls": [ENTRY | {"url": "https://x.public.blob.vercel-storage.com/a"}]}},
            r"slack.urls\[0\].url is public, and BLOB_ACCESS is private",
        ),
        ({"slack": {"urls": [ENTRY | {"checksum": "12ab"}]}}, r"\[0\].checksum is not a SHA-256"),
    ],
)
def test_a_malformed_entry_is_an_error_with_its_key(
    tmp_path: Path, document: object, words: str
) -> None:
    with pytest.raises(ManifestError, match=words) as caught:
        manifest(tmp_path, document)
    assert "uploads.json: " in str(caught.value)


def test_empty_groups_are_fine(tmp_path: Path) -> None:
    document: object = {"slack": {"urls": []}, "jiraData": None, "transcripts": {}, "other": 1}
    assert manifest(tmp_path, document).find("a.md", DATA) is None


def test_an_invalid_or_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"none\.json: No such file"):
        load_manifest(tmp_path / "none.json", "private")
    (tmp_path / "bad.json").write_bytes(b"{\xff")
    with pytest.raises(ManifestError, match=r"bad\.json: not JSON"):
        load_manifest(tmp_path / "bad.json", "private")
