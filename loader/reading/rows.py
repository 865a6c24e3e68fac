"""The rows of the final tables and of the views for readers. `make readers` writes this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Column:
    """A column as its contract has it.

    Args:
        type: In the words of the contract.
        description: What it holds.
        references: The table whose `id` it is; None where it is no foreign key.
    """

    type: str
    description: str
    references: str | None = None


class Row(Protocol):
    """A row of a table or view.

    Args:
        TABLE: Its name, with the schema.
        DESCRIPTION: What it holds.
        COLUMNS: Its columns, in order.
    """

    TABLE: ClassVar[str]
    DESCRIPTION: ClassVar[str]
    COLUMNS: ClassVar[dict[str, Column]]


@dataclass(frozen=True, slots=True)
class Organization:
    """A row of `public.organizations`."""

    TABLE: ClassVar[str] = "public.organizations"
    DESCRIPTION: ClassVar[str] = "Client organizations, from the seed. One row per organization."
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "name": Column("text", "Name of the organization."),
        "description": Column("text", "What it is."),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
    id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A row of `public.teams`."""

    TABLE: ClassVar[str] = "public.teams"
    DESCRIPTION: ClassVar[str] = (
        "Teams (the old system's projects), from the seed. One row per team of an organization."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "organization_id": Column(
            "uuid", "The organization that the team belongs to.", references="public.organizations"
        ),
        "name": Column("text", "Name of the team."),
        "description": Column("text", "What it does."),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
    id: UUID
    organization_id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportType:
    """A row of `public.report_types`."""

    TABLE: ClassVar[str] = "public.report_types"
    DESCRIPTION: ClassVar[str] = (
        "Types of generated reports, from the seed. One row per report type."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "name": Column("text", "Name of the report type."),
        "description": Column("text", "What such a report is."),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
    id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DailyReport:
    """A row of `public.daily_reports`."""

    TABLE: ClassVar[str] = "public.daily_reports"
    DESCRIPTION: ClassVar[str] = (
        "What each employee reported for each day, latest text. One row per employee per day of a "
        "team."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "team_id": Column(
            "uuid", "The team in whose folder the report was.", references="public.teams"
        ),
        "report_date": Column("date", "The day reported on."),
        "content": Column("text", "The day's markdown, with its heading."),
        "blob_key": Column(
            "text",
            "Name of the source file's blob in the store. It ends in the first digits of the "
            "content's SHA-256, and is never overwritten.",
        ),
        "blob_url": Column("text", "Where the blob can be read; `local:{key}` in the local store."),
        "author_name": Column("text", "Full name of the employee."),
        "checksum_sha256": Column("text", "SHA-256 of the stored text's UTF-8 bytes."),
        "loaded_at": Column(
            "timestamp with time zone",
            "When the run that gave this content loaded it, by the database's clock. One value "
            "per run, later than that of any run before.",
        ),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
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
    """A row of `public.meeting_transcripts`."""

    TABLE: ClassVar[str] = "public.meeting_transcripts"
    DESCRIPTION: ClassVar[str] = (
        "Meeting transcripts, latest text. One row per transcript file of a team."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "team_id": Column("uuid", "The team whose meeting it was.", references="public.teams"),
        "transcript_date": Column("timestamp", "Day of the meeting, at midnight."),
        "started_at": Column(
            "timestamp with time zone", "Start of the meeting, where the file's name has a time."
        ),
        "filename": Column("text", "Path below the team's folder."),
        "transcript_text": Column("text", "The whole transcript."),
        "blob_key": Column(
            "text",
            "Name of the source file's blob in the store. It ends in the first digits of the "
            "content's SHA-256, and is never overwritten.",
        ),
        "blob_url": Column("text", "Where the blob can be read; `local:{key}` in the local store."),
        "byte_size": Column("bigint", "Size in bytes of what the checksum is of."),
        "checksum_sha256": Column("text", "SHA-256 of the stored text's UTF-8 bytes."),
        "loaded_at": Column(
            "timestamp with time zone",
            "When the run that gave this content loaded it, by the database's clock. One value "
            "per run, later than that of any run before.",
        ),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
    id: UUID
    team_id: UUID | None
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
    """A row of `public.jira_snapshots`."""

    TABLE: ClassVar[str] = "public.jira_snapshots"
    DESCRIPTION: ClassVar[str] = (
        "Weekly Jira snapshots, by reference. One row per team and week at each run."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column("uuid", "Primary key: the UUID of the loaded row, new at each run."),
        "team_id": Column("uuid", "The team whose Jira project it is.", references="public.teams"),
        "collected_week_start": Column("date", "First day of the collected week."),
        "collected_week_end": Column("date", "Last day of the collected week."),
        "blob_key": Column(
            "text",
            "Name of the source file's blob in the store. It ends in the first digits of the "
            "content's SHA-256, and is never overwritten.",
        ),
        "blob_url": Column("text", "Where the blob can be read; `local:{key}` in the local store."),
        "byte_size": Column("bigint", "Size in bytes of what the checksum is of."),
        "checksum_sha256": Column("text", "SHA-256 of the blob's bytes."),
        "loaded_at": Column(
            "timestamp with time zone",
            "When the run that gave this content loaded it, by the database's clock. One value "
            "per run, later than that of any run before.",
        ),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
    id: UUID
    team_id: UUID | None
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
    """A row of `public.slack_captures`."""

    TABLE: ClassVar[str] = "public.slack_captures"
    DESCRIPTION: ClassVar[str] = (
        "Weekly captures of sanitized Slack channels, by reference. One row per channel and week "
        "at each run."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column("uuid", "Primary key: the UUID of the loaded row, new at each run."),
        "team_id": Column("uuid", "The team whose channel it is.", references="public.teams"),
        "channel": Column("text", "The Slack channel."),
        "collected_week_start": Column("date", "First day of the collected week."),
        "collected_week_end": Column("date", "Last day of the collected week."),
        "blob_key": Column(
            "text",
            "Name of the source file's blob in the store. It ends in the first digits of the "
            "content's SHA-256, and is never overwritten.",
        ),
        "blob_url": Column("text", "Where the blob can be read; `local:{key}` in the local store."),
        "byte_size": Column("bigint", "Size in bytes of what the checksum is of."),
        "checksum_sha256": Column("text", "SHA-256 of the blob's bytes."),
        "loaded_at": Column(
            "timestamp with time zone",
            "When the run that gave this content loaded it, by the database's clock. One value "
            "per run, later than that of any run before.",
        ),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
    id: UUID
    team_id: UUID | None
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
    """A row of `public.generated_reports`."""

    TABLE: ClassVar[str] = "public.generated_reports"
    DESCRIPTION: ClassVar[str] = (
        "Generated reports, as their datasources describe them. A datasource's type comes from "
        "its file name: of the patterns in `seed_report_type_patterns` that match it, the longest "
        "decides. A file that no pattern matches, or whose pattern names no type that there is, "
        "is kept in `raw` and listed in `reporting.reports_without_type`; when the seed has a "
        "type for it, the next build stores it. A stored report keeps its type. One row per team, "
        "report type and content."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "report_type_id": Column("uuid", "Type of the report.", references="public.report_types"),
        "team_id": Column("uuid", "The team that it is about.", references="public.teams"),
        "triggered_by": Column(
            "text",
            "The setting TRIGGERED_BY of the first load, else the name of the user who ran it.",
        ),
        "generated_at": Column(
            "timestamp with time zone",
            "When it was generated; the file's time of change where it does not say.",
        ),
        "execution_id": Column(
            "uuid", "Identifies the generation; the same for the same report in every environment."
        ),
        "blob_key": Column(
            "text",
            "Name of the source file's blob in the store. It ends in the first digits of the "
            "content's SHA-256, and is never overwritten.",
        ),
        "blob_url": Column("text", "Where the blob can be read; `local:{key}` in the local store."),
        "output": Column(
            "json",
            "What the datasource says of itself: `source_path`, `filename`, `generated_at` and "
            "`generated_at_from` (`datasource` or `modification time`), `date_range_start`, "
            "`date_range_end` and `date_range_from` (`datasource`, `config` or null), `project`, "
            "`members`, and `block_sizes`, the bytes of each data block.",
        ),
        "model_info": Column(
            "json", "Which language model wrote the report; null, for no datasource says so."
        ),
        "content_hash": Column("text", "SHA-256 of the file's bytes."),
        "loaded_at": Column(
            "timestamp with time zone",
            "When the run that gave this content loaded it, by the database's clock. One value "
            "per run, later than that of any run before.",
        ),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
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
    """A row of `public.report_data_links`."""

    TABLE: ClassVar[str] = "public.report_data_links"
    DESCRIPTION: ClassVar[str] = (
        "What each generated report was made from. A report's sources are what its team has for "
        "its days: the daily reports and transcripts inside its date range, and the Jira and "
        "Slack rows of weeks that overlap it. Each run appends Jira and Slack rows of the same "
        "week: those count that came with the run which first loaded the report, else those of "
        "the first later run that has any of that week (of Slack: of that channel). A source that "
        "arrives after the report is linked at the next build. One row per report and source."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "id": Column(
            "uuid",
            "Primary key: a UUID of the natural key, the same in every environment and after "
            "every rebuild. A row that was there before keeps the id that it had.",
        ),
        "generated_report_id": Column("uuid", "The report.", references="public.generated_reports"),
        "jira_snapshot_id": Column(
            "uuid", "The source, where it is a Jira snapshot.", references="public.jira_snapshots"
        ),
        "slack_capture_id": Column(
            "uuid", "The source, where it is a Slack capture.", references="public.slack_captures"
        ),
        "daily_report_id": Column(
            "uuid", "The source, where it is a daily report.", references="public.daily_reports"
        ),
        "meeting_transcript_id": Column(
            "uuid", "The source, where it is a transcript.", references="public.meeting_transcripts"
        ),
        "created_at": Column(
            "timestamp with time zone", "When the row was first stored. Never moves."
        ),
        "updated_at": Column("timestamp with time zone", "When the row last changed."),
    }
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
    """A row of `reporting.report_sources`."""

    TABLE: ClassVar[str] = "reporting.report_sources"
    DESCRIPTION: ClassVar[str] = (
        "What each generated report was made from. A report's sources are what its team has for "
        "its days: the daily reports and transcripts inside its date range, and the Jira and "
        "Slack rows of weeks that overlap it. Each run appends Jira and Slack rows of the same "
        "week: those count that came with the run which first loaded the report, else those of "
        "the first later run that has any of that week (of Slack: of that channel). A source that "
        "arrives after the report is linked at the next build. One row per report and source."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "generated_report_id": Column("uuid", "The report, in `generated_reports`."),
        "report": Column("text", "Name of the report's file."),
        "team": Column("text", "Name of the team that it is about."),
        "report_type": Column("text", "Name of its type."),
        "generated_at": Column("timestamp with time zone", "When it was generated."),
        "source_kind": Column("text", "What the source is; its table, in the singular."),
        "source_id": Column("uuid", "The source, in the table of its kind."),
        "source_date": Column(
            "date",
            "Day of the daily report or meeting; first day of the week of a Jira snapshot or "
            "Slack capture.",
        ),
        "title": Column(
            "text",
            "Author of a daily report, file of a transcript, channel of a Slack capture, end of a "
            "Jira snapshot's week.",
        ),
        "blob_url": Column("text", "Where the blob can be read; `local:{key}` in the local store."),
    }
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
    """A row of `reporting.team_week`."""

    TABLE: ClassVar[str] = "reporting.team_week"
    DESCRIPTION: ClassVar[str] = (
        "What there is of each team for each week (Monday to Sunday), and which daily reports are "
        "missing. One row per team and week of which anything is there or expected."
    )
    COLUMNS: ClassVar[dict[str, Column]] = {
        "team_id": Column("uuid", "The team."),
        "team": Column("text", "Name of the team."),
        "week_start": Column("date", "Monday of the week."),
        "daily_reports": Column(
            "bigint", "How many daily reports there are, one per author and day."
        ),
        "authors": Column("bigint", "How many people wrote them."),
        "days_missing": Column(
            "bigint", "How many daily reports are missing, all authors together."
        ),
        "days_missing_by_author": Column(
            "json",
            "JSON object: of each author with days missing, these days. Expected are the days "
            "from Monday to Friday, in each week from an author's first to the last one that is "
            "there, up to the day before the team's last load.",
        ),
        "transcripts": Column("bigint", "How many meetings were transcribed."),
        "jira_snapshots": Column(
            "bigint",
            "How many Jira snapshots of a week that begins in this one there are; each run takes "
            "one.",
        ),
        "slack_captures": Column(
            "bigint",
            "How many Slack captures of a week that begins in this one there are; each run takes "
            "one of each channel.",
        ),
        "last_loaded_at": Column(
            "timestamp with time zone",
            "When the latest of all these was loaded; null in a week of which nothing is there.",
        ),
    }
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
