"""Weekly files, stored by reference: which week and channel they are of, and which one is best."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from loader.parsing.dates import ImpossibleDateError, iso_date
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import SPACES, WHITE_SPACE
from loader.parsing.values import Channel

_DATE = r"(\d{4}-\d{2}-\d{2})"
_LINE_END = re.compile("[\r\n]")
_SLACK_NAME = re.compile(rf"(?P<channel>.+)_{_DATE}_{_DATE}", re.ASCII | re.DOTALL)
_SLACK_TITLE = re.compile(
    rf"##[ \t]+Slack:[ \t]*(?P<channel>[^\n]*?)[ \t]*\([ \t]*{_DATE}[ \t]*(?:\N{{RIGHTWARDS ARROW}}"
    rf"|->|to)[ \t]*{_DATE}[ \t]*\)[ \t]*",
    re.ASCII,
)
# In order of preference (docs/workspace.md); {report} stands for the report type of the run.
_JIRA_NAMES = (
    rf"epic_tree_with_changelog_.+_{_DATE}_to_{_DATE}",
    rf"epic_tree_.+_{_DATE}_to_{_DATE}",
    rf"jira_data_{{report}}_{_DATE}_to_{_DATE}",
    rf".+_{_DATE}_to_{_DATE}_team_report",
)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """A collected week, both days inclusive."""

    start: date
    end: date

    def __str__(self) -> str:
        """As it stands in file names."""
        return f"{self.start}_to_{self.end}"


@dataclass(frozen=True, slots=True)
class SlackCapture:
    """A channel's sanitized messages of one week."""

    channel: Channel
    week: Week


def parse_week(start: str, end: str) -> Week:
    """A week from two `YYYY-MM-DD`.

    Raises:
        ImpossibleDateError: One is no date, or the start is after the end.
    """
    week = Week(iso_date(start), iso_date(end))
    if week.start > week.end:
        message = f"the week starts on {week.start}, after its end on {week.end}"
        raise ImpossibleDateError(message)
    return week


def parse_slack(
    name: str, text: str, configured: Week | None
) -> tuple[list[SlackCapture], list[Rejection]]:
    """What a sanitized Slack file holds.

    Args:
        name: The file's name.
        text: The decoded file.
        configured: The week to take where neither the name nor the first line has one.

    Returns:
        One capture, or none and the reason. Never raises.
    """
    if not text.strip(WHITE_SPACE):
        return [], [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    stem = name.rpartition(".")[0]
    first_line = _LINE_END.split(text[:1000], 1)[0].rstrip(WHITE_SPACE)
    in_name, in_title = _SLACK_NAME.fullmatch(stem), _SLACK_TITLE.fullmatch(first_line)
    match = in_name or in_title
    channel = SPACES.sub(" ", match["channel"]).strip() if match else ""
    try:
        week = parse_week(match[2], match[3]) if match else configured
    except ImpossibleDateError as error:
        line_number = None if in_name else 1
        return [], [Rejection(Reason.IMPOSSIBLE_DATE, str(error), line_number)]
    if not week:
        detail = "no week in the name, in the first line or in the config"
        return [], [Rejection(Reason.NO_WEEK, detail)]
    return [SlackCapture(Channel(channel or stem), week)], []


def jira_files(names: Iterable[str], week: Week, report: str) -> list[str]:
    """The Jira files of a week, the best first.

    Args:
        names: Paths of the team's Jira files; only their last part counts.
        week: The configured week.
        report: The report type of the run, for `jira_data_{report}_…`.

    Returns:
        Those of that week, in order of preference, then of path.
    """
    forms = [re.compile(form.replace("{report}", re.escape(report))) for form in _JIRA_NAMES]
    ranked = [
        (rank, name)
        for name in names
        if (rank := _jira_rank(name.rpartition("/")[2].rpartition(".")[0], week, forms)) is not None
    ]
    return [name for _, name in sorted(ranked)]


def _jira_rank(stem: str, week: Week, forms: list[re.Pattern[str]]) -> int | None:
    for rank, form in enumerate(forms):
        match = form.fullmatch(stem)
        if match and match.groups() == (str(week.start), str(week.end)):
            return rank
    return None
