from collections.abc import Iterator

import pytest

from tests.support.browsing import Browse, browsing


@pytest.fixture(scope="module")
def browse() -> Iterator[Browse]:
    """Opens pages of a studio in Chromium."""
    yield from browsing()
