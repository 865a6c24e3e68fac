"""Tests that need Linux."""

import sys

import pytest


def linux_only(need: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test elsewhere.

    Args:
        need: What only Linux has.
    """
    return pytest.mark.skipif(sys.platform != "linux", reason=f"needs Linux: {need}")
