"""The list of tables. Everything that enumerates tables is built from it.

A class defines a raw table: its fields are the columns, the field types become Arrow types, and the
annotations are the descriptions. Raw tables are append-only: they hold every loaded version with
its origin. `raw.runs` records the finished loads; rows of other loads are ignored.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from loader.parsing.rejections import Reason, Severity
from loader.parsing.values import (
    AuthorName,
    BlobKey,
    BlobUrl,
    Channel,
    DateFrom,
    Filename,
    Json,
    Sha256,
    Spelling,
    Text,
)
from loader.tables.contents import CONTENT_TABLES, RAW_CONTENT_TABLES
from loader.tables.definition import FinalTable, RawTable
from loader.workspace.kinds import Kind

DATASET = "raw"
CONTENT = "content"
# Views of the schema `reporting`. READER_VIEWS have classes for readers.
READER_VIEWS = (
    *("report_sources", "team_week", "person_week", "meeting"),
    *("missing_days", "weekly_activity"),
)
VIEWS = (*READER_VIEWS, "reports_without_type")
LINKS = "report_data_links"
SEEDS = (
    *("seed_organizations", "seed_teams", "seed_team_aliases", "seed_people"),
    *("seed_report_types", "seed_report_type_patterns"),
)
# Tables of the schema `raw` without a row class: dlt's own, and one of earlier releases.
DLT_TABLES = ("_dlt_loads", "_dlt_version", "_dlt_pipeline_state", "_committed_parts")
BOOKKEEPING = (
    *("applied_loads", "seed_ids", "spellings", "environment", "objects", "alembic_version"),
    "edits",
)

_FileKind = Annotated[Kind, "The table that the file feeds."]
_Key = Annotated[BlobKey | None, "Name of the file's blob in the store."]
_Url = Annotated[BlobUrl | None, "Where the blob can be read."]
_Checksum = Annotated[Sha256, "SHA-256 of the stored text or bytes."]
_ByteSize = Annotated[int, "Size in bytes of the stored text or file."]
_WeekStart = Annotated[date, "First day of the collected week."]
_WeekEnd = Annotated[date, "Last day of the collected week."]
_TriggeredBy = Annotated[str | None, "The setting TRIGGERED_BY, else who ran the load."]


class Outcome(StrEnum):
    """The outcome of reading a file."""

    LOADED = "loaded"
    REJECTED = "rejected"
    RETRY = "retry"
    GONE = "gone"


@dataclass(slots=True, kw_only=True)
class FileRow:
    """One row per reading of a file. The next run compares a file with its latest row."""

    kind: _FileKind
    byte_size: Annotated[int | None, "Size of the file in bytes; null if it was not read."]
    blob_key: _Key = None
    blob_url: _Url = None
    outcome: Annotated[
        Outcome,
        "`loaded`, `rejected` (its bytes give no row), `retry` (the cause is outside its bytes) or"
        " `gone` (it is no longer there).",
    ]
    parser_version: Annotated[int, "Version of the parser that read it."]
    started_at: Annotated[datetime | None, "When the run began, by the clock of its machine."] = (
        None
    )
    loaded_by: _TriggeredBy = None


@dataclass(slots=True, kw_only=True)
class DailyReportRow:
    """One row per employee, day and version of the text."""

    author_name: Annotated[AuthorName, "Name of the employee, as written."]
    report_date: Annotated[date, "The day."]
    content: Annotated[Text, "The day's markdown, with its heading."]
    checksum_sha256: _Checksum
    line_number: Annotated[int, "Where the day begins in the file, from 1."]
    blob_key: _Key = None
    blob_url: _Url = None


@dataclass(slots=True, kw_only=True)
class MeetingTranscriptRow:
    """One row per transcript file and version."""

    filename: Annotated[Filename, "Path below the team's folder."]
    transcript_date: Annotated[date, "Day of the meeting."]
    date_from: Annotated[
        DateFrom | None,
        "Where its date was found: file name, folders, front matter, date line or heading; null in"
        " rows of older releases.",
    ] = None
    started_at: Annotated[datetime | None, "Start of the meeting, if the name has a time."]
    transcript_text: Annotated[Text, "The whole file."]
    byte_size: _ByteSize
    checksum_sha256: _Checksum
    blob_key: _Key = None
    blob_url: _Url = None


@dataclass(slots=True, kw_only=True)
class JiraSnapshotRow:
    """One row per team and week at each run."""

    collected_week_start: _WeekStart
    collected_week_end: _WeekEnd
    byte_size: _ByteSize
    checksum_sha256: _Checksum
    blob_key: _Key = None
    blob_url: _Url = None


@dataclass(slots=True, kw_only=True)
class SlackCaptureRow:
    """One row per channel and week at each run."""

    channel: Annotated[Channel, "The Slack channel."]
    collected_week_start: _WeekStart
    collected_week_end: _WeekEnd
    byte_size: _ByteSize
    checksum_sha256: _Checksum
    blob_key: _Key = None
    blob_url: _Url = None


@dataclass(slots=True, kw_only=True)
class GeneratedReportRow:
    """One row per generated datasource and version."""

    filename: Annotated[Filename, "Name of the datasource file."]
    generated_at: Annotated[datetime, "When it was generated; the file's time if it does not say."]
    date_range_start: Annotated[date | None, "First day that it covers."]
    date_range_end: Annotated[date | None, "Last day that it covers."]
    output: Annotated[Json | None, "The metadata of the datasource, as JSON."]
    triggered_by: _TriggeredBy
    content_hash: Annotated[Sha256, "SHA-256 of the file's bytes."]
    blob_key: _Key = None
    blob_url: _Url = None


@dataclass(slots=True, kw_only=True)
class RejectionRow:
    """One row per rejection or repair in a reading of a file."""

    kind: _FileKind
    line_number: Annotated[int | None, "Line in the file; null for the whole file."]
    severity: Annotated[Severity, "`rejected` (left out) or `repaired` (stored after a repair)."]
    reason: Annotated[Reason, "One of the reasons in loader/parsing/rejections.py."]
    detail: Annotated[str, "The words that a user needs to find it."]


@dataclass(slots=True, kw_only=True)
class PersonRow:
    """One row per spelling of a person in a version of a team's mapping file."""

    full_name: Annotated[AuthorName | None, "Full name; null in the row of a file without people."]
    spelling: Annotated[Spelling | None, "The full name, or another spelling of it."]


@dataclass(slots=True, kw_only=True)
class RunRow:
    """One row per run. A load is finished, and its rows count, when `finished_at` is set."""

    run_id: Annotated[str, "UUID of the run."]
    load_id: Annotated[str | None, "dlt's load; null if there was nothing to load."]
    loaded_at: Annotated[datetime, "The `loaded_at` of the run's rows."]
    started_at: Annotated[datetime, "When the run began, by the clock of its machine."]
    finished_at: Annotated[
        datetime | None, "When all rows were counted in the database; null for an unfinished run."
    ]
    loaded_by: Annotated[str | None, "The setting TRIGGERED_BY, else the user."]
    options: Annotated[str | None, "The options of the run, as JSON."]
    file_count: Annotated[int | None, "Files read and recorded."]
    row_count: Annotated[int | None, "Rows in the tables of the workspace's kinds."]
    contents: Annotated[str | None, "Kinds of texts that were parsed, with the parsers' versions."]


DataRow = (
    DailyReportRow | MeetingTranscriptRow | JiraSnapshotRow | SlackCaptureRow | GeneratedReportRow
)
Row = FileRow | RejectionRow | PersonRow | DataRow


FILES = RawTable(name="files", row=FileRow, version_of=("kind", "source_path"))
REJECTIONS = RawTable(name="rejections", row=RejectionRow)
PEOPLE = RawTable(name="people", row=PersonRow)
RUNS = RawTable(name="runs", row=RunRow, has_loads=False)
# The raw table of each kind of file.
DATA_TABLES = {
    Kind.DAILY_REPORTS: RawTable(
        name="daily_reports",
        row=DailyReportRow,
        version_of=("team", "source_path", "author_name", "report_date"),
        tie_break="line_number",
    ),
    Kind.MEETING_TRANSCRIPTS: RawTable(
        name="meeting_transcripts",
        row=MeetingTranscriptRow,
        version_of=("team", "source_path"),
    ),
    Kind.JIRA_SNAPSHOTS: RawTable(name="jira_snapshots", row=JiraSnapshotRow),
    Kind.SLACK_CAPTURES: RawTable(name="slack_captures", row=SlackCaptureRow),
    Kind.GENERATED_REPORTS: RawTable(name="generated_reports", row=GeneratedReportRow),
}
# The tables that a load fills.
TABLES = {
    table.name: table
    for table in (FILES, *DATA_TABLES.values(), *RAW_CONTENT_TABLES, REJECTIONS, PEOPLE)
}
# The tables that must exist before a load or a build.
RAW_TABLES = {**TABLES, RUNS.name: RUNS}

_WEEK = ("collected_week_start", "collected_week_end")
_GENERATED_ON = "cast(generated_at at time zone 'UTC' as date)"
# Parents come before the tables that reference them.
FINAL_TABLES = {
    table.name: table
    for table in (
        FinalTable(name="organizations", is_loaded=False),
        FinalTable(name="teams", is_loaded=False),
        FinalTable(name="report_types", is_loaded=False),
        FinalTable(
            name="daily_reports",
            days=("report_date", "report_date"),
            text="content",
            text_checksum="checksum_sha256",
            same_in_files=("author_name", "report_date"),
            link="daily_report_id",
        ),
        FinalTable(
            name="meeting_transcripts",
            days=("cast(transcript_date as date)",) * 2,
            text="transcript_text",
            text_checksum="checksum_sha256",
            text_size="byte_size",
            same_in_files=("filename", "transcript_date"),
            link="meeting_transcript_id",
        ),
        FinalTable(
            name="jira_snapshots",
            days=_WEEK,
            is_weekly=True,
            link="jira_snapshot_id",
            blob_checksum="checksum_sha256",
            blob_size="byte_size",
        ),
        FinalTable(
            name="slack_captures",
            days=_WEEK,
            is_weekly=True,
            link="slack_capture_id",
            blob_checksum="checksum_sha256",
            blob_size="byte_size",
        ),
        FinalTable(
            name="generated_reports",
            days=(
                f"coalesce(cast(output ->> 'date_range_start' as date), {_GENERATED_ON})",
                f"coalesce(cast(output ->> 'date_range_end' as date), {_GENERATED_ON})",
            ),
            text="output",
            blob_checksum="content_hash",
            link="generated_report_id",
        ),
        FinalTable(name=LINKS),
    )
}
# The final table of each kind of file.
FILE_TABLES = {kind: FINAL_TABLES[kind] for kind in DATA_TABLES}


def object_names(final_schema: str) -> dict[str, tuple[str, ...]]:
    """Return the names of all tables and views that loader and dbt create, by schema."""
    return {
        DATASET: (*RAW_TABLES, *DLT_TABLES),
        "seeds": SEEDS,
        "bookkeeping": BOOKKEEPING,
        final_schema: tuple(FINAL_TABLES),
        CONTENT: tuple(CONTENT_TABLES),
        "reporting": VIEWS,
    }
