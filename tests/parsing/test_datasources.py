from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.datasources import parse_jira_data
from loader.parsing.weekly import Week
from loader.rejections import Reason

WEEK = Week(date(2025, 10, 27), date(2025, 11, 2))


def test_only_triple_quotes_are_unescaped() -> None:
    source = '# Generated\n\nJIRA_DATA = """\n  Path C:\\temp\\new \\"""x\\""" ä\n"""\n'
    assert ('Path C:\\temp\\new """x""" ä', []) == parse_jira_data(source, WEEK)


def test_an_annotated_block_is_a_block() -> None:
    assert parse_jira_data('JIRA_DATA: str = """x"""', WEEK) == ("x", [])


@pytest.mark.parametrize("source", ["", "X = 1", "JIRA_DATA: str", 'JIRA_DATA = """  """'])
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
