"""Read the people, days and meetings in the data blocks of a datasource."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.datasource_blocks import (
    DAILY_BLOCKS,
    JIRA_BLOCKS,
    MEETING_BLOCKS,
    SLACK_BLOCKS,
    UNDATED_MEETINGS,
    Block,
)
from loader.parsing.dates import DateOrder
from loader.parsing.names import NAMES, RejectedDayError
from loader.parsing.rejections import Rejection, Severity
from loader.parsing.text import WHITE_SPACE
from loader.parsing.values import AuthorName

_EMPLOYEE = re.compile(rb"(?:\A|\n)[ \t]{0,3}\*\*Employee\*\*:([^\n]*+)")
_LINE_END = re.compile(r"\r\n?")
# The title of each file in a block of several files.
_FILE = re.compile(r"(?:\A|\n)(?=#[ \t]+Daily Reports?\b)", re.IGNORECASE)
_MEETING = re.compile(r"(?:\A|\n)#{1,6}[ \t]++Transcript:[ \t]*+([^\n]{1,1000})")
# The generator's text for missing data.
_FRAME = re.compile(
    r"\s*+(?:#{1,6}[ \t][^\n\d\[]{0,100}|-{3,}"
    r"|\*\*(?:Project|Date Range|Week|Generated|Channel)\*\*:[^\n]{0,200}"
    r"|\*\*[^*\n]{1,100}\*\*:[ \t]*+0"
    r"|[*_(]{0,3}(?:no[ \t][^\n]{0,100}|none|n/a)[)*_.]{0,3}|-)[ \t]*+(?:\n|\Z)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Contents:
    """The contents of the blocks.

    Args:
        sources: The kinds of data with a text, in the singular of the final tables' names.
        members: The people that the blocks name.
        days: The author and date of each daily report; empty if some are uncertain.
        meetings: The titles of the transcripts; empty if some are uncertain.
    """

    sources: list[str]
    members: set[AuthorName]
    days: list[tuple[AuthorName, date]]
    meetings: list[str]


def read_contents(blocks: Mapping[str, Block], order: DateOrder | None) -> Contents:
    """Read the blocks of a datasource. Never raise.

    Args:
        blocks: The blocks by name.
        order: The order of day and month, if the team's config sets it.
    """
    texts = {
        name: _LINE_END.sub("\n", block.text)
        for name, block in blocks.items()
        if _has_data(block.text)
    }
    members = {name for text in texts.values() for name in _employees(text)}
    days: dict[tuple[AuthorName, date], None] = {}
    is_certain = True
    for text in _of(texts, DAILY_BLOCKS):
        above, *files = _FILE.split(text)
        for file in [above, *files]:
            reports, rejections = _reports(file, order)
            days.update(dict.fromkeys(reports))
            is_summary = bool(file is above and files and not reports)
            is_certain = is_certain and (is_summary or not rejections)
    members.update(author for author, _ in days)
    titles = [_titles(text) for text in _of(texts, MEETING_BLOCKS)]
    undated = _titles(texts.get(UNDATED_MEETINGS, ""))
    meetings = [title for found in (*titles, undated) for title in found] if all(titles) else []
    kinds = {
        "daily_report": _of(texts, DAILY_BLOCKS),
        "meeting_transcript": [*_of(texts, MEETING_BLOCKS), *undated],
        "jira_snapshot": _of(texts, JIRA_BLOCKS),
        "slack_capture": _of(texts, SLACK_BLOCKS),
    }
    return Contents(
        sources=[kind for kind, found in kinds.items() if found],
        members=members,
        days=list(days) if is_certain else [],
        meetings=list(dict.fromkeys(meetings)),
    )


def names_in(lines: Iterable[str]) -> set[AuthorName]:
    """Return the stored form of names in texts; names that are too long are skipped."""
    found = set()
    for line in lines:
        try:
            name = NAMES[line.encode(errors="replace")]
        except RejectedDayError:
            continue
        if name:
            found.add(name)
    return found


def _of(texts: Mapping[str, str], names: Iterable[str]) -> list[str]:
    return [texts[name] for name in names if name in texts]


def _has_data(text: str) -> bool:
    """Return whether a text has more than the frame of a summary."""
    position = 0
    while match := _FRAME.match(text, position):
        position = match.end()
    return bool(text[position:].strip(WHITE_SPACE))


def _employees(text: str) -> set[AuthorName]:
    lines = _EMPLOYEE.findall(text.encode())
    return names_in(line.decode() for line in lines)


def _reports(
    file: str, order: DateOrder | None
) -> tuple[list[tuple[AuthorName, date]], list[Rejection]]:
    """Return the author and day of each report in a file's text, and its rejections."""
    reports, rejections = parse_daily_reports(file.encode(), order=order)
    found = [(report.author_name, report.report_date) for report in reports]
    return found, [each for each in rejections if each.reason.severity is Severity.REJECTED]


def _titles(text: str) -> list[str]:
    return [title.strip(WHITE_SPACE) for title in _MEETING.findall(text)]
