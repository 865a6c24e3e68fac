"""Case 49: each parser and config reader takes linear time on hostile texts, counted in steps."""

import contextlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.support.regex_steps import steps
from tests.support.steps import Counted, assert_linear, counting

DASH = "\N{EM DASH}"
DAY = "## 2025-10-27\n"
EMPLOYEE = "**Employee**: Ana\n"


def numbered(form: str, count: int) -> str:
    """Return lines of equal length, each with its own number."""
    return "".join(map(form.format, range(1000, 1000 + count)))


def days(count: int, body: str = "x\n") -> str:
    """Return a third as many different days, because dates take many steps."""
    begin = date(2000, 1, 1).toordinal()
    return "".join(f"## {date.fromordinal(begin + each)}\n{body}" for each in range(count // 3))


def growing(sign: str, form: str, count: int) -> str:
    """Return about `count` characters of fences, each longer than the one before."""
    lengths = range(3, max(4, int((2 * count) ** 0.5)))
    return "".join(form.format(sign * length) for length in lengths)


def shrinking(sign: str, form: str, count: int) -> str:
    return "\n".join(reversed(growing(sign, form, count).split("\n")))


_Form = Callable[[int], str]
MARKDOWN: dict[str, _Form] = {
    "employees": lambda n: DAY + numbered("**Employee**: A{}\n", n),
    "one employee again": lambda n: DAY + "**Employee**: A\n" * n,
    "employees in the header": lambda n: numbered("**Employee**: A{}\n", n) + days(n),
    "employees without a name": lambda n: DAY + "**Employee**:\n" * n,
    "days": lambda n: EMPLOYEE + days(n),
    "days without a body": lambda n: EMPLOYEE + days(n, ""),
    "days of nobody": days,
    "one day again": lambda n: EMPLOYEE + f"{DAY}x\n" * n,
    "impossible days": lambda n: "## 2025-02-30\nx\n" * n,
    "different impossible days": lambda n: numbered("## {}-02-30\nx\n", n // 3),
    "headings before the first day": lambda n: numbered("## Week {}\n", n),
    "headings in a day": lambda n: DAY + EMPLOYEE + numbered("## Week {}\n", n),
    "subheadings": lambda n: DAY + numbered("### {}\n", n),
    "entries": lambda n: DAY + numbered(f"### A{{}} {DASH} x\n", n),
    "entries of one person": lambda n: DAY + f"### A {DASH} x\n" * n,
    "entries below much text": lambda n: (
        DAY + "x" * n + "\n" + numbered(f"### A{{}} {DASH} x\n", n)
    ),
    "dashes in an entry": lambda n: f"{DAY}### A" + f" {DASH}" * n,
    "dashes without blanks": lambda n: f"{DAY}### " + DASH * n,
    "a long subheading": lambda n: f"{DAY}### " + "a " * n,
    "a long heading": lambda n: "## " + "a " * n,
    "a long heading of digits": lambda n: "## " + "1" * n,
    "a heading of blanks": lambda n: "## " + " " * n + "x",
    "a long name": lambda n: f"{DAY}**Employee**: " + "a " * n,
    "a name of blanks": lambda n: f"{DAY}**Employee**: " + " \t" * 3 * n,
    "a name of marks": lambda n: f"{DAY}**Employee**: " + "*" * n,
    "a name of combining characters": lambda n: f"{DAY}**Employee**: a" + "\u0301\u0316" * n,
    "a name of separators": lambda n: f"{DAY}**Employee**: a" + "\u2028\u2003" * n + "b",
    "variants": lambda n: DAY + "Key: value\n" * n,
    "a long key": lambda n: DAY + "- **Employee" + "_" * n,
    "a long key of blanks": lambda n: f"{DAY}Employee" + " " * n + ":",
    "a long header": lambda n: "Key: value\n" * n + days(n),
    "a header of titles": lambda n: "# x\n" * n + days(n),
    "openers": lambda n: DAY + "```a\n~~~b\n<!--\n" * n,
    "fences": lambda n: DAY + "```a\nx\n```\n" * n,
    "comments": lambda n: DAY + "<!--\nx\n-->\n" * n,
    "one fence": lambda n: f"{DAY}```\n" + "## 2025-10-28\n" * n + "```\n",
    "growing fences": lambda n: DAY + growing("`", "{}\n", 8 * n),
    "shrinking fences": lambda n: DAY + shrinking("~", "{}a\n", 4 * n) + "~~~\n" * n,
    "shrinking fences, short closers": lambda n: (
        DAY + shrinking("`", "{}a\n", 4 * n) + "````\n" * n
    ),
    "growing fences, short closers": lambda n: DAY + growing("`", "{}a\n", 4 * n) + "```\n" * n,
    "ticks": lambda n: DAY + "`" * n,
    "ticks in each line": lambda n: DAY + f"{'`' * 9} a `\n" * n,
    "lists": lambda n: DAY + "- " * n + "```",
    "quotes": lambda n: DAY + "\n" + "> " * n + "~~~x",
    "list items with blanks": lambda n: DAY + "1." + " \t" * n + "```",
    "blanks": lambda n: DAY + " " * n,
    "blank lines": lambda n: DAY + " \n" * n,
    "stars": lambda n: DAY + "*" * n,
    "brackets": lambda n: DAY + "[(" * n,
    "carriage returns": lambda n: DAY + "\r" * n,
    "separators": lambda n: DAY + "\u2028" * n,
    "front matter": lambda n: "---\nkey: value\n---\n" * n,
    "titles": lambda n: "#" * n + " x",
    "a title of blanks": lambda n: "# " + " " * n,
    "titles of blanks": lambda n: "#  \n" * n,
    "titles of files": lambda n: EMPLOYEE + numbered("# Daily Reports\n**Employee**: A{}\n", n),
    "titles of files and days": lambda n: days(n, f"x\n# Daily Reports\n{EMPLOYEE}"),
    "titles of files in a day": lambda n: f"{DAY}x\n" + f"# Daily Reports\n{EMPLOYEE}" * n,
    "lines with a digit": lambda n: numbered("a line {}\n", n),
    "a duration of blanks": lambda n: "2025-10-27" + " \t" * n + "5 mins x",
    "days of a month": lambda n: (
        "## October 2025\n" + "".join(f"## Oct 1{each}\nx\n" for each in range(n // 3))
    ),
    "a Slack title of blanks": lambda n: "## Slack: " + " \t" * n + "x",
    "a Slack title of dates": lambda n: "## Slack: " + "2025-10-27 -> " * n,
    "a Slack title of escapes": lambda n: "## Slack: " + "\\_&" * n,
    "NUL": lambda n: DAY + "\0" * n,
    "days of level 1": lambda n: EMPLOYEE + days(n).replace("##", "#"),
    "days underlined": lambda n: EMPLOYEE + "\n2025-10-27\n---\nx\n" * n,
    "lone dates": lambda n: EMPLOYEE + "\n2025-10-27\n\nx\n" * n,
    "dates in quotes": lambda n: DAY + "> ## 2025-10-27\n" * n,
    "days without a year": lambda n: DAY + "x\n## Oct 28\ny\n" * n,
    "ranges": lambda n: "## October 27 - 31, 2025\n" * n + DAY,
    "dates in a heading": lambda n: f"{DAY}## x" + " 2025-10-27" * n,
    "connectors": lambda n: f"{DAY}## 2025-10-27" + " -" * n,
    "words before a date": lambda n: "## " + "monday, " * n + "2025-10-27\n",
    "tags before a date": lambda n: "## " + "<" * n + "2025-10-27\n",
    "no room": lambda n: DAY + "\u200b" * n + "## 2025-10-28\n",
    "open fences and days": lambda n: EMPLOYEE + f"{DAY}```js\n" * n,
    "open comments and days": lambda n: EMPLOYEE + f"{DAY}<!--\n" * n,
    "date lines": lambda n: "**Date:** x\n" * n,
    "a date line of blanks": lambda n: "Date" + " " * n + ":" + " " * n,
}


def quoted(text: str) -> str:
    return '"""' + text + '"""'


DATASOURCES: dict[str, _Form] = {
    "quotes": lambda n: '"' * n,
    "other quotes": lambda n: "'" * n,
    "open texts": lambda n: "'''\n" * n,
    "escaped quotes": lambda n: 'JIRA_DATA = """' + '\\"""' * n + '"""',
    "backslashes": lambda n: f"JIRA_DATA = {quoted('x' + chr(92) * 2 * n)}",
    "comments": lambda n: "#x\n" * n,
    "blanks": lambda n: " \n" * n,
    "projects": lambda n: "# datasource for  \n" * n,
    "a project of blanks": lambda n: "# datasource for" + " " * n,
    "generated": lambda n: "# generated on" + " \t" * n + "x",
    "statements": lambda n: "x = 1\n" * n,
    "blocks": lambda n: 'JIRA_DATA = ""\n' * n,
    "lines before the blocks": lambda n: "#\n" * n + f"JIRA_DATA = {quoted('x')}\n" * 3,
    "members": lambda n: 'X = {"members": [' + '"a",' * n + "]}",
    "dictionaries": lambda n: 'X = {"project": "x"}\n' * n,
    # Each of the three is longer than a literal may be.
    "a date of blanks": lambda n: 'X = {"date_range": "' + " " * 2 * n + 'x"}',
    "a range": lambda n: 'X = {"date_range": "' + "x" * 2 * n + ' to"}',
    "a moment": lambda n: 'X = {"generated_date": "' + "1" * 2 * n + '"}',
    "employees": lambda n: f"DAILY_REPORTS_DATA = {quoted(MARKDOWN['employees'](n))}",
    "brackets": lambda n: "(" * n,
    "signs": lambda n: "-" * n + "1",
    "f-texts": lambda n: 'f"{x}"' * n,
    "closers": lambda n: 'JIRA_DATA = """' + '\\"""\n' * n,
    "closers and a docstring": lambda n: 'JIRA_DATA = """' + '\\"""\n' * n + '"x": """',
    "texts in a dictionary": lambda n: "TRANSCRIPT_DATA_BY_DAY = {" + '"a": """x""",\n' * n,
    "texts that never end": lambda n: 'JIRA_DATA = """x\n' * n,
    "blanks before a name": lambda n: "\n" + " " * n + 'JIRA_DATA = """x"""' + "\n \n" * n,
    "annotations": lambda n: "JIRA_DATA:" * n,
    "literals": lambda n: 'X = {"name": "x"' * n,
    "names": lambda n: "X = {" + numbered('"name": "a{}",\n', n),
    "files": lambda n: f"DAILY_REPORTS_DATA = {quoted('# Daily Reports' + chr(10) + DAY * n)}",
    "many files": lambda n: (
        "DAILY_REPORTS_DATA = " + quoted(numbered("# Daily Reports\n**Employee**: A{}\n", n))
    ),
    "meetings": lambda n: f"FATHOM_TEXT = {quoted(numbered('# Transcript: {}.md' + chr(10), n))}",
    "a frame": lambda n: f"JIRA_DATA = {quoted('---' + chr(10)) * n}",
    "a frame of blanks": lambda n: f"JIRA_DATA = {quoted('# x' + ' ' * n + 'x')}",
}
CONFIGS: dict[str, _Form] = {
    "comments": lambda n: "{" + "/* " * n,
    "ended comments": lambda n: "{" + "/* */" * n,
    "line comments": lambda n: "{" + "// \n" * n,
    "slashes": lambda n: "{" + "/" * n,
    "quotes": lambda n: "{" + '"\\"' * n,
    "texts": lambda n: "{" + '"",' * n,
    "commas": lambda n: "{" + ", " * n,
    "commas and blanks": lambda n: "{" + ("," + " " * 30) * n,
    "blanks behind a comma": lambda n: "[1," + " \n" * n,
    "backslashes": lambda n: '{"' + "\\" * n,
    "braces": lambda n: '{"a":' * n,
    "nested lists": lambda n: "[" * n + "]" * n,
    "digits": lambda n: '{"a": ' + "1" * n + "}",
    "decimals": lambda n: '{"a": 1.' + "1" * n + "e9}",
    "keys": lambda n: "{" + numbered('"k{}": 1,', n) + "}",
    "slips": lambda n: '{"jira": {' + numbered('"start_dat{}": 1,', n) + "}}",
    "long slips": lambda n: '{"jira": {"' + "start_date" * n + '": 1}}',
    "people": lambda n: '{"mappings": {' + numbered('"A{}": "a b",', n) + "}}",
    "aliases": lambda n: '{"mappings": {"A": {"aliases": [' + numbered('"a {}",', n) + "]}}}",
    "an alias of blanks": lambda n: '{"mappings": {"A": "' + " \t" * n + 'x"}}',
    "a nested week": lambda n: '{"jira": {"start_date": ' + "[" * n + "]" * n + "}}",
    "a long week": lambda n: '{"jira": {"start_date": "' + "1" * n + '"}}',
}


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    with counting() as counted:
        yield counted


@pytest.mark.parametrize("name", MARKDOWN)
def test_49_markdown(name: str, counted: Counted) -> None:
    decoding = counted["loader.parsing.decoding"]
    transcripts = counted["loader.parsing.transcripts"]
    daily, weekly = counted["loader.parsing.daily_reports"], counted["loader.parsing.weekly"]

    def parse(text: str) -> None:
        data, _ = decoding.to_utf8(text.encode())
        daily.parse_daily_reports(data)
        transcripts.parse_transcript("x.md", data)
        weekly.parse_slack("x.md", text, None)

    assert_linear(counted, parse, MARKDOWN[name])


@pytest.mark.parametrize("name", DATASOURCES)
def test_49_datasources(name: str, counted: Counted) -> None:
    datasources, weekly = counted["loader.parsing.datasources"], counted["loader.parsing.weekly"]
    week = weekly.parse_week("2025-10-27", "2025-11-02")

    def parse(text: str) -> None:
        datasources.parse_datasource(text)
        datasources.parse_jira_data(text, week)

    assert_linear(counted, parse, DATASOURCES[name])


class _Files(dict[str, bytes]):
    """Write a workspace."""

    def read_bytes(self, path: str) -> bytes:
        if path in self:
            return self[path]
        raise FileNotFoundError


@pytest.mark.parametrize("name", CONFIGS)
def test_49_configs(name: str, counted: Counted) -> None:
    module = counted["loader.workspace.team_config"]

    def read(text: str) -> None:
        data = text.encode()
        mapping = "datasource-generator/team-name-mapping-rocks.json"
        workspace: Any = _Files({"configs/rocks/config.json": data, mapping: data})
        with contextlib.suppress(module.ConfigError):
            config = module.load_config(workspace, "rocks", "weekly")
            list(config.notes())
            config.week(module.JIRA_WEEK)

    assert_linear(counted, read, CONFIGS[name])


def test_49_manifests(counted: Counted, tmp_path: Path) -> None:
    module = counted["loader.blobs.manifest"]
    entry = {
        "pathname": "x",
        "url": "https://x.private.blob.vercel-storage.com/x",
        "checksum": "0" * 64,
    }

    def form(count: int) -> str:
        urls = [entry | {"localPath": f"jira/md_output/{each}/" * 3} for each in range(count)]
        return json.dumps({"jiraData": {"urls": urls}})

    def read(text: str) -> None:
        path = tmp_path / "uploads.json"
        path.write_text(text)
        manifest = module.load_manifest(path, "private")
        for name in manifest.paths:
            with pytest.raises(Exception, match="SHA-256"):
                manifest.find(name, b"x")

    assert_linear(counted, read, form)


NAMES: dict[str, _Form] = {
    "digits": lambda n: "1" * n,
    "separated digits": lambda n: "1-" * n,
    "blanks": lambda n: "1" + " " * n,
    "months": lambda n: "oct" * n,
    "months and gaps": lambda n: "oct-" * n,
    "a channel": lambda n: "a_2025-10-27" * n,
    "a channel of separators": lambda n: "a" + "_-" * n + "2025-10-27",
    "weeks": lambda n: "_2025-10-27_to_2025-11-02" * n,
}


@pytest.mark.parametrize("name", NAMES)
def test_49_file_names(name: str, counted: Counted) -> None:
    names, weekly = counted["loader.parsing.name_dates"], counted["loader.parsing.weekly"]
    week = weekly.parse_week("2025-10-27", "2025-11-02")

    def read(text: str) -> None:
        with contextlib.suppress(ValueError):
            names.name_date(text)
        with contextlib.suppress(ValueError):
            names.path_date(f"2025/{text}")
        names.period_of(text)
        weekly.parse_slack(f"{text}.md", "x", None)
        weekly.jira_files([f"epic_tree_{text}.md"], week, "weekly")
        weekly.no_jira([f"by-assignee/{text}.md", f"jira_data_{text}.md"], week, "weekly")

    assert_linear(counted, read, NAMES[name])


def test_quadratic_code_is_detected(counted: Counted) -> None:
    """The count grows with the size of lists, slices, searches and expressions."""
    steps_of = counted.steps
    items = [str(each) for each in range(300)]
    text = "x" * 300
    quadratic = {
        "a list": lambda: [steps_of.is_in(each, items) for each in items],
        "slices": lambda: [steps_of.part(text, slice(at, None)) for at in range(300)],
        "searches": lambda: [steps_of.call(text.count, "a", 0, at) for at in range(300)],
        "an expression": lambda: steps_of.call(re.compile("x+y").search, text),
        "nested repeats": lambda: steps_of.call(re.compile("(?:x|xx)*y").match, text[:12]),
    }
    for name, act in quadratic.items():
        assert counted.count(act) > (300 if name == "nested repeats" else 300 * 300 / 4), name


@pytest.mark.parametrize("name", ["x+y", "(?:x+)+y", r"x*x*y", r"(?:x|x)*y"])
def test_the_matcher_counts_what_backtracks(name: str) -> None:
    pattern = re.compile(name)
    few, many = (steps(pattern, "x" * n, range(n + 1), n) for n in (6, 12))
    assert many > 3 * few
