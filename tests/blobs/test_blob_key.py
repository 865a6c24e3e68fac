import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.blobs import blob_key

HASH = hashlib.sha256(b"x").hexdigest()[:12]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("notes.md", f"rocks/slack/sanitized/notes-{HASH}.md"),
        ("a/b/weekly sync.md", f"rocks/slack/sanitized/a/b/weekly sync-{HASH}.md"),
        ("小龍 Núñez.md", f"rocks/slack/sanitized/小龍 Núñez-{HASH}.md"),
        ("a\nb?c#d%e\\f.md", f"rocks/slack/sanitized/a%0Ab%3Fc%23d%25e%5Cf-{HASH}.md"),
        ("../x.md", f"rocks/slack/sanitized/%2E%2E/x-{HASH}.md"),
    ],
)
def test_the_stem_gets_the_hash_of_the_content(name: str, expected: str) -> None:
    assert expected == blob_key("rocks", "slack/sanitized", name, b"x")


NAMES = st.lists(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/\0"), min_size=1),
    min_size=1,
    max_size=40,
).map("/".join)


@given(NAMES, NAMES, st.binary(), st.binary())
def test_a_key_is_safe_and_differs_by_content(
    team: str, name: str, data: bytes, other: bytes
) -> None:
    key = blob_key(team.replace("/", "_"), "transcripts", name, data)
    parts = key.split("/")
    assert all(part not in {"", ".", ".."} and len(part.encode()) <= 255 for part in parts)
    assert not any(ord(character) < 32 or character in "?#\\" for character in key)
    assert len(key.encode("utf-16-le")) // 2 <= 950
    assert (data == other) == (key == blob_key(team.replace("/", "_"), "transcripts", name, other))
