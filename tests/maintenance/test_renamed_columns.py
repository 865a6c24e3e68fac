"""Commands work after the contracts renamed the columns that they use."""

import copy
from typing import Any

import pytest

from loader.database import renames
from loader.tables import columns
from tests.support.documents import short
from tests.support.old_rows import add_old_rows
from tests.support.project import Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"])
RENAMES = {
    "teams": {"name": "title"},
    "daily_reports": {
        "author_name": "author",
        "report_date": "day",
        "content": "body",
        "blob_url": "address",
        "loaded_at": "read_at",
    },
    "meeting_transcripts": {
        "filename": "file",
        "transcript_text": "said",
        "checksum_sha256": "sha",
    },
    "jira_snapshots": {"collected_week_start": "begins_on", "byte_size": "bytes"},
    "generated_reports": {"output": "result", "triggered_by": "asked_by", "content_hash": "hash"},
    "report_data_links": {"daily_report_id": "day_id"},
}


def rename(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Do the work of a migration and `make readers`."""
    recorded = copy.deepcopy(columns._CONTRACTS)  # noqa: SLF001 - there is no other access
    for table, names in RENAMES.items():
        for old, new in names.items():
            project.execute(f"alter table public.{table} rename {old} to {new}")
            recorded[table][new] = {**recorded[table].pop(old), "renamed_from": old}
    monkeypatch.setattr(columns, "_CONTRACTS", recorded)
    renames._renamed_tables.cache_clear()  # noqa: SLF001


def said(project: Project, *command: str) -> dict[str, Any]:
    ended = project.loader(*command, "--json")
    assert ended.code == 0, ended
    found: dict[str, Any] = short(ended.out)
    return found


def test_commands_continue(built: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    add_old_rows(built)
    built.execute("update public.generated_reports set triggered_by = 'Ana Cruz'")
    day = built.query("select blob_key from public.meeting_transcripts where loaded_at is null")
    transcript = f"transcripts/markdown-output/rocks/{day[0][0].rpartition('/')[2]}"
    commands = [
        ["status"],
        ["status", "--since", "2025-10-29"],
        ["verify"],
        ["verify", "--orphans"],
        ["search", "review"],
        ["prune", "--keep", "1", "--dry-run"],
        ["forget", "--author", "Ana Cruz", "--dry-run"],
        ["forget", "--path", transcript, "--dry-run"],
    ]
    before = [said(built, *command) for command in commands]
    assert before[0]["lacking"] == []
    rename(built, monkeypatch)
    try:
        assert [said(built, *command) for command in commands] == before
        erased = said(built, "forget", "--author", "Ana Cruz", "--yes")
        assert {**erased, "dry_run": True} == before[6]
        count = "select count(*) from public.{} where {} is null"
        assert built.query(count.format("generated_reports", "asked_by")) != [(0,)]
        said(built, "forget", "--path", transcript, "--yes")
        assert built.query(count.format("meeting_transcripts", "loaded_at")) == [(0,)]
    finally:
        renames._renamed_tables.cache_clear()  # noqa: SLF001
