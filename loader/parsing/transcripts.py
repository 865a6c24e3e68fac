"""A transcript file: one meeting, one row. Its date comes from its name, else its first heading."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from loader.parsing.dates import ImpossibleDateError, first_date, time_behind
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import is_blank, visible_lines
from loader.parsing.values import Filename, Text

LONGEST_FILENAME = 1000  # bytes; a unique index takes keys of up to about 2,700

_HEADING = re.compile(rb"\n#{1,6}[ \t]+([^\n]{1,1000})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """One meeting.

    Args:
        filename: Path below the team's folder, with `/`.
        transcript_date: The day of the meeting, as its name or first heading writes it.
        started_at: The time in the name, in UTC; None where it has none.
        transcript_text: The whole file, UTF-8.
    """

    filename: Filename
    transcript_date: date
    started_at: datetime | None
    transcript_text: Text


def parse_transcript(filename: str, text: bytes) -> tuple[list[Transcript], list[Rejection]]:
    """Read a transcript file.

    Args:
        filename: Path below the team's folder, with `/`.
        text: The file, as UTF-8.

    Returns:
        One transcript, or none and the reason. Never raises.
    """
    if is_blank(text):
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    size = len(filename.encode())
    if size > LONGEST_FILENAME:
        return [], [Rejection(Reason.NAME_TOO_LONG, f"the path has {size} bytes")]
    name = filename.rpartition("/")[2]
    started_at, notes, line_number = None, [], None
    try:
        found = first_date(name)
        if not found:
            heading, line_number = _first_heading(text)
            found = first_date(heading)
            if not found:
                detail = "neither the file name nor the first heading has a date"
                return [], [Rejection(Reason.NO_DATE, detail)]
            day, _ = found
            return [_transcript(filename, day, None, text)], []
    except ImpossibleDateError as error:
        return [], [Rejection(Reason.IMPOSSIBLE_DATE, str(error), line_number)]
    day, end = found
    try:
        started_at = time_behind(name, day, end)
    except ImpossibleDateError as error:
        notes = [Rejection(Reason.IMPOSSIBLE_TIME, str(error))]
    return [_transcript(filename, day, started_at, text)], notes


def _transcript(filename: str, day: date, started_at: datetime | None, text: bytes) -> Transcript:
    return Transcript(
        filename=Filename(filename),
        transcript_date=day,
        started_at=started_at,
        transcript_text=Text(text),
    )


def _first_heading(text: bytes) -> tuple[str, int | None]:
    """The text and line number of the first heading outside code fences; empty for none."""
    lines, _ = visible_lines(text)
    match = _HEADING.search(lines)
    if not match:
        return "", None
    return match[1].decode(errors="ignore"), lines.count(b"\n", 0, match.start() + 1)
