"""Find the week and channel of weekly files, and the best Jira file of a week."""

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass
from datetime import date

from loader.parsing.dates import ImpossibleDateError, iso_date
from loader.parsing.markup import unescaped
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import SPACES, WHITE_SPACE
from loader.parsing.values import Channel

_DATE = r"(\d{4}-\d{2}-\d{2})"
_DAY = r"(\d{4}-\d{2}-\d{2}|unknown)"  # the orchestrator's word for a missing date
_BETWEEN = "(?:[_ -]{1,3}to)?[_ \u2013\u2014-]{1,3}"
_LINE_END = re.compile("\r\n?|\n")
_LONGEST_LINE = 1000  # characters
_MOST_NAMED = 2  # unusable Jira files in a detail: more do not fit
_SLACK_NAME = re.compile(
    rf"(?P<channel>.+)[_ -]{_DAY}{_BETWEEN}{_DAY}", re.ASCII | re.DOTALL | re.IGNORECASE
)
# rocks (2025-10-27 to 2025-11-02), rocks_2025-10-27_2025-11-02 (1)
_SLACK_NAME_INSIDE = re.compile(
    rf"(?P<channel>.*?)(?<!\d){_DAY}{_BETWEEN}{_DAY}(?!\d).*",
    re.ASCII | re.DOTALL | re.IGNORECASE,
)
_SLACK_TITLE = re.compile(
    r"(?:#{1,6} *(?P<slack>Slack *[:\u2013\u2014-])?|(?P<plain>Slack *:))", re.IGNORECASE
)
_HYPHENS = {0x2010: "-", 0x2011: "-", 0x2012: "-", 0x2015: "-"}
_ARROWS = r"[\u2190-\u21ff\u2794-\u27bf\u27f0-\u27ff]|[-=]{0,3}>"
_TITLE_WEEK = re.compile(
    rf"(?:from +)?{_DAY} *(?:{_ARROWS}|[\u2013\u2014]|-{{1,3}}|to) *{_DAY} *[)\]]?:?\Z",
    re.ASCII | re.IGNORECASE,
)
# In order of preference (docs/workspace.md); {report} stands for the run's report type.
_WEEK = rf"{_DATE}{_BETWEEN}{_DATE}"
_JIRA_NAMES = (
    rf"epic_tree_with_changelog(?:_.+)?_{_WEEK}",
    rf"epic_tree(?:_.+)?_{_WEEK}",
    rf"jira_data_{{report}}_{_WEEK}",
    rf".+_{_WEEK}_team_report",
)
# A snapshot for another report: used only if the manifest names it.
_OTHER_REPORT = rf"jira_data_[^_]+_{_WEEK}"
# Files of one person, never of the team.
_ONE_PERSON = (rf"jira_data_1on1_.+_{_WEEK}", rf"by-assignee/.+_{_WEEK}_.+")


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A collected week, both days inclusive."""

    start: date
    end: date

    def __str__(self) -> str:
        """Return the week as in file names."""
        return f"{self.start}_to_{self.end}"


@dataclass(frozen=True, slots=True)
class SlackCapture:
    """A channel's sanitized messages of one week."""

    channel: Channel
    week: Week


def parse_week(start: str, end: str) -> Week:
    """Return a week from two `YYYY-MM-DD` texts.

    Raises:
        ImpossibleDateError: A text is not a date, or the start is after the end.
    """
    week = Week(iso_date(start), iso_date(end))
    if week.start > week.end:
        message = f"the week starts on {week.start}, after its end on {week.end}"
        raise ImpossibleDateError(message)
    return week


def parse_slack(
    name: str, text: str, configured: Week | None, looked_at: str = "the config"
) -> tuple[list[SlackCapture], list[Rejection]]:
    """Parse a sanitized Slack file. Its week is the range in its name, else in its first line.

    Args:
        name: The file's name.
        text: The decoded file.
        configured: The week to use if neither the name nor the first line has one.
        looked_at: The config files that were searched for a week, for the message.

    Returns:
        One capture, or none and the reason. Never raises.
    """
    stripped = text.strip(WHITE_SPACE)
    if not stripped:
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    stem = name.rpartition(".")[0]
    channel, days = _slack_title(_LINE_END.split(stripped[:_LONGEST_LINE], 1)[0])
    is_title = bool(days)
    if in_name := _SLACK_NAME.fullmatch(stem):
        channel = in_name["channel"]
    elif in_name := _SLACK_NAME_INSIDE.fullmatch(stem):
        channel = channel or in_name["channel"].rstrip("_ ([-")
    if in_name and (in_days := _known_days(in_name)):
        days, is_title = in_days, False
    try:
        week = parse_week(*days) if days else configured
    except ImpossibleDateError as error:
        blank = text[: text.index(stripped[0])]
        line_number = len(_LINE_END.findall(blank)) + 1 if is_title else None
        return [], [Rejection(Reason.IMPOSSIBLE_DATE, str(error), line_number)]
    if not week:
        detail = f"no week in the name, in the first line or in {looked_at}"
        return [], [Rejection(Reason.NO_WEEK, detail)]
    channel = SPACES.sub(" ", unescaped(channel or stem)).strip()
    return [SlackCapture(Channel(channel.lstrip("#").strip() or stem), week)], []


def _slack_title(line: str) -> tuple[str, tuple[str, str] | None]:
    """Return the channel and the days of `## Slack: {channel} ({start} → {end})`."""
    line = SPACES.sub(" ", unescaped(line).translate(_HYPHENS)).strip()
    title = _SLACK_TITLE.match(line)
    if not title:
        return "", None
    line = line.rstrip("# ")
    week = _TITLE_WEEK.search(line)
    channel = line[title.end() : week.start() if week else None].rstrip("([ ")
    return (channel if title["slack"] or title["plain"] else ""), (
        _known_days(week) if week else None
    )


def _known_days(match: re.Match[str]) -> tuple[str, str] | None:
    """Return the last two groups of a match; None if one of them is not a date."""
    start, end = match.groups()[-2:]
    return (start, end) if start[0].isdigit() and end[0].isdigit() else None


def jira_files(
    names: Iterable[str], week: Week, report: str, uploaded: Container[str] = ()
) -> list[str]:
    """Return the Jira files of a week, the best first.

    Args:
        names: Paths of the team's Jira files.
        week: The configured week.
        report: The report type of the run, for `jira_data_{report}_…`.
        uploaded: Paths in the upload manifest, which come first.

    Returns:
        The paths in order of preference, then by name.
    """
    forms = _forms(report)
    ranked = []
    for name in names:
        is_uploaded = name in uploaded
        known = [*forms, _form(_OTHER_REPORT)] if is_uploaded else forms
        rank = next((r for r, form in enumerate(known) if _week_of(name, form) == week), None)
        if rank is not None:
            ranked.append((not is_uploaded, rank, name))
    return [name for _, _, name in sorted(ranked)]


def no_jira(names: Iterable[str], week: Week, report: str) -> Rejection:
    """Return the rejection of a week without Jira, which names the other Jira files.

    Args:
        names: Paths of the team's Jira files, below the team's folder.
        week: The configured week.
        report: The report type of the run.
    """
    detail = f"no Jira file or JIRA_DATA of {week} that could be read"
    others = _other_jira_files(names, week, report)
    if others:
        rest = [f"{len(others) - _MOST_NAMED:,} more"] if len(others) > _MOST_NAMED else []
        detail += f"; there are {', '.join([*others[:_MOST_NAMED], *rest])}"
    return Rejection(Reason.NO_JIRA_FOR_WEEK, detail)


def _other_jira_files(names: Iterable[str], week: Week, report: str) -> list[str]:
    """Return files of other reports, people and weeks; files of `week` come first."""
    forms = [*map(_form, (_OTHER_REPORT, *_ONE_PERSON)), *_forms(report)]
    found = [
        (each != week, rank, name)
        for name in set(names)
        for rank, form in enumerate(forms)
        if (each := _week_of(name, form))
    ]
    return list(dict.fromkeys(name for _, _, name in sorted(found)))


def _forms(report: str) -> list[re.Pattern[str]]:
    return [_form(name.replace("{report}", re.escape(report))) for name in _JIRA_NAMES]


def _form(name: str) -> re.Pattern[str]:
    return re.compile(name, re.ASCII | re.IGNORECASE | re.DOTALL)


def _week_of(path: str, form: re.Pattern[str]) -> Week | None:
    """Return the week in a file's name; None if the name has another form."""
    parts = path.rpartition(".")[0].rsplit("/", 2)
    tail = "/".join(parts[-2:]) if form.pattern.startswith("by-") else parts[-1]
    match = form.fullmatch(tail)
    if match:
        try:
            return parse_week(*match.groups())
        except ImpossibleDateError:
            return None
    return None
