"""Case 40: properties of each parser for any bytes."""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from loader.parsing import (
    daily_reports,
    datasources,
    headings,
    jira_issues,
    mentions,
    report_entries,
    slack_messages,
    text,
    transcript_turns,
    transcripts,
    weekly,
)
from loader.parsing.decoding import decode, to_utf8
from loader.workspace import open_workspace
from loader.workspace.json_files import ConfigError
from loader.workspace.name_mapping import mapping_path, read_mapping
from loader.workspace.team_config import load_config

_WEEK = weekly.Week(date(2025, 10, 27), date(2025, 11, 2))
_SECTION = re.compile(rb"\n##[ \t]([^\n]*)")


def daily_report(data: bytes) -> None:
    """Check that each heading with a date is in a row, or named by a rejection or note."""
    content, _ = to_utf8(data)
    assert b"\0" not in content
    content.decode()
    rows, rejections = daily_reports.parse_daily_reports(content)
    assert rows or rejections
    assert len({(row.author_name, row.report_date) for row in rows}) == len(rows)
    assert all(row.author_name and row.content.decode() for row in rows)
    if not rows:
        return
    stored = {row.report_date for row in rows}
    named = {rejection.line_number for rejection in rejections}
    lines = text.searchable(content)
    for match in _SECTION.finditer(lines):
        number = lines.count(b"\n", 0, match.start() + 1)
        heading = headings.read_heading(match[1].decode())
        if heading.kind is headings.HeadingKind.DAY and number not in named:
            assert heading.certain is None or heading.certain in stored, f"line {number} is lost"


def transcript(data: bytes) -> None:
    """Split a name from a text at the first line feed."""
    name, _, content = decode(data)[0].partition("\n")
    rows, rejections = transcripts.parse_transcript(name, content.encode())
    assert rows or rejections
    assert all(row.transcript_text == content.encode() for row in rows)


def slack(data: bytes) -> None:
    """Split a name from a text at the first line feed."""
    name, _, content = decode(data)[0].partition("\n")
    rows, rejections = weekly.parse_slack(name, content, None)
    assert rows or rejections


def jira(data: bytes) -> None:
    """Split names, one per line."""
    names = sorted(set(decode(data)[0].split("\n")))
    found = weekly.jira_files(names, _WEEK, "weekly")
    assert set(found) <= set(names)
    assert len(set(found)) == len(found)


def datasource(data: bytes) -> None:
    source, _ = decode(data)
    found, rejections = datasources.parse_datasource(source)
    assert (found is None) == any(each.reason.severity == "rejected" for each in rejections)
    jira_text, rejections = datasources.parse_jira_data(source, _WEEK)
    assert jira_text is None or not rejections


def config(data: bytes) -> None:
    """Check for a week, none, or an error; and the same file as a mapping."""
    with TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        file = Path(folder, "configs/rocks/config.json")
        file.parent.mkdir(parents=True)
        file.write_bytes(data)
        mapping = Path(folder, mapping_path("rocks"))
        mapping.parent.mkdir()
        mapping.write_bytes(data)
        people = read_mapping(open_workspace(folder), "rocks").people
        assert all(person.full_name not in {"", *person.aliases} for person in people)
        with suppress(ConfigError):
            config = load_config(open_workspace(folder), "rocks", "weekly")
            assert all(note.detail for _, note in config.notes())
            config.week(("jira.start_date", "jira.end_date"))


def texts(data: bytes) -> None:
    """Check the contents of any text: bytes and text give the same."""
    for parse in (
        report_entries.parse_entries,
        partial(transcript_turns.parse_turns, "x.md"),
        partial(transcript_turns.parse_turns, "x.vtt"),
        slack_messages.parse_messages,
        mentions.parse_mentions,
        jira_issues.parse_issues,
    ):
        found = parse(data)
        assert found == parse(data.decode(errors="replace"))
        if found and not isinstance(found[0], jira_issues.Issue):
            assert [each.position for each in found] == [*range(1, len(found) + 1)]
    transcript_turns.parse_participants(data, transcript_turns.parse_turns("x.md", data))


PARSERS: dict[str, Callable[[bytes], None]] = {
    parser.__name__: parser
    for parser in (daily_report, transcript, slack, jira, datasource, config, texts)
}
"""Initial inputs for fuzzers, so that they need not find the words themselves."""
SEEDS: dict[str, list[str]] = {
    "daily_report": [
        "# Daily Reports\n\n**Employee**: Ana\n\n## October 27, 2025\n\n- x\n\n## 2025-10-28",
        "## 27 Oct 2025\r\n### Ana \N{EM DASH} Tc\r\n- x\r\n### Ben \N{EM DASH} Rocks\r\n- y\r\n",
        "Employee: Ana\n## February 30, 2025\nx\n```\n## 2025-10-27\n```\n<!--\n## 1/2/2025\n-->\n",
    ],
    "transcript": [
        "a 2025-10-27T14-00-00.md\n# x",
        "b.md\n```\n# 1\n```\n# Sync, October 27, 2025\n",
    ],
    "slack": [
        "g_2025-10-27_2025-11-02.md\nx",
        "e.md\n## Slack: g (2025-10-27 \N{RIGHTWARDS ARROW} 2025-11-02)",
    ],
    "jira": ["epic_tree_with_changelog_TC_2025-10-27_to_2025-11-02.md\nepic_tree_R.md"],
    "datasource": [
        '# Generated on 11/22/2026, 1:28:13 PM\nJIRA_DATA = """x\\n"""\nREPORT = {"a": "b"}\n',
        'JIRA_DATA: str = f"""{x}"""\nDAILY_REPORTS_DATA = """## October 27, 2025\n- x\n"""\n',
    ],
    "texts": [
        "## 2025-10-27\n### Done\n- a\n  - b\n\n**Project**: x\nBlockers: c\n<!-- -->\n---\n",
        "## 0:00 - Ana\nHi &amp; <b>bye</b>\n[0:01] Bo: x\n00:01.000 --> 00:02.000\n<v Ana>y</v>\n",
        '## [AB-1](https://x/browse/AB-1) x\n**Status**: y\n**Assignee**: {"name": "z"}\n---\n',
        "### 2025-10-27\n* 05:06 Ana (1 reply): PRs 1, 2\n  * \u21b3 05:07 Bo: #3 pull/4\n",
    ],
    "config": ['{"jira": {"start_date": "2025-10-27", /* x */ "end_date": "2025-11-02",}} // y'],
}
