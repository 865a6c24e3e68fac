"""Parse the author and the day from the text of an old row."""

import unicodedata
from dataclasses import dataclass
from datetime import date

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.dates import AmbiguousDateError, ImpossibleDateError
from loader.parsing.headings import heading_date
from loader.parsing.rejections import Reason
from loader.parsing.transcripts import parse_transcript


@dataclass(frozen=True, slots=True)
class Reading:
    """The author and the day in a text.

    Args:
        author_name: The full name in the text or the row, if known; empty for a transcript.
        day: The day.
        doubt: Why the text is ambiguous; None if it is not.
    """

    author_name: str
    day: date
    doubt: str | None = None


def read_daily_report(author_name: str, day: date, content: str) -> Reading:
    """Parse the text of a daily report.

    Args:
        author_name: The name in the row: the first word, or the full name.
        day: The day in the row.
        content: The row's markdown.
    """
    reports, rejections = parse_daily_reports(content.encode())
    if len(reports) > 1:
        what = f"{len(reports)} days or authors"
        return Reading(author_name, day, f"its text holds {what}")
    if reports:
        found = reports[0]
        if not _is_same_person(author_name, found.author_name):
            return Reading(author_name, day, f"its text is by {found.author_name}")
        return Reading(found.author_name, found.report_date)
    reasons = {each.reason for each in rejections}
    if reasons == {Reason.NO_AUTHOR} and (dated := _first_day(content)):
        return Reading(author_name, dated, "its text names nobody")
    detail = next((each.detail for each in rejections), "it is empty")
    return Reading(author_name, day, f"its text has no day for certain: {detail}")


def read_transcript(filename: str, day: date, text: str) -> Reading:
    """Parse the name and the text of a transcript; arguments as above."""
    found, rejections = parse_transcript(filename, text.encode())
    if found:
        return Reading("", found[0].transcript_date)
    return Reading("", day, rejections[0].detail)


def _is_same_person(stored: str, full_name: str) -> bool:
    stored, full_name = (_normal(each) for each in (stored, full_name))
    return stored == full_name or stored == full_name.partition(" ")[0]


def _normal(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split()).casefold()


def _first_day(content: str) -> date | None:
    """Return the day in the heading of a stored day."""
    first, _, _ = content.partition("\n")
    try:
        return heading_date(first.removeprefix("## ").strip()) if first.startswith("## ") else None
    except (AmbiguousDateError, ImpossibleDateError):
        return None
