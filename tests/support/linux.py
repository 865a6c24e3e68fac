"""Tests that need Linux."""

import sys

import pytest


def linux_only(need: str) -> pytest.MarkDecorator:
    """Return a mark that skips a test on other systems.

    Args:
        need: The feature that only Linux has.
    """
    return pytest.mark.skipif(sys.platform != "linux", reason=f"needs Linux: {need}")
