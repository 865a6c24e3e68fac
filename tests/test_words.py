"""Code and docs use the words of the field: `house-style.md` lists those to avoid."""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.project import ROOT
from tests.support.words import AVOIDED

# A value or a name of the language, not a word.
NAMED = re.compile(r"`[^`]*`|\bis None\b")
# Tells of released versions; quotes the texts of others.
LEFT_OUT = {"CHANGELOG.md", "docs/questions.md", "tests/support/words.py"}


def prose(path: Path) -> Iterator[tuple[int, str]]:
    """The numbered lines of a file that people read: comments, docstrings, messages, pages."""
    text = path.read_text()
    if path.suffix == ".py":
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type in {tokenize.COMMENT, tokenize.STRING}:
                yield from enumerate(token.string.splitlines(), token.start[0])
    elif path.suffix == ".sql":
        for found in re.finditer(r"\{#.*?#\}|--[^\n]*", text, re.DOTALL):
            first = text.count("\n", 0, found.start()) + 1
            yield from enumerate(found[0].splitlines(), first)
    else:
        yield from enumerate(text.splitlines(), 1)


def files() -> list[str]:
    listed = [
        "git",
        "-c",
        "core.quotepath=off",
        "ls-files",
        "*.py",
        "*.sql",
        "*.md",
        "*.yml",
        "*.toml",
        "Makefile",
        "*.html",
    ]
    found = subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True)
    return [
        name
        for name in found.stdout.splitlines()
        if name not in LEFT_OUT and not name.startswith("examples/")
    ]


@pytest.mark.parametrize("folder", sorted({name.split("/")[0] for name in files()}))
def test_no_word_to_avoid(folder: str) -> None:
    found = [
        f"{name}:{number}: {line.strip()}"
        for name in files()
        if name.split("/")[0] == folder
        for number, line in prose(ROOT / name)
        if AVOIDED.search(NAMED.sub("", line))
    ]
    assert not found, "\n".join(found)
