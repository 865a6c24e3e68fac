from itertools import repeat

import pytest

from loader.blobs.retry import Retry


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the pauses; the clock advances only during them."""
    pauses: list[float] = []
    monkeypatch.setattr("loader.blobs.retry.time.monotonic", lambda: sum(pauses))
    monkeypatch.setattr("loader.blobs.retry.time.sleep", pauses.append)
    return pauses


def test_retries_end_before_a_pause_beyond_the_limit(slept: list[float]) -> None:
    retry = Retry(10, iter([1.0, 2.0, 4.0, 8.0]))
    assert [True, True, True, False] == [retry.wait() for _ in range(4)]
    assert slept == [1, 2, 4]
    assert (retry.tries, retry.seconds, retry.left) == (4, 7, 3)


def test_the_minimum_number_of_tries_is_made(slept: list[float]) -> None:
    retry = Retry(0, repeat(1.0), least=2)
    assert [True, False] == [retry.wait(), retry.wait()]
    assert slept == [1]
    assert not Retry(0, repeat(1.0)).wait()


def test_the_retry_limit_grows_with_requested_waits_up_to_a_maximum(slept: list[float]) -> None:
    retry = Retry(5, repeat(1.0), most_asked=50)
    assert [True, True, False] == [retry.wait(seconds) for seconds in (20, 30, 1)]
    assert slept == [20, 30]
    assert not Retry(5, repeat(1.0)).wait(1)  # no time is left for a try
