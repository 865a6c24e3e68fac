from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.datasources import LARGEST_CODE, parse_datasource, parse_jira_data
from loader.parsing.rejections import Reason
from loader.parsing.weekly import Week

WEEK = Week(date(2025, 10, 27), date(2025, 11, 2))


def test_only_triple_quotes_are_unescaped() -> None:
    source = '# Generated\n\nJIRA_DATA = """\n  Path C:\\temp\\new \\"""x\\""" ä\n"""\n'
    assert ('Path C:\\temp\\new """x""" ä', []) == parse_jira_data(source, WEEK)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_block_is_found_wherever_it_stands(line_end: str) -> None:
    above = line_end.join(["# \f \u2028 ä", "X = 'ä\x0b'; y = 1", ""])
    source = f'{above}Ä = "ä"; JIRA_DATA = """ä{line_end}b"""; Z = "ä"{line_end}'
    assert (f"ä{line_end}b", []) == parse_jira_data(source, WEEK)


def test_code_is_bounded_and_texts_are_not() -> None:
    assert parse_jira_data('JIRA_DATA = """' + "x " * LARGEST_CODE + '"""', WEEK)[0]
    assert parse_jira_data("# it's\n" * (LARGEST_CODE // 2) + 'JIRA_DATA = """x"""', WEEK)[0] == "x"
    text, (rejection,) = parse_jira_data("x\n" * LARGEST_CODE + 'JIRA_DATA = """x"""', WEEK)
    assert (None, Reason.BAD_DATASOURCE) == (text, rejection.reason)


def test_an_annotated_block_is_a_block() -> None:
    assert parse_jira_data('JIRA_DATA: str = """x"""', WEEK) == ("x", [])


@pytest.mark.parametrize(
    "source",
    ["", "X = 1", "JIRA_DATA: str", 'JIRA_DATA = """  """', 'JIRA_DATA = ""', "JIRA_DATA = None"],
)
def test_no_text_is_no_rejection(source: str) -> None:
    assert (None, []) == parse_jira_data(source, WEEK)


def test_a_datasource_of_another_week_is_not_taken() -> None:
    source = 'JIRA_DATA = """x"""\ndef f():\n    return {"date_range": "%s"}\n'
    assert parse_jira_data(source % "2025-10-27 to 2025-11-02", WEEK)[0] == "x"
    assert parse_jira_data(source % "2025-10-20 to 2025-10-26", WEEK) == (None, [])


@pytest.mark.parametrize(
    "source",
    [
        'JIRA_DATA = """x',
        "JIRA_DATA = open('/etc/passwd').read()",
        "JIRA_DATA = 'x'",
        'JIRA_DATA = r"""x"""',
        'JIRA_DATA = """a""" + "b"',
        'JIRA_DATA = """a""" """b"""',
        "(" * 100_000,
        'X = """' + '\\"' * 100_000,  # these two take hours where a pattern tries again
        "# generated on" + " " * 100_000 + "\n(",
        'X = f"""{[' + "0," * LARGEST_CODE + ']}"""',
        'X = fR"{[' + "0," * LARGEST_CODE + ']}"',
        "X = " + "''\"\"" * LARGEST_CODE,
        "X = 1" + "+1" * 60_000 + "+",
        "JIRA_DATA = \0",
    ],
)
def test_what_cannot_be_read_is_a_rejection(source: str) -> None:
    text, rejections = parse_jira_data(source, WEEK)
    assert text is None
    assert [Reason.BAD_DATASOURCE] == [item.reason for item in rejections]


def test_nothing_is_ever_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    source = f'open({str(canary)!r}, "w")\nimport antigravity\nJIRA_DATA = """x"""\n'
    assert parse_jira_data(source, WEEK)[0] == "x"
    assert not canary.exists()


@given(st.text() | st.text().map('JIRA_DATA = """{}"""'.format))
def test_parsing_never_raises(source: str) -> None:
    parse_jira_data(source, WEEK)


SOURCE = '''# Weekly Digest Datasource for ROCKS
# Generated on 11/22/2026, 1:28:13 PM

JIRA_DATA = """jira ä"""
DAILY_REPORTS_DATA = """# Daily Reports

## October 27, 2025

**Employee**: Zoë Ng

- x

---

# Daily Reports

## October 28, 2025

**Employee**: Ana Reyes

- y
"""
'''


def test_the_comments_and_blocks_of_a_datasource() -> None:
    found, rejections = parse_datasource(SOURCE)
    assert found
    assert rejections == []
    assert datetime(2026, 11, 22, 13, 28, 13, tzinfo=UTC) == found.generated_at
    assert (None, "ROCKS") == (found.date_range, found.project)
    assert ["Ana Reyes", "Zoë Ng"] == found.members
    assert {"JIRA_DATA": 7, "TRANSCRIPT_DATA": 0} == {
        name: found.block_sizes[name] for name in ("JIRA_DATA", "TRANSCRIPT_DATA")
    }


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_comments_count_with_any_line_end(line_end: str) -> None:
    lines = ("# Digest Datasource for R", "", "  # Generated on 11/3/2025, 9:14:02 AM ", "X = 1")
    found, _ = parse_datasource(line_end.join(lines))
    assert found
    assert ("R", datetime(2025, 11, 3, 9, 14, 2, tzinfo=UTC)) == (found.project, found.generated_at)


def test_literals_win_over_comments() -> None:
    literals = """
def data():
    return {
        "generated_date": "2026-11-20T10:00:00+02:00",
        "date_range": "2025-10-27 to 2025-11-02",
        "project": "Rocks",
        "members": ["Bo", "Al", "Bo"],
    }
"""
    found, _ = parse_datasource(SOURCE + literals)
    assert found
    assert datetime(2026, 11, 20, 8, tzinfo=UTC) == found.generated_at
    assert (WEEK, "Rocks", ["Al", "Bo"]) == (found.date_range, found.project, found.members)


def test_what_no_database_stores_is_replaced() -> None:
    found, _ = parse_datasource(r'X = {"project": "a\0b", "members": ["\ud800"]}')
    assert found
    assert ("a\ufffdb", ["\ufffd"]) == (found.project, found.members)


def test_a_blank_datasource_is_a_rejection() -> None:
    found, (rejection,) = parse_datasource("\ufeff \n")
    assert (None, Reason.EMPTY_FILE) == (found, rejection.reason)


def test_a_datasource_that_says_nothing() -> None:
    found, rejections = parse_datasource("X = 1")
    assert found
    assert (None, None, None, [], []) == (
        found.generated_at,
        found.date_range,
        found.project,
        found.members,
        rejections,
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("11/22/2026, 1:28:13 AM", datetime(2026, 11, 22, 1, 28, 13, tzinfo=UTC)),
        ("11/22/2026, 12:00:00 AM", datetime(2026, 11, 22, tzinfo=UTC)),
        (
            "11/22/2026, 1:28:13\N{NARROW NO-BREAK SPACE}PM",
            datetime(2026, 11, 22, 13, 28, 13, tzinfo=UTC),
        ),
        ("November 22, 2026", datetime(2026, 11, 22, tzinfo=UTC)),
        ("11/22/2026, 23:28:13", datetime(2026, 11, 22, 23, 28, 13, tzinfo=UTC)),
        ("11/22/2026", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        ("2026-11-22T01:02:03Z", datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)),
    ],
)
def test_a_moment_in_every_form(text: str, moment: datetime) -> None:
    found, _ = parse_datasource(f"# Generated on {text}\nX = 1\n")
    assert found
    assert moment == found.generated_at


@pytest.mark.parametrize(
    "literal",
    [
        '"generated_date": "yesterday"',
        '"generated_date": "13/22/2026"',
        '"date_range": "Week 44"',
        '"date_range": "2025-02-30 to 2025-03-01"',
        '"date_range": "2025-11-02 to 2025-10-27"',
    ],
)
def test_what_is_no_date_is_a_rejection_and_never_a_guess(literal: str) -> None:
    found, rejections = parse_datasource(SOURCE + f"X = {{{literal}}}")
    assert found is None
    assert [Reason.IMPOSSIBLE_DATE] == [item.reason for item in rejections]


def test_a_comment_further_down_is_no_header() -> None:
    found, _ = parse_datasource("X = 1\n# Generated on 11/22/2026\n")
    assert found
    assert found.generated_at is None


@given(st.text() | st.text(alphabet='#"\\=[]{}:,\n aJIRA_DT'))
def test_any_source_gives_something_or_a_reason(source: str) -> None:
    found, rejections = parse_datasource(source)
    assert (found is None) == bool(rejections)
