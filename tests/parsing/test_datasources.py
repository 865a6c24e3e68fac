from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.datasource_blocks import BLOCKS, find_blocks
from loader.parsing.datasources import Datasource, parse_datasource, parse_jira_data
from loader.parsing.dates import DateOrder
from loader.parsing.rejections import Reason, Rejection, Severity
from loader.parsing.text import WHITE_SPACE
from loader.parsing.weekly import Week

WEEK = Week(date(2025, 10, 27), date(2025, 11, 2))
QUOTES = '"""'


def escaped(text: str) -> str:
    """Escape a text as the generator does."""
    return text.replace(QUOTES, "\\" + QUOTES)


def block(name: str, text: str) -> str:
    return f"{name} = {QUOTES}{escaped(text)}{QUOTES}\n\n"


def parsed(source: str) -> tuple[Datasource, list[Rejection]]:
    found, notes = parse_datasource(source)
    assert found
    assert {Severity.REPAIRED} >= {note.reason.severity for note in notes}
    return found, notes


def texts(source: str) -> dict[str, str]:
    return {name: each.text for name, each in find_blocks(source)[0].items()}


def test_only_triple_quotes_are_unescaped() -> None:
    source = '# Generated\n\nJIRA_DATA = """\n  Path C:\\temp\\new \\"""x\\""" ä\n"""\n'
    assert ('Path C:\\temp\\new """x""" ä', []) == parse_jira_data(source, WEEK)


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_block_is_found_at_any_position(line_end: str) -> None:
    above = line_end.join(["# \f \u2028 ä", "X = 'ä\x0b'; y = 1", ""])
    source = f'{above}Ä = "ä"; JIRA_DATA = """ä{line_end}b"""; Z = "ä"{line_end}'
    assert (f"ä{line_end}b", []) == parse_jira_data(source, WEEK)


DOCSTRING = 'def info():\n    """Returns information."""\n    return {"name": "Ana Reyes"}\n'
OTHER_BLOCK = 'OTHER_DATA = """x"""\n'


@pytest.mark.parametrize("behind", ["", "\n" + DOCSTRING, OTHER_BLOCK, block("JIRA_TEXT", "next")])
@pytest.mark.parametrize(
    "text",
    [
        "C:\\Users\\ana",
        "C:\\xampp\\N{x}",
        "\\\\server\\share\\",
        "ends in C:\\",
        "ends in \\\\",
        "\\",
        'he said "hi"',
        'said ""',
        '"',
        f"{QUOTES}inline{QUOTES} stays",
        f"C:\\{QUOTES}x{QUOTES}",
        f"python:\n{QUOTES}\ndef f():\n    {QUOTES}doc{QUOTES}\n{QUOTES}\n",
        f"ends in quotes {QUOTES}",
        f"and a backslash {QUOTES}\n\\",
        f'JIRA_TEXT = {QUOTES}pasted{QUOTES}\nJIRA_TEXT = None\n"name": "Bo",',
        "it's # no comment (",
    ],
)
def test_the_text_is_what_the_generator_was_given(text: str, behind: str) -> None:
    source = block("DAILY_TEXT", text) + behind
    found = texts(source)
    assert found["DAILY_TEXT"] == text.strip()
    assert found.get("JIRA_TEXT", "next") == "next"
    if behind.endswith(DOCSTRING):
        assert parsed(source)[0].person == "Ana Reyes"


_TEXTS = st.text(alphabet="\"\\aé=:\n# '") | st.text()


@given(st.dictionaries(st.sampled_from(BLOCKS), _TEXTS, min_size=1))
def test_each_text_comes_back(given_texts: dict[str, str]) -> None:
    source = "".join(block(name, text) for name, text in given_texts.items()) + DOCSTRING
    blocks, beside = find_blocks(source)
    assert DOCSTRING in beside
    assert given_texts.keys() == blocks.keys()
    for name, text in given_texts.items():
        assert (text.strip(WHITE_SPACE), "") == (blocks[name].text, blocks[name].problem)


def test_an_annotated_block_is_a_block() -> None:
    assert parse_jira_data('JIRA_DATA: str = """x"""', WEEK) == ("x", [])


@pytest.mark.parametrize(
    "source",
    [
        "",
        "X = 1",
        "JIRA_DATA: str",
        "JIRA_DATA == x",
        '# JIRA_DATA = """old"""',
        'MY_JIRA_DATA = """x"""',
        'JIRA_DATA = """  """',
        'JIRA_DATA = ""',
        "JIRA_DATA = None",
        "JIRA_DATA = {}  # none",
    ],
)
def test_no_text_is_no_rejection(source: str) -> None:
    assert (None, []) == parse_jira_data(source, WEEK)


def test_a_datasource_of_another_week_is_not_taken() -> None:
    source = 'JIRA_DATA = """x"""\ndef f():\n    return {"date_range": "%s"}\n'
    assert parse_jira_data(source % "2025-10-27 to 2025-11-02", WEEK)[0] == "x"
    assert parse_jira_data(source % "2025-10-20 to 2025-10-26", WEEK) == (None, [])
    assert parse_jira_data(source % "Week 44", WEEK)[0] == "x"


@pytest.mark.parametrize(
    "source",
    [
        'JIRA_DATA = """x',
        "JIRA_DATA = open('/etc/passwd').read()",
        "JIRA_DATA = 'x'",
        'JIRA_DATA = f"""x"""',
        'JIRA_DATA = """a""" + "b"',
        'JIRA_DATA = {"a": "x"',
        "JIRA_DATA = (",
    ],
)
def test_a_malformed_block_is_not_jira_text_and_the_report_is_kept(source: str) -> None:
    text, rejections = parse_jira_data(f"\n{source}", WEEK)
    assert text is None
    assert [(Reason.BAD_DATASOURCE, 2)] == [(each.reason, each.line_number) for each in rejections]
    _, notes = parsed(f"\n{source}")
    assert (Reason.BAD_BLOCK, 2) == (notes[0].reason, notes[0].line_number)


def test_a_truncated_file_keeps_its_complete_blocks() -> None:
    found, notes = parsed(block("JIRA_DATA", "j") + 'DAILY_REPORTS_DATA = """**Employee**: Ana\nx')
    assert (["Ana"], ["daily_report", "jira_snapshot"]) == (found.members, found.sources)
    assert [(Reason.BAD_BLOCK, 3)] == [(note.reason, note.line_number) for note in notes]


@pytest.mark.parametrize(
    "code",
    [
        "def (",
        "(" * 100_000,
        'X = """' + '\\"' * 100_000,
        'X = f"""{[' + "0," * 10_000 + ']}"""',
        "X = 1" + "+1" * 60_000 + "+",
        "JIRA_TEXT = \0",
        "\ttabs\n  and blanks",
    ],
)
def test_unknown_code_loses_no_report(code: str) -> None:
    source = "# Generated on 11/3/2025, 9:14:02 AM\n" + block("JIRA_DATA", "j") + code
    found, _ = parsed(source)
    assert (["jira_snapshot"], 1) == (found.sources, len(found.generated_at))
    assert parse_jira_data(source, WEEK) == ("j", [])


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
    found, rejections = parsed(SOURCE)
    assert rejections == []
    assert [datetime(2026, 11, 22, 13, 28, 13, tzinfo=UTC)] == found.generated_at
    assert (None, "ROCKS") == (found.date_range, found.project)
    assert (["Ana Reyes", "Zoë Ng"], None) == (found.members, found.person)
    assert [("Zoë Ng", date(2025, 10, 27)), ("Ana Reyes", date(2025, 10, 28))] == found.days
    assert ["daily_report", "jira_snapshot"] == found.sources
    sizes = {"JIRA_DATA": 7, "DAILY_REPORTS_DATA": 137, "TRANSCRIPT_DATA": 0}
    assert sizes == found.block_sizes


ONE_ON_ONE = """DAILY_TEXT = \"\"\"# Daily Reports

**Employee**: Ana Reyes

## October 27, 2025

- a\"\"\"

JIRA_TEXT = \"\"\"\"\"\"

FATHOM_TEXT = \"\"\"# Transcript: sync 2025-10-27.md

## 0:00 - Ana
Hi\"\"\"

def get_team_member_info():
    return {
        "name": "Ana Reyes",
        "generated_date": "11/3/2025, 9:14:02 AM"
    }
"""
DASHBOARD = """# Dashboard Datasource for ROCKS
JIRA_DATA = \"\"\"No Jira data found.\"\"\"
SLACK_DATA = \"\"\"### Monday\n* 05:06 Ana: hi\"\"\"
TRANSCRIPT_DATA_BY_DAY = {
    "2025-10-27": \"\"\"# Transcript: a/sync.md
ends in C:\\\"\"\",
    "2025-10-28": "# Transcript: b.md\\n\\n## 0:00 - Bo",
    "2025-10-29": [],
}
TRANSCRIPTS_WITH_UNKNOWN_DATE = \"\"\"# Transcript: kickoff notes.md\nx\"\"\"
"""


def test_a_1on1() -> None:
    found, notes = parsed(ONE_ON_ONE)
    assert ("Ana Reyes", ["Ana Reyes"], []) == (found.person, found.members, notes)
    assert [("Ana Reyes", date(2025, 10, 27))] == found.days
    assert ["sync 2025-10-27.md"] == found.meetings
    assert ["daily_report", "meeting_transcript"] == found.sources
    assert [datetime(2025, 11, 3, 9, 14, 2, tzinfo=UTC)] == found.generated_at
    unnamed, _ = parsed(ONE_ON_ONE.replace('"name"', '"nickname"'))
    assert unnamed.person == "Ana Reyes"  # the only name in the blocks


def test_a_dashboard() -> None:
    found, notes = parsed(DASHBOARD)
    assert (["slack_capture", "meeting_transcript"], []) == (found.sources[::-1], notes)
    assert ["a/sync.md", "b.md", "kickoff notes.md"] == found.meetings
    assert (None, [], []) == (found.person, found.members, found.days)
    # A text without a known title counts by its days.
    assert [] == parsed(DASHBOARD + block("TRANSCRIPT_DATA", "t"))[0].meetings


FILE = "# Daily Reports\n\n**Employee**: {}\n\n## October 27, 2025\n\n- a\n\n---\n\n"
SUMMARY = "## Daily Reports Summary\n\n**Total Reports**: 0  \n**Unique Employees**: 5  \n\n---\n\n"


def test_everybody_in_the_blocks_is_a_member() -> None:
    """Each file of the block has its own header, and its days may name nobody."""
    names = ["Ana Reyes", "Bo Li", "Cy Ng"]
    source = block("DAILY_REPORTS_DATA", SUMMARY + "".join(map(FILE.format, names)))
    found, notes = parsed(source)
    assert (names, None, []) == (found.members, found.person, notes)
    assert [(name, date(2025, 10, 27)) for name in names] == found.days
    source += 'X = {"members": ["Dee", \'O"Neil\'], "name": "Ed", "name": "Flo"}'
    assert [*names, "Dee", "Ed", "Flo", 'O"Neil'] == parsed(source)[0].members


def test_days_are_read_in_the_order_of_the_teams_config() -> None:
    source = block("DAILY_REPORTS_DATA", FILE.format("Ana").replace("October 27,", "05/11/"))
    for order, day in ((None, date(2025, 5, 11)), (DateOrder.DMY, date(2025, 11, 5))):
        found, _ = parse_datasource(source.replace("/ 2025", "/2025"), order)
        assert found
        assert [("Ana", day)] == found.days


def test_days_that_are_not_certain_are_no_days() -> None:
    text = FILE.format("Ana") + FILE.format("Bo").replace("27", "32")
    found, _ = parsed(block("DAILY_REPORTS_DATA", text))
    assert (["Ana", "Bo"], []) == (found.members, found.days)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No daily reports found for this period.",
        "(none)",
        "N/A",
        SUMMARY.replace("5", "0"),
        "## JIRA Summary\n\n**Total Tickets**: 0\n\n### By Status\n\n---\n",
    ],
)
def test_a_block_without_data_is_no_source(text: str) -> None:
    found, notes = parsed(block("DAILY_REPORTS_DATA", text) + block("JIRA_DATA", text))
    assert ([], [Reason.BAD_BLOCK]) == (found.sources, [note.reason for note in notes])


@pytest.mark.parametrize("text", ["x", "- No blockers\n- y", "## [R-1] Title", "No x\nbut y"])
def test_a_block_with_data_is_a_source(text: str) -> None:
    assert ["jira_snapshot"] == parsed(block("JIRA_DATA", text))[0].sources


@pytest.mark.parametrize("words", ["Generated on", "Generated at", "Generated:"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_comments_count_with_any_line_end(line_end: str, words: str) -> None:
    lines = ("# Digest Datasource for R", "", f"  # {words} 11/3/2025, 9:14:02 AM ", "X = 1")
    found, _ = parsed(line_end.join(lines))
    moment = datetime(2025, 11, 3, 9, 14, 2, tzinfo=UTC)
    assert ("R", [moment]) == (found.project, found.generated_at)


def test_literals_win_over_comments() -> None:
    literals = """
def data():
    return {
        "generated_date": "2026-11-20T10:00:00+02:00",
        "date_range": "2025-10-27 to 2025-11-02",
        "project": "The "Rocks" C:\\x",
        "name": "The "Rocks" C:\\x"
    }
"""
    found, _ = parsed(SOURCE + literals)
    assert [datetime(2026, 11, 20, 8, tzinfo=UTC)] == found.generated_at
    assert (WEEK, 'The "Rocks" C:\\x') == (found.date_range, found.project)
    assert ["Ana Reyes", "Zoë Ng"] == found.members  # the project is not a name


def test_literals_within_a_text_are_ignored() -> None:
    found, _ = parsed(block("JIRA_DATA", '"project": "x",\n"date_range": "y",\n# Generated on z'))
    assert (None, None, []) == (found.project, found.date_range, found.generated_at)


def test_characters_that_no_database_stores_are_replaced() -> None:
    found, _ = parsed('X = {"project": "a\0b", "members": ["\ud800"]}')
    assert "a\ufffdb" == found.project


def test_a_blank_datasource_is_a_rejection() -> None:
    found, (rejection,) = parse_datasource("\ufeff \n")
    assert (None, Reason.EMPTY_FILE) == (found, rejection.reason)


def test_a_datasource_without_information() -> None:
    found, notes = parsed("X = 1")
    assert ([], None, None, [], []) == (
        found.generated_at,
        found.date_range,
        found.project,
        found.members,
        found.sources,
    )
    assert [Reason.BAD_BLOCK] == [note.reason for note in notes]


def test_the_unambiguous_one_of_several_times_counts() -> None:
    literal = 'X = {"generated_date": "05/11/2025, 13:24:39"}\n'
    source = block("JIRA_DATA", "j") + literal
    assert len(parsed(source)[0].generated_at) == 2
    found, notes = parsed("# Generated on 25/11/2025, 13:24:39\n" + source)
    assert ([datetime(2025, 11, 25, 13, 24, 39, tzinfo=UTC)], []) == (found.generated_at, notes)


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
def test_an_invalid_date_is_a_note_and_never_a_guess(literal: str) -> None:
    found, notes = parsed(SOURCE + f"X = {{{literal}}}")
    assert [Reason.BAD_LITERAL] == [note.reason for note in notes]
    assert found.date_range is None
    assert [datetime(2026, 11, 22, 13, 28, 13, tzinfo=UTC)] == found.generated_at


def test_a_comment_further_down_is_not_a_header() -> None:
    found, _ = parsed("X = 1\n# Generated on 11/22/2026\n")
    assert [] == found.generated_at


@given(st.text() | st.text(alphabet='#"\\=[]{}:,\n aJIRA_DT'))
def test_any_source_gives_data_or_a_reason(source: str) -> None:
    found, rejections = parse_datasource(source)
    rejected = [each for each in rejections if each.reason.severity is Severity.REJECTED]
    assert (found is None) == bool(rejected)
