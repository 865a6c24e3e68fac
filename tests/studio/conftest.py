from collections.abc import Iterator

import pytest

from tests.support.browsing import Browse, browsing


@pytest.fixture(scope="module")
def browse() -> Iterator[Browse]:
    """Return a function that opens pages of a studio in Chromium."""
    yield from browsing()
