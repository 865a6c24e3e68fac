"""Rows of the replaced system after a takeover: no `loaded_at`, authors by the first
word of their name, blobs named after their files.
"""

import hashlib
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid5

from loader.blobs.local import LocalBlobStore
from tests.support.project import Project

WRITTEN = datetime(2024, 12, 9, 8, 0, tzinfo=UTC)
_SPACE = UUID("9f0ccf5c-3d5f-4c46-8b57-6f9d4f6f2b11")
DAY = "## {}\n\n**Employee**: {}\n\n- {}"
ANA_CRUZ = "rocks/daily-reports/daily-reports-Ana-Cruz-2024-12-02-to-2024-12-08.md"
ANA_LOPEZ = "rocks/daily-reports/daily-reports-Ana-Lopez-2024-12-02-to-2024-12-08.md"
NAMELESS = "rocks/daily-reports/daily-reports-2024-12-02-to-2024-12-08.md"
SYNC = "rocks/transcripts/2024-12-02 sync.md"
JIRA = "rocks/jira/epic_tree_ROCKS_2024-12-02_to_2024-12-08.md"
SLACK = "rocks/slack/general_2024-12-02_2024-12-08.md"
REPORT = "rocks/datasource-generator/datasource_weekly_ROCKS.py"
KEYS = {ANA_CRUZ, ANA_LOPEZ, NAMELESS, SYNC, JIRA, SLACK, REPORT}
_ANA_CRUZ_DAYS = {
    date(2024, 12, 2): DAY.format("Monday, December 2, 2024", "Ana Cruz", "she wrote the parser"),
    date(2024, 12, 3): "## 2024-12-03\n\n### Ana Cruz — Rocks\n\n- she tested the parser",
}
_ANA_LOPEZ_DAY = DAY.format("2024-12-04", "Ana Lopez", "another Ana wrote the docs")
_NAMELESS_DAY = "## 2024-12-05\n\n- one of them met a customer"
TRANSCRIPT = "# Sync\n\nAna: first\n"
_WEEK = {"collected_week_start": date(2024, 12, 2), "collected_week_end": date(2024, 12, 8)}


def sha256(data: str | bytes) -> str:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def put(project: Project, key: str, data: bytes) -> str:
    """Store a blob under a given name; return its URL."""
    if not project.store:
        return LocalBlobStore(project.folder / "warehouse/blobs").put(key, data).url
    headers: Any = {"x-vercel-blob-access": project.store.access, "x-allow-overwrite": "1"}
    project.store.put(key, data, headers)
    return project.store.url(key)


def insert(project: Project, table: str, **values: object) -> str:
    """Insert a final row without `loaded_at`; return its id."""
    id_ = str(uuid5(_SPACE, f"{table} {sorted(values.items())!r}"))
    row = {"id": id_, "created_at": WRITTEN, "updated_at": WRITTEN, **values}
    marks = ", ".join(["%s"] * len(row))
    statement = f"insert into public.{table} ({', '.join(row)}) values ({marks})"
    with project.warehouse() as warehouse:
        warehouse.execute(statement, list(row.values()))
    return id_


def add_day(project: Project, author: str, day: date, content: str, **blob: str | None) -> str:
    """Insert a daily report of the team rocks; `blob` is `blob_key` and `blob_url`."""
    return insert(
        project,
        "daily_reports",
        team_id=team(project),
        author_name=author,
        report_date=day,
        content=content,
        checksum_sha256=sha256(content),
        **blob,
    )


def team(project: Project, name: str = "rocks") -> str:
    ((id_,),) = project.query("select cast(id as text) from public.teams where name = %s", name)
    return str(id_)


def add_old_rows(project: Project) -> dict[str, list[str]]:
    """Add a week of December 2024 to a built database, with its blobs; return the ids by blob."""
    ids: dict[str, list[str]] = {}
    cruz = "# Daily Reports\n\n" + "\n\n".join(_ANA_CRUZ_DAYS.values()) + "\n"
    url = put(project, ANA_CRUZ, cruz.encode())
    ids[ANA_CRUZ] = [
        add_day(project, "Ana", day, text, blob_key=ANA_CRUZ, blob_url=url)
        for day, text in _ANA_CRUZ_DAYS.items()
    ]
    for key, day, text in (
        (ANA_LOPEZ, date(2024, 12, 4), _ANA_LOPEZ_DAY),
        (NAMELESS, date(2024, 12, 5), _NAMELESS_DAY),
    ):
        url = put(project, key, f"# Daily Reports\n\n{text}\n".encode())
        ids[key] = [add_day(project, "Ana", day, text, blob_key=key, blob_url=url)]
    ids[SYNC] = [
        insert(
            project,
            "meeting_transcripts",
            team_id=team(project),
            transcript_date=datetime(2024, 12, 2),  # noqa: DTZ001 - the column has no zone
            filename="2024-12-02 sync.md",
            transcript_text=TRANSCRIPT,
            byte_size=len(TRANSCRIPT),
            checksum_sha256=sha256(TRANSCRIPT),
            blob_key=SYNC,
            blob_url=put(project, SYNC, TRANSCRIPT.encode()),
        )
    ]
    for table, key in (("jira_snapshots", JIRA), ("slack_captures", SLACK)):
        data = f"# {key}\n".encode()
        ids[key] = [
            insert(
                project,
                table,
                team_id=team(project),
                **_WEEK,
                byte_size=len(data),
                checksum_sha256=sha256(data),
                blob_key=key,
                blob_url=put(project, key, data),
            )
        ]
    ((report_type,),) = project.query("select min(cast(id as text)) from public.report_types")
    ids[REPORT] = [
        insert(
            project,
            "generated_reports",
            team_id=team(project),
            report_type_id=report_type,
            generated_at=WRITTEN,
            blob_key=REPORT,
            blob_url=put(project, REPORT, b"DATA = 1\n"),
        )
    ]
    return ids
