"""What a text says, as rows of the content tables: entries, turns, issues, messages, mentions."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter

from loader.parsing.decoding import decode
from loader.parsing.jira_issues import parse_issues
from loader.parsing.mentions import mentions_of_parts
from loader.parsing.report_entries import parse_entries
from loader.parsing.search_words import search_text, search_texts_of_turns
from loader.parsing.slack_messages import parse_messages
from loader.parsing.transcript_turns import parse_participants, parse_turns
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
    Section,
    Sha256,
    Spelling,
)
from loader.tables.contents import (
    JIRA_ISSUES,
    MEETING_PARTICIPANTS,
    REPORT_ENTRIES,
    SLACK_MESSAGES,
    TRANSCRIPT_TURNS,
    ContentRow,
    JiraIssueRow,
    MeetingParticipantRow,
    ReportEntryRow,
    SlackMessageRow,
    TranscriptTurnRow,
)
from loader.tables.definition import RawTable
from loader.workspace.kinds import Kind

# Parsing takes up to 20 times the memory of a text. A meeting of three hours has 300 kB.
LONGEST_TEXT = 8 * 1024 * 1024  # bytes
_Rows = tuple[RawTable, list[ContentRow]]


@dataclass(slots=True)
class Contents:
    """The content rows of a file.

    Args:
        rows: By table.
        text_bytes: Bytes of the texts that they are of.
        checksums: Of these texts: a text is parsed once, however often a file has it.
    """

    rows: dict[str, _Rows] = field(default_factory=dict)
    text_bytes: int = 0
    checksums: set[Sha256] = field(default_factory=set)

    def add(self, kind: Kind, name: str, text: bytes, checksum: Sha256) -> None:
        """Parse a text of at most `LONGEST_TEXT`, and add its rows.

        Args:
            kind: The kind of its file.
            name: The name of its file.
            text: The text.
            checksum: Its SHA-256, as the row of the file has it.
        """
        if checksum in self.checksums:
            return
        self.checksums.add(checksum)
        self.text_bytes += len(text)
        for table, rows in _PARSERS[kind](name, text, checksum):
            if rows:
                self.rows.setdefault(table.name, (table, []))[1].extend(rows)


def _of_daily_report(_: str, text: bytes, checksum: Sha256) -> Iterator[_Rows]:
    entries = parse_entries(text)
    # A reference in a heading counts for the first entry below it.
    parts, above = [], ("", "")
    for entry in entries:
        headings = (entry.project or "", entry.section or "")
        new = (now for now, before in zip(headings, above, strict=True) if now != before)
        parts.append("\n".join([*new, entry.text]) if headings != above else entry.text)
        above = headings
    yield (
        REPORT_ENTRIES,
        [
            ReportEntryRow(
                checksum_sha256=checksum,
                position=entry.position,
                project=Project(entry.project) if entry.project else None,
                section=Section(entry.section) if entry.section else None,
                section_kind=entry.section_kind,
                text=Passage(entry.text),
                search_text=search_text(entry.text),
                mentions=mentions,
            )
            for entry, mentions in zip(entries, _references(parts), strict=True)
        ],
    )


def _of_transcript(name: str, text: bytes, checksum: Sha256) -> Iterator[_Rows]:
    turns = parse_turns(name, text)
    yield (
        TRANSCRIPT_TURNS,
        [
            TranscriptTurnRow(
                checksum_sha256=checksum,
                position=turn.position,
                speaker=Spelling(turn.speaker) if turn.speaker else None,
                offset_seconds=turn.offset_seconds,
                text=Passage(turn.text),
                search_text=words,
                mentions=mentions,
            )
            for turn, words, mentions in zip(
                turns,
                search_texts_of_turns(turns),
                _references([turn.text for turn in turns]),
                strict=True,
            )
        ],
    )
    participants = parse_participants(text, turns)
    yield (
        MEETING_PARTICIPANTS,
        [
            MeetingParticipantRow(
                checksum_sha256=checksum,
                position=position,
                name=Spelling(each.name),
                turns=each.turns,
                words=each.words,
            )
            for position, each in enumerate(participants, 1)
        ],
    )


def _of_jira_file(_: str, text: bytes, checksum: Sha256) -> Iterator[_Rows]:
    issues = parse_issues(decode(text)[0])
    titles = [f"{issue.issue_key} {issue.summary or ''}" for issue in issues]
    yield (
        JIRA_ISSUES,
        [
            JiraIssueRow(
                checksum_sha256=checksum,
                position=position,
                issue_key=IssueKey(issue.issue_key),
                parent_key=ParentKey(issue.parent_key) if issue.parent_key else None,
                issue_type=IssueType(issue.issue_type) if issue.issue_type else None,
                status=IssueStatus(issue.status) if issue.status else None,
                priority=IssuePriority(issue.priority) if issue.priority else None,
                assignee=Spelling(issue.assignee) if issue.assignee else None,
                summary=IssueTitle(issue.summary) if issue.summary else None,
                url=IssueUrl(issue.url) if issue.url else None,
                search_text=search_text(title),
                mentions=mentions,
            )
            for position, (issue, title, mentions) in enumerate(
                zip(issues, titles, _references(titles), strict=True), 1
            )
        ],
    )


def _of_slack_file(_: str, text: bytes, checksum: Sha256) -> Iterator[_Rows]:
    messages = parse_messages(decode(text)[0])
    yield (
        SLACK_MESSAGES,
        [
            SlackMessageRow(
                checksum_sha256=checksum,
                position=message.position,
                sent_at=message.sent_at,
                author=Spelling(message.author) if message.author else None,
                thread_position=message.thread_position,
                text=Passage(message.text),
                reactions=Reactions(message.reactions) if message.reactions else None,
                search_text=search_text(message.text),
                mentions=mentions,
            )
            for message, mentions in zip(
                messages, _references([message.text for message in messages]), strict=True
            )
        ],
    )


def _references(parts: Sequence[str]) -> list[References | None]:
    """What each part of a text refers to."""
    found: list[References | None] = [None] * len(parts)
    for index, mentions in groupby(mentions_of_parts(parts), itemgetter(0)):
        lines = (f"{mention.ref_kind} {mention.ref}" for _, mention in mentions)
        found[index] = References("\n".join(lines))
    return found


_PARSERS: dict[Kind, Callable[[str, bytes, Sha256], Iterable[_Rows]]] = {
    Kind.DAILY_REPORTS: _of_daily_report,
    Kind.MEETING_TRANSCRIPTS: _of_transcript,
    Kind.JIRA_SNAPSHOTS: _of_jira_file,
    Kind.SLACK_CAPTURES: _of_slack_file,
}
# The parsers' version, by kind. Raise it if the same text gives other rows.
CONTENT_VERSIONS = dict.fromkeys(_PARSERS, 1)


def too_long(text: bytes) -> str:
    """Return why a text is not parsed; an empty text if it can be."""
    if len(text) <= LONGEST_TEXT:
        return ""
    return f"{len(text):,} bytes of text; up to {LONGEST_TEXT:,} are taken apart"


def contents_described(kinds: Iterable[Kind]) -> str:
    """Return kinds with the versions of their parsers, as `raw.runs` records them."""
    return " ".join(f"{kind}:{CONTENT_VERSIONS[kind]}" for kind in sorted(kinds))
