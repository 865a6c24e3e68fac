"""The raw tables: one Arrow schema each.

Append-only: every version of everything ever loaded, with its origin. `raw.runs` says which loads
are finished; rows of any other load count for nothing, and the next run removes them.
"""

from dataclasses import dataclass
from typing import Any

import pyarrow as pa

DATASET = "raw"

_TEXT, _BIGINT, _DATE = pa.string(), pa.int64(), pa.date32()
_INSTANT = pa.timestamp("us", tz="UTC")


def _column(
    name: str, kind: pa.DataType, description: str, *, null: bool = False
) -> "pa.Field[Any]":
    return pa.field(name, kind, nullable=null, metadata={"description": description})


_PROVENANCE = (
    _column("row_id", _TEXT, "UUID of run, kind, path and position."),
    _column("team", _TEXT, "The team's folder, as found."),
    _column("source_path", _TEXT, "The file, relative to the workspace, with `/`."),
    _column("file_sha256", _TEXT, "SHA-256 of the file's bytes; null where unread.", null=True),
    _column("run_id", _TEXT, "UUID of the run."),
    _column("loaded_at", _INSTANT, "When the run loaded, by the database's clock."),
)
_BLOB = (
    _column("blob_key", _TEXT, "Name of the file's blob in the store.", null=True),
    _column("blob_url", _TEXT, "Where the blob can be read.", null=True),
)
_CHECKSUM = _column("checksum_sha256", _TEXT, "SHA-256 of the stored text or bytes.")
_BYTE_SIZE = _column("byte_size", _BIGINT, "Size in bytes of what the checksum is of.")
_WEEK = (
    _column("collected_week_start", _DATE, "First day of the collected week."),
    _column("collected_week_end", _DATE, "Last day of the collected week."),
)


LOAD_ID = _column("_dlt_load_id", _TEXT, "The load that brought the row.")


@dataclass(frozen=True)
class Table:
    """A raw table.

    Args:
        name: Its name in the schema `raw`.
        description: What one row is.
        schema: Its columns, without `_dlt_load_id`; descriptions in their metadata.
        has_loads: Whether its rows are those of loads, which `_dlt_load_id` names.
    """

    name: str
    description: str
    schema: pa.Schema
    has_loads: bool = True

    @property
    def fields(self) -> "list[pa.Field[Any]]":
        """All columns in the database."""
        return [*self.schema, LOAD_ID] if self.has_loads else [*self.schema]

    @property
    def columns(self) -> list[str]:
        """The names of all columns in the database."""
        return [field.name for field in self.fields]


def _table(name: str, description: str, *columns: "pa.Field[Any]") -> Table:
    return Table(name, description, pa.schema([*_PROVENANCE, *columns]))


FILES = _table(
    "files",
    "One row per reading of a file; the latest is what the next run compares with.",
    _column("kind", _TEXT, "The table that the file feeds."),
    _column("byte_size", _BIGINT, "Size of the file in bytes; null where unread.", null=True),
    *_BLOB,
    _column(
        "outcome",
        _TEXT,
        "`loaded`, `rejected` (its bytes give no row), `retry` (what stopped it is not in its"
        " bytes) or `gone` (had rejections, is no longer met).",
    ),
    _column("parser_version", _BIGINT, "Version of the parsers that read it."),
    _column("started_at", _INSTANT, "When the run began, by the clock of its machine.", null=True),
    _column("loaded_by", _TEXT, "The setting TRIGGERED_BY, else who ran the load.", null=True),
)
DAILY_REPORTS = _table(
    "daily_reports",
    "One row per employee, day and version of the text.",
    _column("author_name", _TEXT, "Full name of the employee."),
    _column("report_date", _DATE, "The day."),
    _column("content", _TEXT, "The day's markdown, with its heading."),
    _CHECKSUM,
    _column("line_number", _BIGINT, "Where the day begins in the file, from 1."),
    *_BLOB,
)
MEETING_TRANSCRIPTS = _table(
    "meeting_transcripts",
    "One row per transcript file and version.",
    _column("filename", _TEXT, "Path below the team's folder."),
    _column("transcript_date", _DATE, "Day of the meeting."),
    _column("started_at", _INSTANT, "Start of the meeting, where the name has a time.", null=True),
    _column("transcript_text", _TEXT, "The whole file."),
    _BYTE_SIZE,
    _CHECKSUM,
    *_BLOB,
)
JIRA_SNAPSHOTS = _table(
    "jira_snapshots",
    "One row per team and week at each run.",
    *_WEEK,
    _BYTE_SIZE,
    _CHECKSUM,
    *_BLOB,
)
SLACK_CAPTURES = _table(
    "slack_captures",
    "One row per channel and week at each run.",
    _column("channel", _TEXT, "The Slack channel."),
    *_WEEK,
    _BYTE_SIZE,
    _CHECKSUM,
    *_BLOB,
)
GENERATED_REPORTS = _table(
    "generated_reports",
    "One row per generated datasource and version.",
    _column("filename", _TEXT, "Name of the datasource file."),
    _column("generated_at", _INSTANT, "When it was generated; the file's time if it does not say."),
    _column("date_range_start", _DATE, "First day that it covers.", null=True),
    _column("date_range_end", _DATE, "Last day that it covers.", null=True),
    _column("output", _TEXT, "What the datasource says of itself, as JSON.", null=True),
    _column("triggered_by", _TEXT, "The setting TRIGGERED_BY, else who ran the load.", null=True),
    _column("content_hash", _TEXT, "SHA-256 of the file's bytes."),
    *_BLOB,
)
REJECTIONS = _table(
    "rejections",
    "One row per thing that a reading could not store as it stood.",
    _column("kind", _TEXT, "The table that the file feeds."),
    _column("line_number", _BIGINT, "Line in the file; null for the whole file.", null=True),
    _column("severity", _TEXT, "`rejected` (left out) or `repaired` (stored after a repair)."),
    _column("reason", _TEXT, "Why; one of the reasons in loader/parsing/rejections.py."),
    _column("detail", _TEXT, "The words that a user needs to find it."),
)
RUNS = Table(
    "runs",
    "One row per run. A load is finished, and its rows count, when `finished_at` is set.",
    pa.schema(
        [
            _column("run_id", _TEXT, "UUID of the run."),
            _column("load_id", _TEXT, "dlt's load; null if there was nothing to load.", null=True),
            _column("loaded_at", _INSTANT, "The `loaded_at` of the run's rows."),
            _column("started_at", _INSTANT, "When the run began, by the clock of its machine."),
            _column(
                "finished_at",
                _INSTANT,
                "When all rows were counted in the database; null for an unfinished run.",
                null=True,
            ),
            _column("loaded_by", _TEXT, "The setting TRIGGERED_BY, else the user.", null=True),
            _column("options", _TEXT, "The options of the run, as JSON.", null=True),
            _column("file_count", _BIGINT, "Files read and recorded.", null=True),
            _column(
                "row_count", _BIGINT, "Rows in the tables of the workspace's kinds.", null=True
            ),
        ]
    ),
    has_loads=False,
)
# What a load fills.
TABLES = {
    table.name: table
    for table in (
        FILES,
        DAILY_REPORTS,
        MEETING_TRANSCRIPTS,
        JIRA_SNAPSHOTS,
        SLACK_CAPTURES,
        GENERATED_REPORTS,
        REJECTIONS,
    )
}
# What must exist before anything is loaded or built.
RAW_TABLES = {**TABLES, RUNS.name: RUNS}
