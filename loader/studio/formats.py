"""Format days, times, numbers and texts for pages."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape

from loader.parsing.escapes import escaped
from loader.parsing.mentions import issue_spans
from loader.parsing.snippets import BEGIN, END
from loader.questions.generated import Report

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_KIBI = 1024
_LOWEST_HEADING = 6


def visible(text: str) -> str:
    """Return a text with visible control and bidirectional characters; tabs stay."""
    return text if text.isprintable() else "\t".join(escaped(each) for each in text.split("\t"))


def day(value: date) -> str:
    """Return a day with weekday and year: Mon 27 Oct 2025."""
    return f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]} {value.year}"


def short_day(value: date) -> str:
    """Return a day without its year: Mon 27 Oct."""
    return f"{_DAYS[value.weekday()]} {value.day} {_MONTHS[value.month - 1]}"


def month_day(value: date) -> str:
    """Return a day without its weekday: 27 Oct."""
    return f"{value.day} {_MONTHS[value.month - 1]}"


def week(monday: date) -> str:
    """Return the days of a week: 27 Oct to 2 Nov 2025."""
    sunday = date.fromordinal(monday.toordinal() + 6)
    first = (
        month_day(monday) if monday.year == sunday.year else f"{month_day(monday)} {monday.year}"
    )
    if (monday.year, monday.month) == (sunday.year, sunday.month):
        first = str(monday.day)
    return f"{first} to {month_day(sunday)} {sunday.year}"


def moment(value: datetime) -> str:
    """Return a time in UTC: Mon 27 Oct 2025, 14:05 UTC."""
    return f"{day(value)}, {value:%H:%M} UTC"


def offset(seconds: int | None) -> str:
    """Return seconds from the start: 7:15, or 1:02:03."""
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def number(value: float | None) -> str:
    """Return a number with separators."""
    return "" if value is None else f"{value:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """Return a count with its noun: 1 day, 2 days."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def size(count: int | None) -> str:
    """Return a number of bytes: 12.3 kB."""
    if count is None:
        return ""
    if count < _KIBI:
        return counted(count, "byte")
    value, unit = count / _KIBI, "kB"
    if value >= _KIBI:
        value, unit = value / _KIBI, "MB"
    return f"{value:,.1f} {unit}"


def sunday(monday: date) -> date:
    """Return the last day of a week."""
    return monday + timedelta(days=6)


def title_of(filename: str) -> str:
    """Return the name of a file without its extension."""
    return filename.rpartition(".")[0] or filename


def about(report: Report) -> str:
    """Return the date range of a generated report."""
    try:
        first, last = (date.fromisoformat(each or "") for each in (report.first, report.last))
    except ValueError:
        return ""
    return f"{day(first)} to {day(last)}"


def grouped(rows: Iterable[Any], name: str) -> list[tuple[Any, list[Any]]]:
    """Group consecutive rows with the same value of an attribute."""
    groups = groupby(rows, key=lambda each: getattr(each, name))
    return [(value, list(some)) for value, some in groups]


def typed(text: str) -> Markup:
    """Return a text for a form field, unchanged: the submitted text is compared with it."""
    return escape(text)


def plain(word: str) -> str:
    """Return a database name as words: daily_report, daily report."""
    return word.replace("_", " ")


def url(*parts: object, **query: object) -> str:
    """Return an address of the studio.

    Args:
        parts: Parts of the path; each is escaped.
        query: Parameters; None is left out.
    """
    path = "/" + "/".join(quote(str(part), safe="") for part in parts)
    given = {name: value for name, value in query.items() if value not in {None, ""}}
    return f"{path}?{urlencode(given)}" if given else path


def marked(snippet: str) -> Markup:
    """Return a snippet with its marks as HTML elements."""
    pieces, is_open = [], False
    for piece in _split(snippet):
        if piece == BEGIN and not is_open:
            pieces.append(Markup("<mark>"))
            is_open = True
        elif piece == END and is_open:
            pieces.append(Markup("</mark>"))
            is_open = False
        else:
            pieces.append(escape(visible(piece)))
    return Markup().join([*pieces, Markup("</mark>")] if is_open else pieces)


def _split(snippet: str) -> list[str]:
    for mark in (BEGIN, END):
        snippet = snippet.replace(mark, f"\0{mark}\0")
    return snippet.split("\0")


def linked(text: str) -> Markup:
    """Return a text with links from issue keys to their pages."""
    pieces: list[str] = []
    place = 0
    for start, end in issue_spans(text):
        key = text[start:end]
        link = Markup('<a href="{}">{}</a>').format(url("issues", key), key)
        pieces += [escape(visible(text[place:start])), link]
        place = end
    return Markup().join([*pieces, escape(visible(text[place:]))])


def markdown(text: str, below: int = 2) -> Markup:
    """Return Markdown as HTML, without raw HTML and pictures.

    Args:
        text: Markdown.
        below: The level of the heading above the text.
    """
    parser = _parser()
    tokens = parser.parse(visible(text))
    open_: list[tuple[int, int]] = []  # levels in the text, and on the page
    for token in tokens:
        if token.type == "heading_open":
            own = int(token.tag[1:])
            open_ = [each for each in open_ if each[0] < own]
            # Leave out no heading level, whatever the text does.
            shown = min((open_[-1][1] if open_ else below) + 1, _LOWEST_HEADING)
            open_.append((own, shown))
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{open_[-1][1]}"
    return Markup(parser.renderer.render(tokens, parser.options, {}))  # noqa: S704 - html is off


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # noqa: PLC0415 - most pages have no markdown

    return MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")


_HITS = {
    "entry": "daily report",
    "turn": "meeting",
    "issue": "issue",
    "message": "Slack",
    "report_entries": "daily report",
    "transcript_turns": "meeting",
    "jira_issues": "issue",
    "slack_messages": "Slack",
}


def kind_name(kind: str) -> str:
    """Return the display name of a kind of text or its table."""
    return _HITS.get(kind, plain(kind))


_FILES = {
    "meeting_transcripts": "meetings",
    "jira_snapshots": "Jira",
    "slack_captures": "Slack",
}


def file_kind(kind: str) -> str:
    """Return the display name of a kind of file."""
    return _FILES.get(kind, plain(kind))


FILTERS: dict[str, Callable[..., Any]] = {
    "typed": typed,
    "day": day,
    "short_day": short_day,
    "month_day": month_day,
    "week": week,
    "moment": moment,
    "offset": offset,
    "number": number,
    "counted": counted,
    "size": size,
    "plain": plain,
    "sunday": sunday,
    "title_of": title_of,
    "about": about,
    "groupby_order": grouped,
    "kind_name": kind_name,
    "hit_name": kind_name,
    "file_kind": file_kind,
    "marked": marked,
    "linked": linked,
    "markdown": markdown,
}
