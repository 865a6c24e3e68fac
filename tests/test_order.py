"""The order in which a folder gives its files never changes the outcome."""

import os
import random
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from loader.blobs.local import DryBlobStore
from loader.run import Memory, Order, Stamp
from loader.source import WorkspaceReader
from loader.teams import load_teams
from tests.project import EXAMPLE


def outcome(workspace: Path) -> dict[str, list[dict[str, object]]]:
    order = Order(workspace, load_teams())
    stamp = Stamp(UUID(int=1), datetime(2025, 11, 3, tzinfo=UTC))
    reader = WorkspaceReader(order, Memory({}, lambda _: []), DryBlobStore(), stamp)
    found: dict[str, list[dict[str, object]]] = {}
    for name, batch in reader.batches():
        found.setdefault(name, []).extend(pa.Table.from_batches([batch]).to_pylist())
    return found


@pytest.mark.parametrize("seed", range(5))
def test_any_order_of_a_folder(monkeypatch: pytest.MonkeyPatch, seed: int, tmp_path: Path) -> None:
    for name in ("b", "a", "c"):
        path = tmp_path / f"daily-reports/md-output/rocks/{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"**Employee**: Ana\n\n## 2025-10-27\n\n{name}\n")
    expected = {workspace: outcome(workspace) for workspace in (EXAMPLE, tmp_path)}
    assert len(expected[EXAMPLE]["daily_reports"]) == 77
    assert len(expected[tmp_path]["rejections"]) == 2
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

    monkeypatch.setattr("loader.workspace.os.scandir", Shuffled)
    for workspace, before in expected.items():
        assert before == outcome(workspace)
