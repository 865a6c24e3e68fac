"""The rows of the content tables in `raw`: the parsed contents of texts.

A row refers to its text by SHA-256, independent of the file. dbt joins it with each row of a final
table that has this text. So a text is parsed once, and a restored text is not parsed again.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from loader.parsing.report_sections import SectionKind
from loader.parsing.values import (
    IssueKey,
    IssuePriority,
    IssueStatus,
    IssueTitle,
    IssueType,
    IssueUrl,
    ParentKey,
    Passage,
    Project,
    Reactions,
    References,
    SearchText,
    Section,
    Sha256,
    Spelling,
)
from loader.tables.definition import ContentTable, RawTable
from loader.workspace.kinds import Kind

_Checksum = Annotated[Sha256, "SHA-256 of the text that it is in."]
_Mentions = Annotated[
    References | None, "What it refers to, one reference a line: kind, space, reference."
]
_Position = Annotated[int, "Its place in the text, from 1."]
_SearchText = Annotated[SearchText, "Its words in lower case, with one space between them."]


@dataclass(slots=True, kw_only=True)
class ReportEntryRow:
    """One row per list item or paragraph of a daily report's text."""

    checksum_sha256: _Checksum
    position: _Position
    project: Annotated[Project | None, "The project that it is under; null for none."]
    section: Annotated[Section | None, "The section as written; null above the first one."]
    section_kind: Annotated[SectionKind, "`done`, `todo`, `blocker` or `other`."]
    text: Annotated[Passage, "The markdown, without the mark of its list."]
    search_text: _SearchText
    mentions: _Mentions


@dataclass(slots=True, kw_only=True)
class TranscriptTurnRow:
    """One row per turn of a transcript's text."""

    checksum_sha256: _Checksum
    position: _Position
    speaker: Annotated[Spelling | None, "Who speaks, as written; null if the text does not say."]
    offset_seconds: Annotated[int | None, "Seconds from the beginning of the meeting."]
    text: Annotated[Passage, "What is said."]
    search_text: Annotated[
        SearchText | None,
        "The words of a run of short turns at its first turn, for search; null at the others.",
    ]
    mentions: _Mentions


@dataclass(slots=True, kw_only=True)
class MeetingParticipantRow:
    """One row per transcript's text and person in it."""

    checksum_sha256: _Checksum
    position: _Position
    name: Annotated[Spelling, "The name as written."]
    turns: Annotated[int, "How many turns the person has; 0 if the name is only listed."]
    words: Annotated[int, "How many words these turns have."]


@dataclass(slots=True, kw_only=True)
class JiraIssueRow:
    """One row per issue of a Jira file's text."""

    checksum_sha256: _Checksum
    position: _Position
    issue_key: Annotated[IssueKey, "The key, such as `ROCKS-214`."]
    parent_key: Annotated[ParentKey | None, "The issue above it."]
    issue_type: Annotated[IssueType | None, "The type, as written."]
    status: Annotated[IssueStatus | None, "The status, as written."]
    priority: Annotated[IssuePriority | None, "The priority, as written."]
    assignee: Annotated[Spelling | None, "Who works on it, as written."]
    summary: Annotated[IssueTitle | None, "The title."]
    url: Annotated[IssueUrl | None, "Where the issue is."]
    search_text: Annotated[SearchText, "The words of its key and title, for search."]
    mentions: _Mentions


@dataclass(slots=True, kw_only=True)
class SlackMessageRow:
    """One row per message of a sanitized Slack file; none without the setting SLACK_CONTENT."""

    checksum_sha256: _Checksum
    position: _Position
    sent_at: Annotated[datetime | None, "When, read as UTC; null if the text does not say."]
    author: Annotated[Spelling | None, "Who wrote it, as written."]
    thread_position: Annotated[
        int | None, "Of a reply: the position of the thread's first message."
    ]
    text: Annotated[Passage, "What it says."]
    reactions: Annotated[Reactions | None, "The reactions, as written."]
    search_text: _SearchText
    mentions: _Mentions


REPORT_ENTRIES = RawTable(name="report_entries", row=ReportEntryRow, is_of_texts=True)
TRANSCRIPT_TURNS = RawTable(name="transcript_turns", row=TranscriptTurnRow, is_of_texts=True)
MEETING_PARTICIPANTS = RawTable(
    name="meeting_participants", row=MeetingParticipantRow, is_of_texts=True
)
JIRA_ISSUES = RawTable(name="jira_issues", row=JiraIssueRow, is_of_texts=True)
SLACK_MESSAGES = RawTable(name="slack_messages", row=SlackMessageRow, is_of_texts=True)
RAW_CONTENT_TABLES = (
    *(REPORT_ENTRIES, TRANSCRIPT_TURNS, MEETING_PARTICIPANTS),
    *(JIRA_ISSUES, SLACK_MESSAGES),
)

_DAYS = {Kind.DAILY_REPORTS: "daily_report_id"}
_MEETINGS = {Kind.MEETING_TRANSCRIPTS: "meeting_transcript_id"}
_SNAPSHOTS = {Kind.JIRA_SNAPSHOTS: "jira_snapshot_id"}
_CAPTURES = {Kind.SLACK_CAPTURES: "slack_capture_id"}
# Tables of the schema `content`, parents first.
CONTENT_TABLES = {
    table.name: table
    for table in (
        ContentTable(name="people"),
        ContentTable(name="people_aliases"),
        ContentTable(name="report_entries", parents=_DAYS),
        ContentTable(name="transcript_turns", parents=_MEETINGS, person="speaker"),
        ContentTable(name="meeting_participants", parents=_MEETINGS, person="name"),
        ContentTable(name="jira_issues", parents=_SNAPSHOTS, person="assignee"),
        ContentTable(name="slack_messages", parents=_CAPTURES, person="author"),
        ContentTable(name="mentions", parents={**_DAYS, **_MEETINGS, **_SNAPSHOTS, **_CAPTURES}),
    )
}
