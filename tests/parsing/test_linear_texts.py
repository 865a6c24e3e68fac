"""The parsers of contents take linear time, counted in steps as in test_linear.py."""

from collections.abc import Callable, Iterator

import pytest

from tests.support.steps import Counted, assert_linear, counting

DAY = "## 2025-10-27\n"


def numbered(form: str, count: int) -> str:
    """Return lines of equal length, each with its own number."""
    return "".join(map(form.format, range(1000, 1000 + count)))


_Form = Callable[[int], str]
# Texts on which a parser might be slow.
MARKDOWN: dict[str, _Form] = {
    "days": lambda n: numbered("## 2025-10-27 {}\na\n", n),
    "fences": lambda n: DAY + "```a\nx\n```\n" * n,
    "open fences": lambda n: DAY + "```a\n~~~b\n<!--\n" * n,
    "open fences and sections": lambda n: DAY + "```a\n### b\n<!--\n" * n,
    "growing fences": lambda n: (
        DAY + "".join(f"{'`' * (3 + each)}\n" for each in range(int((8 * n) ** 0.5)))
    ),
    "ticks": lambda n: DAY + "`" * n,
    "lists": lambda n: DAY + "- " * n,
    "quotes": lambda n: DAY + "> " * n,
    "blanks": lambda n: DAY + " " * n + "a",
    "blank lines": lambda n: DAY + " \n" * n,
    "stars": lambda n: DAY + "*" * n,
    "brackets": lambda n: DAY + "[(" * n,
    "carriage returns": lambda n: DAY + "\r" * n,
    "a title": lambda n: "#" * n + " a\n# a" + " " * n + "#" * n,
    "a name of combining characters": lambda n: DAY + "**Project**: a" + "\u0301\u0316" * n,
    "NUL": lambda n: DAY + "\0" * n,
}
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


CUE = "00:01.000 --> 00:02.000\n"
TRANSCRIPTS: dict[str, _Form] = {
    "headings": lambda n: "## 0:00 - Ana\na\n" * n,
    "headings of many people": lambda n: numbered("## 0:00 - A{}\na\n", n),
    "headings of nobody": lambda n: "## 0:00\na\n" * n,
    "other headings": lambda n: "## 0:00 - Ana\n" + "## a\n" * n,
    "a long name": lambda n: "## 0:00 - " + "Ana " * n,
    "a long turn": lambda n: "## 0:00 - Ana\n" + "a\n" * n,
    "brackets": lambda n: "[0:01] Ana: a\n" * n,
    "open brackets": lambda n: "[" * n + "\n" + "[0:01" * n,
    "bold": lambda n: "**Ana** (0:37): a\n" * n + "**" * n,
    "a bold name": lambda n: "**" + "Ana " * n + "** (0:37): a",
    "times behind": lambda n: "Ana  0:37\na\n" * n,
    "a name of blanks": lambda n: "Ana" + " " * n + "0:37",
    "times alone": lambda n: "0:01\na\n" * n,
    "times in a line": lambda n: "0:01 " * n,
    "clocks": lambda n: "0:" * n + "00:" * n,
    "digits": lambda n: "1" * n + ":00",
    "names": lambda n: "Ana: a\nBo: b\n" * n,
    "names of many people": lambda n: numbered("A{}: a\n", n),
    "colons": lambda n: ":" * n + "\n" + "A:" * n,
    "participants": lambda n: "## Participants\n" + numbered("- A{}\n", n),
    "participants in a line": lambda n: "Participants: " + numbered("A{}, ", n),
    "titles of participants": lambda n: "## Participants\nAna, Bo\n" * n,
    "links": lambda n: "## 0:00 - " + "[a](" * n + "\n" + "[a](b)" * n,
    "tags": lambda n: "## 0:00 - Ana\n" + "<b" * n + "<a " * n + "<br>" * n,
    "a long tag": lambda n: "## 0:00 - Ana\n<a " + " x" * n,
    "entities": lambda n: "## 0:00 - Ana\n" + "&" * n + "&amp;" * n + "&#" + "9" * n,
    "tools": lambda n: "view recording\n" * n + "a started" + " transcription" * n,
    "lengths": lambda n: "1 h " * n,
    "cues": lambda n: "WEBVTT\n\n" + f"1\n{CUE}Ana: a\n\n" * n,
    "cues without text": lambda n: CUE * n,
    "a long cue": lambda n: CUE + "a\n" * n,
    "blocks outside cues": lambda n: CUE + "a\n\n" * n,
    "voices": lambda n: CUE + "<v Ana>a" * n,
    "open voices": lambda n: CUE + "<v " * n + "\n<v" + " " * n,
    "arrows": lambda n: "-->" * n + "\n0:01 " + "-" * n + ">",
    "comments": lambda n: CUE + "NOTE a\n\n" * n,
    "quotes": lambda n: '1 "' * n + "\n" + CUE,
}

JIRA: dict[str, _Form] = {
    "issues": lambda n: "## [AB-1] a\n**Status**: b\n" * n,
    "different issues": lambda n: numbered("## [AB-1{}] a\n**Status**: b\n", n),
    "deep issues": lambda n: numbered("### [AB-1{0}] a\n#### [AC-1{0}] b\n## c\n", n),
    "fields": lambda n: "## [AB-1] a\n" + "**Status**: b\n" * n,
    "headings": lambda n: "## [AB-1] a\n**Description**: b\n" + "## c\n" * n,
    "a long title": lambda n: "## [AB-1] " + "a " * n,
    "brackets": lambda n: "## " + "[AB-1" * n + "\n## [AB-1](" + "(" * n,
    "dashes": lambda n: "## AB-1" + " -" * n + "\n## " + "AB-" * n,
    "a long key": lambda n: "## [" + "A" * n + "-1]\n## [AB-" + "1" * n,
    "an assignee in JSON": lambda n: "## [AB-1] a\n**Assignee**: {" + '"a": {' * n,
    "an assignee in quotes": lambda n: "## [AB-1] a\n**Assignee**: {" + "'name': '" * n,
    "a parent": lambda n: "## [AB-1] a\n**Parent**: " + "AB-" * n + "A" * n,
    "a link": lambda n: "## [AB-1] a\n**Link**: " + "[" * n + "](" * n + "http://" * n,
    "bold": lambda n: "## [AB-1] a\n" + "**" * n + ":",
    "escapes": lambda n: "## [AB-1] a\n**Status**: " + "\\_&" * n,
}

SLACK: dict[str, _Form] = {
    "messages": lambda n: "### 2025-10-27\n" + "* 05:06 Ana: a\n" * n,
    "replies": lambda n: "* 05:06 Ana: a\n" + "  * \u21b3 05:07 Bo: b\n" * n,
    "reactions": lambda n: "* 05:06 Ana: a\n" + "  * reactions: :a:x1\n" * n,
    "lines": lambda n: "* 05:06 Ana: a\n" + "  b\n" * n,
    "days": lambda n: "### 2025-10-27\n* 05:06 Ana: a\n" * n,
    "a long author": lambda n: "* 05:06 " + "A" * n + ": a",
    "replies of an author": lambda n: "* 05:06 A" + " (thread replies: 1)" * n,
    "colons": lambda n: "* 05:06 " + ":" * n,
    "times": lambda n: "* " + "05:06 " * n,
    "arrows": lambda n: "* 05:06 Ana: a\n" + "  * " + "-" * n + ">",
    "escapes": lambda n: "* 05:06 Ana: " + "\\_&amp" * n,
    "items": lambda n: "* " * n,
    "indentation": lambda n: "* 05:06 Ana: a\n" + "\t" * n + "* b",
}

MENTIONS: dict[str, _Form] = {
    "pull requests": lambda n: "PR 1 #2 pull/3\n" * n,
    "a list": lambda n: "PRs 1" + ", 2 and 3" * n,
    "hashes": lambda n: "#" * n + "#1" * n,
    "hashes in a word": lambda n: "a" * n + "#1" + "a#1" * n,
    "repositories": lambda n: "a/" * n + "a#1" + "a/b#1" * n,
    "hashes behind words": lambda n: "day #1" * n,
    "digits": lambda n: "PR " + "1" * n + " #" + "1" * n,
    "a long key": lambda n: "A" * n + "-1 AB-" + "1" * n,
    "keys": lambda n: "AB-" * n + " AB-1" * n,
    "underscores": lambda n: "A_" * n + "-1",
    "urls": lambda n: "https://a/b " * n,
    "urls in a row": lambda n: "https://a/b" * (n // 4),  # one URL, up to 2,000 characters
    "a long url": lambda n: "https://a/" + "pull/" * (n // 4) + "/browse/" * (n // 4),
    "a url that is too long": lambda n: "https://a/" + "pull/1" * 9 * n,
    "brackets in a url": lambda n: "https://a/" + "(" * n + " https://a/" + "(b)" * n,
    "the end of a url": lambda n: "https://a" + "." * n + " https://" * n,
    "links": lambda n: "[AB-1](https://a/browse/AB-1)" * n,
    "open links": lambda n: "[" * n + "a](https://a)" * n,
    "references in a link": lambda n: "[" + "#1 " * n + "](https://a/pull/1)" * n,
    "words": lambda n: "pull request " * n + "merge" * n,
}
WORDS: dict[str, _Form] = {
    "words": lambda n: "a b-c " * n,
    "a long word": lambda n: "a" * n,
    "a long word of a language": lambda n: "\u4f60" * n,
    "words of a language": lambda n: "\u00e9\ufb01 " * n,
    "marks of a letter": lambda n: "a" + "\u0316\u0301" * n,
    "quotes": lambda n: '"' * n,
    "dashes": lambda n: "-" * n + "a",
}


@pytest.fixture(scope="module")
def counted() -> Iterator[Counted]:
    with counting() as counted:
        yield counted


@pytest.mark.parametrize("name", WORDS)
def test_search_words(name: str, counted: Counted) -> None:
    module = counted["loader.parsing.search_words"]
    assert_linear(counted, module.search_text, WORDS[name])
    assert_linear(counted, lambda text: module.search_texts([text, *text.split()]), WORDS[name])


@pytest.mark.parametrize("name", [*MARKDOWN, *REPORTS])
def test_report_entries(name: str, counted: Counted) -> None:
    parse = counted["loader.parsing.report_entries"].parse_entries
    assert_linear(counted, parse, {**MARKDOWN, **REPORTS}[name])


@pytest.mark.parametrize("name", [*MARKDOWN, *TRANSCRIPTS])
def test_transcript_turns(name: str, counted: Counted) -> None:
    module = counted["loader.parsing.transcript_turns"]

    def parse(text: str) -> None:
        module.parse_participants(text, module.parse_turns("x.md", text))

    assert_linear(counted, parse, {**MARKDOWN, **TRANSCRIPTS}[name])


@pytest.mark.parametrize("name", [*MARKDOWN, *JIRA])
def test_jira_issues(name: str, counted: Counted) -> None:
    parse = counted["loader.parsing.jira_issues"].parse_issues
    assert_linear(counted, parse, {**MARKDOWN, **JIRA}[name])


@pytest.mark.parametrize("name", [*MARKDOWN, *SLACK])
def test_slack_messages(name: str, counted: Counted) -> None:
    parse = counted["loader.parsing.slack_messages"].parse_messages
    assert_linear(counted, parse, {**MARKDOWN, **SLACK}[name])


@pytest.mark.parametrize("name", [*MARKDOWN, *MENTIONS])
def test_mentions(name: str, counted: Counted) -> None:
    module = counted["loader.parsing.mentions"]

    def parse(text: str) -> None:
        module.parse_mentions(text)
        module.references_of_parts(text.split("\n"))

    assert_linear(counted, parse, {**MARKDOWN, **MENTIONS}[name])
