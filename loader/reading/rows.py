"""The rows of the final tables and of the views for readers. `make readers` writes this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from loader.reading.columns import Column, columns_of


class Row(Protocol):
    """A row of a table or view.

    Args:
        TABLE: Its name; that of a view has its schema, that of a final table is in FINAL_SCHEMA.
        COLUMNS: Its columns, in order.
    """

    TABLE: ClassVar[str]
    COLUMNS: ClassVar[dict[str, Column]]


@dataclass(frozen=True, slots=True)
class Organization:
    """Client organizations, from the seed. One row per organization."""

    TABLE: ClassVar[str] = "organizations"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("organizations")
    id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """Teams (the old system's projects), from the seed. One row per team of an organization."""

    TABLE: ClassVar[str] = "teams"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("teams")
    id: UUID
    organization_id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportType:
    """Types of generated reports, from the seed. One row per report type."""

    TABLE: ClassVar[str] = "report_types"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("report_types")
    id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DailyReport:
    """What each employee reported for each day, latest text. One row per employee per day of a
    team.
    """

    TABLE: ClassVar[str] = "daily_reports"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("daily_reports")
    id: UUID
    team_id: UUID
    report_date: date
    content: str
    blob_key: str | None
    blob_url: str | None
    author_name: str
    checksum_sha256: str | None
    loaded_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingTranscript:
    """Meeting transcripts, latest text. One row per transcript file of a team."""

    TABLE: ClassVar[str] = "meeting_transcripts"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("meeting_transcripts")
    id: UUID
    team_id: UUID
    transcript_date: datetime
    started_at: datetime | None
    filename: str
    transcript_text: str
    blob_key: str | None
    blob_url: str | None
    byte_size: int | None
    checksum_sha256: str | None
    loaded_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JiraSnapshot:
    """Weekly Jira snapshots, by reference. One row per team and week at each run."""

    TABLE: ClassVar[str] = "jira_snapshots"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("jira_snapshots")
    id: UUID
    team_id: UUID
    collected_week_start: date
    collected_week_end: date
    blob_key: str
    blob_url: str
    byte_size: int | None
    checksum_sha256: str | None
    loaded_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SlackCapture:
    """Weekly captures of sanitized Slack channels, by reference. One row per channel and week at
    each run.
    """

    TABLE: ClassVar[str] = "slack_captures"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("slack_captures")
    id: UUID
    team_id: UUID
    channel: str | None
    collected_week_start: date
    collected_week_end: date
    blob_key: str
    blob_url: str
    byte_size: int | None
    checksum_sha256: str | None
    loaded_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class GeneratedReport:
    """Generated reports, as their datasources describe them. A datasource's type comes from its
    file name: of the patterns in `seed_report_type_patterns` that match it, the longest
    decides. A file that no pattern matches, or whose pattern names no type that there is, is
    kept in `raw` and listed in `reporting.reports_without_type`; when the seed has a type for
    it, the next build stores it. A stored report keeps its type. One row per team, report
    type and content.
    """

    TABLE: ClassVar[str] = "generated_reports"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("generated_reports")
    id: UUID
    report_type_id: UUID
    team_id: UUID
    triggered_by: str | None
    generated_at: datetime
    execution_id: UUID
    blob_key: str | None
    blob_url: str | None
    output: dict[str, Any] | None
    model_info: dict[str, Any] | None
    content_hash: str | None
    loaded_at: datetime | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportDataLink:
    """What each generated report was made from. A report's sources are the data that it was made
    from, and only that: nothing of a kind that it has no text of. They are the days and
    transcripts that its texts name; where these name none for certain, those inside its date
    range; and the Jira and Slack rows of weeks that overlap it. A 1on1 has only its person's
    days, and meetings in which this person takes part. Each run appends Jira and Slack rows
    of the same week: those count that came with the run which first loaded the report, else
    those of the first later run that has any of that week (of Slack: of that channel). A
    source that arrives after the report is linked at the next build. Links of an earlier
    build that are not right are removed. One row per report and source.
    """

    TABLE: ClassVar[str] = "report_data_links"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("report_data_links")
    id: UUID
    generated_report_id: UUID
    jira_snapshot_id: UUID | None
    slack_capture_id: UUID | None
    daily_report_id: UUID | None
    meeting_transcript_id: UUID | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportSource:
    """What each generated report was made from. A report's sources are the data that it was made
    from, and only that: nothing of a kind that it has no text of. They are the days and
    transcripts that its texts name; where these name none for certain, those inside its date
    range; and the Jira and Slack rows of weeks that overlap it. A 1on1 has only its person's
    days, and meetings in which this person takes part. Each run appends Jira and Slack rows
    of the same week: those count that came with the run which first loaded the report, else
    those of the first later run that has any of that week (of Slack: of that channel). A
    source that arrives after the report is linked at the next build. Links of an earlier
    build that are not right are removed. One row per report and source.
    """

    TABLE: ClassVar[str] = "reporting.report_sources"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("reporting.report_sources")
    generated_report_id: UUID
    report: str
    team: str
    report_type: str
    generated_at: datetime
    source_kind: str
    source_id: UUID
    source_date: date
    title: str
    blob_url: str | None


@dataclass(frozen=True, slots=True)
class TeamWeek:
    """What there is of each team for each week (Monday to Sunday), and which daily reports are
    missing. One row per team and week of which anything is there or expected.
    """

    TABLE: ClassVar[str] = "reporting.team_week"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("reporting.team_week")
    team_id: UUID
    team: str
    week_start: date
    daily_reports: int
    authors: int
    days_missing: int
    days_missing_by_author: dict[str, Any]
    transcripts: int
    jira_snapshots: int
    slack_captures: int
    last_loaded_at: datetime | None
