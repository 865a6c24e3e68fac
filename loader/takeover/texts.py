"""What the text of an old row says of its author and day."""

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
    """What a text says.

    Args:
        author_name: The full name, as far as the text or the row has it; empty for a transcript.
        day: The day.
        doubt: Why the text does not decide; None if it does.
    """

    author_name: str
    day: date
    doubt: str | None = None


def read_daily_report(author_name: str, day: date, content: str) -> Reading:
    """Read the text of a daily report.

    Args:
        author_name: As the row has it: the first word of a name, or all of it.
        day: As the row has it.
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
    """Read the name and the text of a transcript; arguments as above."""
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
    """The day of the heading that a stored day begins with."""
    first, _, _ = content.partition("\n")
    try:
        return heading_date(first.removeprefix("## ").strip()) if first.startswith("## ") else None
    except (AmbiguousDateError, ImpossibleDateError):
        return None
