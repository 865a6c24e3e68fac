"""The rows of the final tables and of the views for readers. `make readers` writes this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID


class Row(Protocol):
    """A row of a table or view, `TABLE`, with the types of its columns in the contract."""

    TABLE: ClassVar[str]
    TYPES: ClassVar[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Organization:
    """A row of `public.organizations`.

    Client organizations, from the seed. One row per organization.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        name: Name of the organization.
        description: What it is.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.organizations"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "name": "text",
        "description": "text",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
    }
    id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Team:
    """A row of `public.teams`.

    Teams (the old system's projects), from the seed. One row per team of an organization.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        organization_id: The organization that the team belongs to.
        name: Name of the team.
        description: What it does.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.teams"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "organization_id": "uuid",
        "name": "text",
        "description": "text",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
    }
    id: UUID
    organization_id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportType:
    """A row of `public.report_types`.

    Types of generated reports, from the seed. One row per report type.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        name: Name of the report type.
        description: What such a report is.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.report_types"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "name": "text",
        "description": "text",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
    }
    id: UUID
    name: str
    description: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class DailyReport:
    """A row of `public.daily_reports`.

    What each employee reported for each day, latest text. One row per employee per day of a team.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        team_id: The team in whose folder the report was.
        report_date: The day reported on.
        content: The day's markdown, with its heading.
        blob_key: Name of the source file's blob in the store. It ends in the first digits of the
            content's SHA-256, and is never overwritten.
        blob_url: Where the blob can be read; `local:{key}` in the local store.
        author_name: Full name of the employee.
        checksum_sha256: SHA-256 of the stored text's UTF-8 bytes.
        loaded_at: When the run that gave this content loaded it, by the database's clock. One value
            per run, later than that of any run before.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.daily_reports"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "team_id": "uuid",
        "report_date": "date",
        "content": "text",
        "blob_key": "text",
        "blob_url": "text",
        "author_name": "text",
        "checksum_sha256": "text",
        "loaded_at": "timestamp with time zone",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
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
    """A row of `public.meeting_transcripts`.

    Meeting transcripts, latest text. One row per transcript file of a team.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        team_id: The team whose meeting it was.
        transcript_date: Day of the meeting, at midnight.
        started_at: Start of the meeting, where the file's name has a time.
        filename: Path below the team's folder.
        transcript_text: The whole transcript.
        blob_key: Name of the source file's blob in the store. It ends in the first digits of the
            content's SHA-256, and is never overwritten.
        blob_url: Where the blob can be read; `local:{key}` in the local store.
        byte_size: Size in bytes of what the checksum is of.
        checksum_sha256: SHA-256 of the stored text's UTF-8 bytes.
        loaded_at: When the run that gave this content loaded it, by the database's clock. One value
            per run, later than that of any run before.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.meeting_transcripts"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "team_id": "uuid",
        "transcript_date": "timestamp",
        "started_at": "timestamp with time zone",
        "filename": "text",
        "transcript_text": "text",
        "blob_key": "text",
        "blob_url": "text",
        "byte_size": "bigint",
        "checksum_sha256": "text",
        "loaded_at": "timestamp with time zone",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
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
    """A row of `public.jira_snapshots`.

    Weekly Jira snapshots, by reference. One row per team and week at each run.

    Args:
        id: Primary key: the UUID of the loaded row, new at each run.
        team_id: The team whose Jira project it is.
        collected_week_start: First day of the collected week.
        collected_week_end: Last day of the collected week.
        blob_key: Name of the source file's blob in the store. It ends in the first digits of the
            content's SHA-256, and is never overwritten.
        blob_url: Where the blob can be read; `local:{key}` in the local store.
        byte_size: Size in bytes of what the checksum is of.
        checksum_sha256: SHA-256 of the blob's bytes.
        loaded_at: When the run that gave this content loaded it, by the database's clock. One value
            per run, later than that of any run before.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.jira_snapshots"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "team_id": "uuid",
        "collected_week_start": "date",
        "collected_week_end": "date",
        "blob_key": "text",
        "blob_url": "text",
        "byte_size": "bigint",
        "checksum_sha256": "text",
        "loaded_at": "timestamp with time zone",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
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
    """A row of `public.slack_captures`.

    Weekly captures of sanitized Slack channels, by reference. One row per channel and week at each
    run.

    Args:
        id: Primary key: the UUID of the loaded row, new at each run.
        team_id: The team whose channel it is.
        channel: The Slack channel.
        collected_week_start: First day of the collected week.
        collected_week_end: Last day of the collected week.
        blob_key: Name of the source file's blob in the store. It ends in the first digits of the
            content's SHA-256, and is never overwritten.
        blob_url: Where the blob can be read; `local:{key}` in the local store.
        byte_size: Size in bytes of what the checksum is of.
        checksum_sha256: SHA-256 of the blob's bytes.
        loaded_at: When the run that gave this content loaded it, by the database's clock. One value
            per run, later than that of any run before.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.slack_captures"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "team_id": "uuid",
        "channel": "text",
        "collected_week_start": "date",
        "collected_week_end": "date",
        "blob_key": "text",
        "blob_url": "text",
        "byte_size": "bigint",
        "checksum_sha256": "text",
        "loaded_at": "timestamp with time zone",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
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
    """A row of `public.generated_reports`.

    Generated reports, as their datasources describe them. A datasource's type comes from its file
    name: of the patterns in `seed_report_type_patterns` that match it, the longest decides. A file
    that no pattern matches, or whose pattern names no type that there is, is kept in `raw` and
    listed in `reporting.reports_without_type`; when the seed has a type for it, the next build
    stores it. A stored report keeps its type. One row per team, report type and content.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        report_type_id: Type of the report.
        team_id: The team that it is about.
        triggered_by: The setting TRIGGERED_BY of the first load, else the name of the user who ran
            it.
        generated_at: When it was generated; the file's time of change where it does not say.
        execution_id: Identifies the generation; the same for the same report in every environment.
        blob_key: Name of the source file's blob in the store. It ends in the first digits of the
            content's SHA-256, and is never overwritten.
        blob_url: Where the blob can be read; `local:{key}` in the local store.
        output: What the datasource says of itself: `source_path`, `filename`, `generated_at` and
            `generated_at_from` (`datasource` or `modification time`), `date_range_start`,
            `date_range_end` and `date_range_from` (`datasource`, `config` or null), `project`,
            `members`, and `block_sizes`, the bytes of each data block.
        model_info: Which language model wrote the report; null, for no datasource says so.
        content_hash: SHA-256 of the file's bytes.
        loaded_at: When the run that gave this content loaded it, by the database's clock. One value
            per run, later than that of any run before.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.generated_reports"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "report_type_id": "uuid",
        "team_id": "uuid",
        "triggered_by": "text",
        "generated_at": "timestamp with time zone",
        "execution_id": "uuid",
        "blob_key": "text",
        "blob_url": "text",
        "output": "json",
        "model_info": "json",
        "content_hash": "text",
        "loaded_at": "timestamp with time zone",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
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
    """A row of `public.report_data_links`.

    What each generated report was made from. A report's sources are what its team has for its days:
    the daily reports and transcripts inside its date range, and the Jira and Slack rows of weeks
    that overlap it. Each run appends Jira and Slack rows of the same week: those count that came
    with the run which first loaded the report, else those of the first later run that has any of
    that week (of Slack: of that channel). A source that arrives after the report is linked at the
    next build. One row per report and source.

    Args:
        id: Primary key: a UUID of the natural key, the same in every environment and after every
            rebuild. A row that was there before keeps the id that it had.
        generated_report_id: The report.
        jira_snapshot_id: The source, where it is a Jira snapshot.
        slack_capture_id: The source, where it is a Slack capture.
        daily_report_id: The source, where it is a daily report.
        meeting_transcript_id: The source, where it is a transcript.
        created_at: When the row was first stored. Never moves.
        updated_at: When the row last changed.
    """

    TABLE: ClassVar[str] = "public.report_data_links"
    TYPES: ClassVar[dict[str, str]] = {
        "id": "uuid",
        "generated_report_id": "uuid",
        "jira_snapshot_id": "uuid",
        "slack_capture_id": "uuid",
        "daily_report_id": "uuid",
        "meeting_transcript_id": "uuid",
        "created_at": "timestamp with time zone",
        "updated_at": "timestamp with time zone",
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
    """A row of `reporting.report_sources`.

    What each generated report was made from. A report's sources are what its team has for its days:
    the daily reports and transcripts inside its date range, and the Jira and Slack rows of weeks
    that overlap it. Each run appends Jira and Slack rows of the same week: those count that came
    with the run which first loaded the report, else those of the first later run that has any of
    that week (of Slack: of that channel). A source that arrives after the report is linked at the
    next build. One row per report and source.

    Args:
        generated_report_id: The report, in `generated_reports`.
        report: Name of the report's file.
        team: Name of the team that it is about.
        report_type: Name of its type.
        generated_at: When it was generated.
        source_kind: What the source is; its table, in the singular.
        source_id: The source, in the table of its kind.
        source_date: Day of the daily report or meeting; first day of the week of a Jira snapshot or
            Slack capture.
        title: Author of a daily report, file of a transcript, channel of a Slack capture, end of a
            Jira snapshot's week.
        blob_url: Where the blob can be read; `local:{key}` in the local store.
    """

    TABLE: ClassVar[str] = "reporting.report_sources"
    TYPES: ClassVar[dict[str, str]] = {
        "generated_report_id": "uuid",
        "report": "text",
        "team": "text",
        "report_type": "text",
        "generated_at": "timestamp with time zone",
        "source_kind": "text",
        "source_id": "uuid",
        "source_date": "date",
        "title": "text",
        "blob_url": "text",
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
    """A row of `reporting.team_week`.

    What there is of each team for each week (Monday to Sunday), and which daily reports are
    missing. One row per team and week of which anything is there or expected.

    Args:
        team_id: The team.
        team: Name of the team.
        week_start: Monday of the week.
        daily_reports: How many daily reports there are, one per author and day.
        authors: How many people wrote them.
        days_missing: How many daily reports are missing, all authors together.
        days_missing_by_author: JSON object: of each author with days missing, these days. Expected
            are the days from Monday to Friday, in each week from an author's first to the last one
            that is there, up to the day before the team's last load.
        transcripts: How many meetings were transcribed.
        jira_snapshots: How many Jira snapshots of a week that begins in this one there are; each
            run takes one.
        slack_captures: How many Slack captures of a week that begins in this one there are; each
            run takes one of each channel.
        last_loaded_at: When the latest of all these was loaded; null in a week of which nothing is
            there.
    """

    TABLE: ClassVar[str] = "reporting.team_week"
    TYPES: ClassVar[dict[str, str]] = {
        "team_id": "uuid",
        "team": "text",
        "week_start": "date",
        "daily_reports": "bigint",
        "authors": "bigint",
        "days_missing": "bigint",
        "days_missing_by_author": "json",
        "transcripts": "bigint",
        "jira_snapshots": "bigint",
        "slack_captures": "bigint",
        "last_loaded_at": "timestamp with time zone",
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
