import os

import pytest

from loader.extract.executors import open_executor


def test_processors_are_counted_without_a_known_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)  # as on macOS
    with open_executor("local") as executor:
        assert {1, 2} == set(executor.map(abs, [-1, 2]))
