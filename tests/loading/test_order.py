"""The listing order of a folder never changes the result."""

import os
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.extracts import Rows, extract
from tests.support.project import EXAMPLE


def outcome(workspace: Path, earlier: Rows | None = None) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        return extract(workspace, Path(folder), earlier)


@contextmanager
def shuffled(seed: int) -> Iterator[None]:
    """Make folders list their entries in another order."""
    shuffle, scandir = random.Random(seed).shuffle, os.scandir

    class Shuffled:
        def __init__(self, path: Path) -> None:
            with scandir(path) as entries:
                self.entries = list(entries)
            shuffle(self.entries)

        def __enter__(self) -> "list[os.DirEntry[str]]":
            return self.entries

        def __exit__(self, *_: object) -> None:
            pass

    with mock.patch("loader.workspace.local.os.scandir", Shuffled):
        yield


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2))]
)
def test_the_example(seed: int) -> None:
    expected = outcome(EXAMPLE)
    assert len(expected["daily_reports"]) == 77
    with shuffled(seed):
        assert expected == outcome(EXAMPLE)


FILES = st.dictionaries(
    st.sampled_from(["a.md", "b.md", "B.md", "sub/a.md", "ä.md"]),
    st.lists(
        st.tuples(
            st.sampled_from(["Ana Cruz", "Ben Reyes"]),
            st.sampled_from(["2025-10-27", "October 28, 2025", "February 30, 2025"]),
            st.sampled_from(["x", "y"]),
        ),
        max_size=3,
    ),
    min_size=1,
)


@settings(max_examples=settings().max_examples // 6)  # each example extracts four times
@given(FILES, FILES, st.integers())
def test_any_files_and_an_earlier_run(
    before: dict[str, list[tuple[str, str, str]]],
    after: dict[str, list[tuple[str, str, str]]],
    seed: int,
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        earlier = None
        for files in (before, after):
            for name, days in files.items():
                path = workspace / "daily-reports/md-output/rocks" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                text = [f"## {day}\n**Employee**: {author}\n{body}" for author, day, body in days]
                path.write_text("\n\n".join(text))
            expected = outcome(workspace, earlier)
            with shuffled(seed):
                assert expected == outcome(workspace, earlier)
            earlier = expected
