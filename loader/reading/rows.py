"""The rows of the final tables and of the views for readers. `make readers` writes this file."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from loader.tables.columns import Column, columns_of


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
    """The latest text of each employee's daily report. One row per employee per day of a team."""

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
    """The latest text of each meeting transcript. One row per transcript file of a team."""

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
    file name: among the matching patterns in `seed_report_type_patterns`, the longest
    decides. A file without a matching pattern, or whose pattern names no existing type, is
    kept in `raw` and listed in `reporting.reports_without_type`. Once the seed has a type for
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
    """The sources of each generated report. A report's sources are the data that it was made
    from, and only kinds of data that its texts contain. They are the days and transcripts
    that its texts name, or, if they name none for certain, those in its date range; and the
    Jira and Slack rows of weeks that overlap it. A 1on1 has only its person's days, and
    meetings in which this person takes part. Each run appends Jira and Slack rows of the same
    week. The rows of the run that first loaded the report count, or else those of the first
    later run with rows of that week (for Slack: of that channel). A source that arrives after
    the report is linked by the next build. Wrong links of earlier builds are removed. One row
    per report and source.
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
class Person:
    """People: authors of daily reports, speakers, assignees, and people in a seed or mapping
    file. One row per person of an organization.
    """

    TABLE: ClassVar[str] = "content.people"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.people")
    id: UUID
    organization_id: UUID
    team_id: UUID | None
    key: str
    full_name: str
    first_seen: date | None
    last_seen: date | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class PersonAlias:
    """Names in texts, seeds and mapping files, with their people. One row per name in a team."""

    TABLE: ClassVar[str] = "content.people_aliases"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.people_aliases")
    id: UUID
    team_id: UUID
    alias: str
    person_id: UUID | None
    origin: str
    changed_by: str
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportEntry:
    """Entries of daily reports: finished work, planned work and blockers. One row per list item
    or paragraph of a daily report.
    """

    TABLE: ClassVar[str] = "content.report_entries"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.report_entries")
    id: UUID
    daily_report_id: UUID
    team_id: UUID
    day: date
    person_id: UUID | None
    position: int
    project: str | None
    section: str | None
    section_kind: str
    text: str
    search_text: str
    loaded_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class TranscriptTurn:
    """Turns of meetings. One row per turn of a transcript."""

    TABLE: ClassVar[str] = "content.transcript_turns"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.transcript_turns")
    id: UUID
    meeting_transcript_id: UUID
    team_id: UUID
    day: date
    person_id: UUID | None
    position: int
    speaker: str | None
    offset_seconds: int | None
    text: str
    search_text: str | None
    loaded_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingParticipant:
    """Participants of meetings. One row per meeting and name in it."""

    TABLE: ClassVar[str] = "content.meeting_participants"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.meeting_participants")
    id: UUID
    meeting_transcript_id: UUID
    person_id: UUID | None
    position: int
    name: str
    turns: int
    words: int
    loaded_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class JiraIssue:
    """The issues of Jira snapshots; of equal snapshots of a week in a row, the latest has them.
    One row per issue of a snapshot.
    """

    TABLE: ClassVar[str] = "content.jira_issues"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.jira_issues")
    id: UUID
    jira_snapshot_id: UUID
    team_id: UUID
    day: date
    person_id: UUID | None
    position: int
    issue_key: str
    parent_key: str | None
    issue_type: str | None
    status: str | None
    priority: str | None
    assignee: str | None
    summary: str | None
    url: str | None
    search_text: str
    loaded_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class SlackMessage:
    """The messages of sanitized Slack captures; of equal captures of a week in a row, the latest
    has them. None without the setting SLACK_CONTENT. One row per message of a capture.
    """

    TABLE: ClassVar[str] = "content.slack_messages"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.slack_messages")
    id: UUID
    slack_capture_id: UUID
    team_id: UUID
    day: date
    person_id: UUID | None
    position: int
    sent_at: datetime | None
    author: str | None
    thread_position: int | None
    text: str
    reactions: str | None
    search_text: str
    loaded_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Mention:
    """References in texts to issues, pull requests and URLs. One row per reference in an entry,
    a turn, an issue or a message.
    """

    TABLE: ClassVar[str] = "content.mentions"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("content.mentions")
    id: UUID
    daily_report_id: UUID | None
    meeting_transcript_id: UUID | None
    jira_snapshot_id: UUID | None
    slack_capture_id: UUID | None
    source_kind: str
    source_id: UUID
    position: int
    ref_kind: str
    ref: str
    loaded_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ReportSource:
    """The sources of each generated report. A report's sources are the data that it was made
    from, and only kinds of data that its texts contain. They are the days and transcripts
    that its texts name, or, if they name none for certain, those in its date range; and the
    Jira and Slack rows of weeks that overlap it. A 1on1 has only its person's days, and
    meetings in which this person takes part. Each run appends Jira and Slack rows of the same
    week. The rows of the run that first loaded the report count, or else those of the first
    later run with rows of that week (for Slack: of that channel). A source that arrives after
    the report is linked by the next build. Wrong links of earlier builds are removed. One row
    per report and source.
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
    """Numbers of reports, meetings and captures of each team by week (Monday to Sunday), and
    missing reports. One row per team and week with any data or expected reports.
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


@dataclass(frozen=True, slots=True)
class PersonWeek:
    """Numbers of each person by week (Monday to Sunday) and team: entries of daily reports,
    meetings, messages, issues, and days without a report. One row per person, team and week
    with the person's texts or expected reports; an assigned issue alone does not count.
    """

    TABLE: ClassVar[str] = "reporting.person_week"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("reporting.person_week")
    person_id: UUID
    person: str
    team_id: UUID
    team: str
    week_start: date
    daily_reports: int
    done: int
    todo: int
    blockers: int
    meetings: int
    turns: int
    words: int
    messages: int
    issues: int
    days_missing: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """Meetings with their participants and numbers of turns and words. One row per transcript."""

    TABLE: ClassVar[str] = "reporting.meeting"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("reporting.meeting")
    meeting_transcript_id: UUID
    team_id: UUID
    team: str
    meeting_date: date
    started_at: datetime | None
    filename: str
    participants: int
    unknown_participants: int
    turns: int
    words: int
    duration_seconds: int | None
    people: list[str]
    mentions: int


@dataclass(frozen=True, slots=True)
class MissingDay:
    """Days without an expected daily report. An author is expected to report on each day from
    Monday to Friday, from the first report until the weeks of silence that the variable
    `leaves_after_weeks` gives (4), and again from the next report on; up to the day before
    the last finished run. Two names of one person are one person. One row per team, person
    and missing day.
    """

    TABLE: ClassVar[str] = "reporting.missing_days"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("reporting.missing_days")
    team_id: UUID
    team: str
    person_id: UUID | None
    person: str
    week_start: date
    missing_date: date


@dataclass(frozen=True, slots=True)
class WeeklyActivity:
    """Activity of each team by week (Monday to Sunday), counted per kind of text, for charts
    over time. It counts the texts of everybody, including unknown names, which `person_week`
    leaves out. One row per team and week with any activity or an expected report.
    """

    TABLE: ClassVar[str] = "reporting.weekly_activity"
    COLUMNS: ClassVar[dict[str, Column]] = columns_of("reporting.weekly_activity")
    team_id: UUID
    team: str
    week_start: date
    daily_reports: int
    authors: int
    days_missing: int
    done: int
    todo: int
    blockers: int
    meetings: int
    turns: int
    words: int
    messages: int
    issues: int
    generated_reports: int
