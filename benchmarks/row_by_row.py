"""Load a workspace into PostgreSQL as the replaced system did: one request per row.

    python -m benchmarks.row_by_row WORKSPACE URL

For each file, it looks up the team. For each row, it sends one `insert … on conflict` and commits
it. The tables have the replaced system's keys and indexes. That system also uploaded each file to
Vercel and reached Neon over the network; this program does neither.
"""

import hashlib
import sys
from pathlib import Path
from typing import Any

import psycopg

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.decoding import to_utf8
from loader.parsing.transcripts import parse_transcript
from tests.support.old_system import OldSystem

_TEAM = "select id from teams where name = %s"
_DAY = """
    insert into daily_reports (team_id, author_name, report_date, content, checksum_sha256)
    values (%s, %s, %s, %s, %s)
    on conflict (team_id, author_name, report_date) do update set
        content = excluded.content, checksum_sha256 = excluded.checksum_sha256, updated_at = now()
"""
_TRANSCRIPT = """
    insert into meeting_transcripts
        (team_id, filename, transcript_date, transcript_text, byte_size, checksum_sha256)
    values (%s, %s, %s, %s, %s, %s)
    on conflict (team_id, filename, transcript_date) do update set
        transcript_text = excluded.transcript_text, byte_size = excluded.byte_size,
        checksum_sha256 = excluded.checksum_sha256, updated_at = now()
"""


def main(workspace: str, url: str) -> None:
    """Load the workspace."""
    root = Path(workspace)
    with psycopg.connect(url, autocommit=True) as connection:
        system = OldSystem(connection)
        system.push()
        system.seed()
        for path in sorted((root / "daily-reports/md-output").rglob("*.md")):
            team = _team(connection, path)
            for author, day, content, _ in parse_daily_reports(to_utf8(path.read_bytes())[0])[0]:
                checksum = hashlib.sha256(content).hexdigest()
                connection.execute(_DAY, (team, author, day, content.decode(), checksum))
        for path in sorted((root / "transcripts/markdown-output").rglob("*.md")):
            team = _team(connection, path)
            data = to_utf8(path.read_bytes())[0]
            checksum = hashlib.sha256(data).hexdigest()
            for each in parse_transcript(path.name, data)[0]:
                key = (team, each.filename, each.transcript_date)
                connection.execute(_TRANSCRIPT, (*key, data.decode(), len(data), checksum))


def _team(connection: psycopg.Connection, path: Path) -> Any:  # noqa: ANN401 - a UUID
    folder = path.parent.name
    name = "ai-coach" if folder == "aicoach" else folder
    found = connection.execute(_TEAM, (name,)).fetchone()
    assert found, f"no team for the folder {folder}"
    return found[0]


if __name__ == "__main__":
    main(*sys.argv[1:])
