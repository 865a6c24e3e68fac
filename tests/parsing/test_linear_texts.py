"""The parsers of what texts say take linear time, counted in steps as in test_linear.py."""

from collections.abc import Callable

import pytest

from tests.parsing.test_linear import DAY, MARKDOWN, check, counted, numbered
from tests.support.steps import Counted

__all__ = ["counted"]  # a fixture

_Form = Callable[[int], str]
REPORTS: dict[str, _Form] = {
    "items": lambda n: DAY + "- a\n" * n,
    "nested items": lambda n: DAY + "".join(f"{' ' * each}- a\n" for each in range(int(n**0.5))),
    "an item of many lines": lambda n: DAY + "- a\n" + "  b\n" * n,
    "an item of blank lines": lambda n: DAY + "- a\n" + "\n" * n + "  b",
    "a paragraph": lambda n: DAY + "a\n" * n,
    "indentation": lambda n: DAY + " \t" * n + "- a\n",
    "sections": lambda n: DAY + numbered("### {}\n- a\n", n),
    "empty sections": lambda n: DAY + numbered("### {}\n", n),
    "deep sections": lambda n: DAY + numbered("### a\n#### b\n##### {}\n###### c\n", n),
    "a long section": lambda n: DAY + "### " + "done " * n,
    "labels": lambda n: DAY + "Done: a\n**Today**\nb\n" * n,
    "a long label": lambda n: DAY + "**" + "done " * n + "**",
    "colons": lambda n: DAY + ":" * n + "\n" + "a:" * n,
    "projects": lambda n: DAY + "**Project**: a\n- b\n" * n,
    "underlines": lambda n: DAY + "\na\n---\n" * n,
    "rules": lambda n: DAY + "* " * n + "a\n" + "---\n" * n,
    "marks": lambda n: DAY + "- " + "-*_." * n + "a\n",
    "comments": lambda n: DAY + "<!--" * n,
    "closed comments": lambda n: DAY + "- " + "<!---->" * n + "a",
    "entries of a project": lambda n: DAY + "### A \N{EM DASH} b\n- c\n" * n,
    "closing marks": lambda n: DAY + "### a" + " #" * n,
}


@pytest.mark.parametrize("name", [*MARKDOWN, *REPORTS])
def test_report_entries(name: str, counted: Counted) -> None:
    parse = counted["loader.parsing.report_entries"].parse_entries
    check(counted, parse, {**MARKDOWN, **REPORTS}[name])
