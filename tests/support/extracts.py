"""The rows of a workspace without a database: list, extract, resolve, write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

from loader.blobs.local import LocalBlobStore
from loader.extract.listing import Prefix, list_prefix
from loader.extract.options import RunInfo
from loader.extract.parts import extract_part
from loader.extract.run_folder import Plan, RunFolder
from loader.extract.shards import PREVIOUS, parts_of
from loader.extract.uploads import Uploader
from loader.loading.files import write_load_files
from loader.loading.resolve import STORED_DAYS, RunData, resolve
from loader.workspace import open_workspace
from loader.workspace.kinds import WITH_CONTENTS, Kind, parser_versions
from loader.workspace.teams import load_teams

Rows = dict[str, list[dict[str, Any]]]

_NOW = datetime(2025, 11, 3, tzinfo=UTC)
PLAN = Plan(
    run_id=str(UUID(int=1)),
    folder="",
    parts="",
    keeps_parts=False,
    workspace="",
    teams=load_teams(),
    report="weekly",
    config_file=None,
    week=None,
    is_full=False,
    triggered_by=None,
    max_file_bytes=10_000_000,
    blob_store="",
    blob_concurrency=0,
    part_files=2,
    part_bytes=16 * 1024 * 1024,
    parser_versions=parser_versions(),
    contents=sorted(WITH_CONTENTS),
)


def extract(workspace: Path, folder: Path, earlier: Rows | None = None, **plan: Any) -> Rows:  # noqa: ANN401
    """Return the rows of a run that follows a load of `earlier`."""
    known = earlier or {}
    run = RunFolder(str(folder))
    places: dict[str, Any] = {"workspace": str(workspace), "folder": run.url}
    places["parts"] = f"{folder}/parts"
    run.plan = replace(PLAN, **places, **plan)
    teams = open_workspace(workspace).team_folders()
    prefixes = [
        Prefix(run.url, index, team, kind)
        for index, (kind, team) in enumerate((kind, team) for kind in Kind for team in teams)
    ]
    for prefix in prefixes:
        _write_previous(run, prefix, known.get("files", []))
    shards = [shard for prefix in prefixes for shard in list_prefix(prefix).shards]
    uploader = Uploader(LocalBlobStore(folder / "none"), concurrency=4, is_dry=True)
    done = [extract_part(part, uploader) for shard in shards for part in parts_of(run, shard)]
    parts = [Path(run.plan.parts, each.part.file) for each in done if each.rows]
    wanted: list[tuple[str, date]] = []

    @contextmanager
    def stored(given: pa.RecordBatchReader) -> Iterator[pa.Table]:
        wanted.extend(
            (row["author_name"], row["report_date"]) for row in given.read_all().to_pylist()
        )
        rows = [
            {name: row[name] for name in STORED_DAYS.names}
            for row in known.get("daily_reports", [])
            if (row["author_name"], row["report_date"]) in wanted
        ]
        yield pa.Table.from_pylist(rows, schema=STORED_DAYS)

    data = RunData(
        parts=parts,
        listing=[Path(run.url, shard) for shard in shards],
        teams=run.plan.teams,
        open_rejections=[],
        gone=[],
        restored=[],
        has_days=any(each.summary.kinds[Kind.DAILY_REPORTS].rows for each in done),
        stored_days=stored,
        is_full=run.plan.is_full,
        exists=open_workspace(workspace).exists,
    )
    addition = folder / "resolved.parquet"
    resolution = resolve(data, folder / "spill", addition, lambda *_: None, lambda _: None)
    parts += [addition] * bool(resolution.rows)
    info = RunInfo(UUID(int=1), _NOW, _NOW, "ana")
    files = write_load_files(parts, resolution.skipped, info, "1", folder / "load")
    return {name: pq.read_table(file.path).to_pylist() for name, file in files.items()}


def _write_previous(run: RunFolder, prefix: Prefix, files: list[dict[str, Any]]) -> None:
    rows = [
        {
            "path": row["source_path"],
            "sha256": row["file_sha256"],
            "outcome": row["outcome"],
            "parser_version": row["parser_version"],
            "worst": None,
        }
        for row in sorted(files, key=lambda row: str(row["source_path"]))
        if (row["kind"], row["team"]) == (prefix.kind, prefix.team)
    ]
    if rows:
        with run.create(prefix.previous) as file:
            pq.write_table(pa.Table.from_pylist(rows, schema=PREVIOUS), file)
