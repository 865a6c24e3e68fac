"""The layout of the tests."""

import re

from tests.support.project import ROOT

IMPORT = re.compile(r"^\s*(?:from|import) tests\.(?:\w+\.)*(?:test_\w+|conftest)\b", re.MULTILINE)


def test_no_module_imports_from_a_test_module() -> None:
    """Code that two test modules use is in tests/support."""
    files = [path for path in (ROOT / "tests").rglob("*.py") if IMPORT.search(path.read_text())]
    assert [] == files
