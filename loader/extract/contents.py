"""Parse texts into rows of the content tables: entries, turns, issues, messages, mentions."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from loader.parsing.decoding import decode
from loader.parsing.jira_issues import parse_issues
from loader.parsing.mentions import references_of_parts
from loader.parsing.report_entries import parse_entry_groups
from loader.parsing.search_words import search_texts, search_texts_of_turns
from loader.parsing.slack_messages import parse_messages
from loader.parsing.transcript_turns import parse_participants, parse_turns
from loader.parsing.values import Sha256
from loader.tables.contents import (
    JIRA_ISSUES,
    MEETING_PARTICIPANTS,
    REPORT_ENTRIES,
    SLACK_MESSAGES,
    TRANSCRIPT_TURNS,
)
from loader.tables.definition import Columns, RawTable
from loader.words import counted
from loader.workspace.kinds import Kind

# Parsing needs up to 20 times the memory of the text. A meeting of three hours has 300 kB.
LONGEST_TEXT = 8 * 1024 * 1024  # bytes
_Parsed = tuple[RawTable, Columns]


@dataclass(slots=True)
class Contents:
    """The content rows of a file.

    Args:
        columns: The values of each column, by table.
        text_bytes: Bytes of the parsed texts.
        checksums: Checksums of the parsed texts, so that a repeated text is parsed once.
    """

    columns: dict[str, tuple[RawTable, dict[str, list[object]]]] = field(default_factory=dict)
    text_bytes: int = 0
    checksums: set[Sha256] = field(default_factory=set)

    def add(self, kind: Kind, name: str, text: bytes, checksum: Sha256) -> None:
        """Parse a text of at most `LONGEST_TEXT`, and add its rows.

        Args:
            kind: The kind of the text's file.
            name: The name of the text's file.
            text: The text in UTF-8.
            checksum: The text's SHA-256, as in the row of the file.
        """
        if checksum in self.checksums:
            return
        self.checksums.add(checksum)
        self.text_bytes += len(text)
        for table, columns in _PARSERS[kind](name, text):
            if count := len(columns["position"]):
                _, all_columns = self.columns.setdefault(table.name, (table, {}))
                for column, values in columns.items():
                    all_columns.setdefault(column, []).extend(values)
                all_columns.setdefault("checksum_sha256", []).extend([checksum] * count)


def _of_daily_report(_: str, text: bytes) -> Iterator[_Parsed]:
    columns: dict[str, list[object]] = {"project": [], "section": [], "section_kind": []}
    texts: list[str] = []
    parts: list[str] = []  # searched for references
    above = ("", "")
    for group in parse_entry_groups(text):
        texts += group.texts
        parts += group.texts
        count = len(group.texts)
        columns["project"] += [group.project or None] * count
        columns["section"] += [group.section or None] * count
        columns["section_kind"] += [group.section_kind] * count
        # A reference in a heading counts for the first entry below it.
        headings = (group.project or "", group.section or "")
        new = (now for now, before in zip(headings, above, strict=True) if now != before)
        parts[-count] = "\n".join([*new, group.texts[0]])
        above = headings
    yield (
        REPORT_ENTRIES,
        {
            **columns,
            "position": range(1, len(texts) + 1),
            "text": texts,
            "search_text": search_texts(texts),
            "mentions": references_of_parts(parts),
        },
    )


def _of_transcript(name: str, text: bytes) -> Iterator[_Parsed]:
    turns = parse_turns(name, text)
    texts = [turn.text for turn in turns]
    yield (
        TRANSCRIPT_TURNS,
        {
            "position": [turn.position for turn in turns],
            "speaker": [turn.speaker or None for turn in turns],
            "offset_seconds": [turn.offset_seconds for turn in turns],
            "text": texts,
            "search_text": search_texts_of_turns(turns),
            "mentions": references_of_parts(texts),
        },
    )
    participants = parse_participants(text, turns)
    yield (
        MEETING_PARTICIPANTS,
        {
            "position": range(1, len(participants) + 1),
            "name": [each.name for each in participants],
            "turns": [each.turns for each in participants],
            "words": [each.words for each in participants],
        },
    )


def _of_jira_file(_: str, text: bytes) -> Iterator[_Parsed]:
    issues = parse_issues(decode(text)[0])
    titles = [f"{issue.issue_key} {issue.summary or ''}" for issue in issues]
    yield (
        JIRA_ISSUES,
        {
            "position": range(1, len(issues) + 1),
            "issue_key": [issue.issue_key for issue in issues],
            "parent_key": [issue.parent_key or None for issue in issues],
            "issue_type": [issue.issue_type or None for issue in issues],
            "status": [issue.status or None for issue in issues],
            "priority": [issue.priority or None for issue in issues],
            "assignee": [issue.assignee or None for issue in issues],
            "summary": [issue.summary or None for issue in issues],
            "url": [issue.url or None for issue in issues],
            "search_text": search_texts(titles),
            "mentions": references_of_parts(titles),
        },
    )


def _of_slack_file(_: str, text: bytes) -> Iterator[_Parsed]:
    messages = parse_messages(decode(text)[0])
    texts = [message.text for message in messages]
    yield (
        SLACK_MESSAGES,
        {
            "position": [message.position for message in messages],
            "sent_at": [message.sent_at for message in messages],
            "author": [message.author or None for message in messages],
            "thread_position": [message.thread_position for message in messages],
            "text": texts,
            "reactions": [message.reactions or None for message in messages],
            "search_text": search_texts(texts),
            "mentions": references_of_parts(texts),
        },
    )


_PARSERS: dict[Kind, Callable[[str, bytes], Iterable[_Parsed]]] = {
    Kind.DAILY_REPORTS: _of_daily_report,
    Kind.MEETING_TRANSCRIPTS: _of_transcript,
    Kind.JIRA_SNAPSHOTS: _of_jira_file,
    Kind.SLACK_CAPTURES: _of_slack_file,
}
# Version of the parsers by kind. Raise it if the same text gives other rows.
CONTENT_VERSIONS = dict.fromkeys(_PARSERS, 1)


def too_long(text: bytes) -> str:
    """Return the reason why a text is not parsed; empty if it is parsed."""
    if len(text) <= LONGEST_TEXT:
        return ""
    return f"{counted(len(text), 'byte')} of text; up to {LONGEST_TEXT:,} are taken apart"


def contents_described(kinds: Iterable[Kind]) -> str:
    """Return kinds with the versions of their parsers, in the form stored in `raw.runs`."""
    return " ".join(f"{kind}:{CONTENT_VERSIONS[kind]}" for kind in sorted(kinds))
