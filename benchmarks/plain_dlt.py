"""Load a workspace with dlt and its defaults: a resource that yields one dict per row.

    python -m benchmarks.plain_dlt WORKSPACE TARGET FOLDER

TARGET is a PostgreSQL address or a new DuckDB file. FOLDER is dlt's working folder. The rows come
from the loader's parsers. The program knows no earlier run, stores no file, and hashes none.
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.decoding import to_utf8
from loader.parsing.transcripts import parse_transcript


def main(workspace: str, target: str, folder: str) -> None:
    """Load the workspace."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    import dlt  # noqa: PLC0415 - it reads the environment when it is imported

    place = (
        dlt.destinations.postgres if target.startswith("postgresql:") else dlt.destinations.duckdb
    )
    pipeline = dlt.pipeline(
        "plain", destination=place(target), dataset_name="plain", pipelines_dir=folder
    )
    root = Path(workspace)
    pipeline.run(
        [
            dlt.resource(_daily_reports(root), name="daily_reports"),
            dlt.resource(_transcripts(root), name="meeting_transcripts"),
        ]
    )


def _daily_reports(root: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((root / "daily-reports/md-output").rglob("*.md")):
        for report in parse_daily_reports(to_utf8(path.read_bytes())[0], path.name)[0]:
            origin = {"team": path.parent.name, "source_path": str(path.relative_to(root))}
            yield origin | report._asdict() | {"content": report.content.decode()}


def _transcripts(root: Path) -> Iterator[dict[str, Any]]:
    for path in sorted((root / "transcripts/markdown-output").rglob("*.md")):
        text = to_utf8(path.read_bytes())[0]
        for each in parse_transcript(path.name, text)[0]:
            yield {
                "team": path.parent.name,
                "source_path": str(path.relative_to(root)),
                "filename": each.filename,
                "transcript_date": each.transcript_date,
                "transcript_text": text.decode(),
            }


if __name__ == "__main__":
    main(*sys.argv[1:])
