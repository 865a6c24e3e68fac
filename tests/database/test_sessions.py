"""Sessions of the studio and the MCP server."""

import socket
from types import SimpleNamespace

import pytest

from loader.database.sessions import Sessions
from loader.errors import WarehouseError
from loader.settings import load_settings


def test_a_page_waits_only_seconds_for_a_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A load waits up to a minute."""
    waits: list[float] = []
    clock = SimpleNamespace(sleep=waits.append, monotonic=lambda: sum(waits))
    monkeypatch.setattr("loader.blobs.retry.time", clock)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        address = f"postgresql://ana:x@127.0.0.1:{silent.getsockname()[1]}/work?sslmode=disable"
        sessions = Sessions(load_settings("prod", {"DATABASE_URL": address}))
        with pytest.raises(WarehouseError, match="Cannot connect"), sessions.reading():
            pass
    assert 1 < sum(waits) <= 5
