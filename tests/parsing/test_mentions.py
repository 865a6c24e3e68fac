from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.mentions import Mention, RefKind, parse_mentions, references_of_parts
from tests.support.project import ROOT

EXAMPLE = ROOT / "examples/orchestrator"
JIRA, PULL, URL = RefKind


def told(text: str) -> list[str]:
    return [f"{mention.ref_kind.name[0]} {mention.ref}" for mention in parse_mentions(text)]


def test_mentions_are_in_order() -> None:
    text = "Fixed #482 (ROCKS-214), see https://x.example/a and PR 395; #482 again"
    assert [
        Mention(1, PULL, "482"),
        Mention(2, JIRA, "ROCKS-214"),
        Mention(3, URL, "https://x.example/a"),
        Mention(4, PULL, "395"),
        Mention(5, PULL, "482"),
    ] == parse_mentions(text)
    assert parse_mentions(text) == parse_mentions(text.encode())


@pytest.mark.parametrize(
    "text",
    [
        *(
            "PR 395",
            "PR #395",
            "PR#395",
            "PR-395",
            "PR395",
            "pr 395",
            "PR: 395",
            "(#395)",
            "**#395**",
        ),
        *("pull/395", "acme/app/pull/395", "acme/app#395", "pull request 395", "Pull Request #395"),
        *(
            "merge request !395",
            "MR 395",
            "MR !395",
            "merge_requests/395",
            "#395.",
            "#395,",
            "#395: x",
        ),
        *(
            "修复#395を",
            "合并PR 395。",
            "[#395]",
            "PR 395-fix",
            "pr/395",
            "PR 395?",
            "fixes #395's bug",
        ),
    ],
)
def test_pull_requests(text: str) -> None:
    assert ["P 395"] == told(text)
    assert ["P 395"] == told(f"a {text} b")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "PR",
            "PRs",
            "#",
            "#0",
            "#012",
            "#fff",
            "#12ab",
            "&#39;",
            "&#8217;",
            "C#8",
            "page#12",
            "a/#4",
        ),
        *("PR 2.0", "PR 5%", "PR 10:30", "PR 10am", "SPR 12", "pull 12", "pullover/3", "spull/395"),
        *(
            "Day #2",
            "sprint #12",
            "the #1 reason",
            "## 12",
            "PR 2025-10-27",
            "#12345678",
            "channel #dev",
        ),
        *("#1.5", "issue-#2", "npr 12", "Mr 5"),
    ],
)
def test_no_pull_requests(text: str) -> None:
    assert [] == told(text)
    assert [] == told(f"a {text} b")


def test_several_pull_requests() -> None:
    assert ["P 395", "P 396", "P 397"] == told("PRs 395, 396 and 397")
    assert ["P 1", "P 2"] == told("PRs #1/#2")
    assert ["P 12"] == told("PR 12, 2025 was late")


@pytest.mark.parametrize(
    "text",
    [
        *("ROCKS-214", "[ROCKS-214]", "(ROCKS-214)", "ROCKS-214.", "ROCKS-214: x", "**ROCKS-214**"),
        *("feature/ROCKS-214-login", "#ROCKS-214", "修复ROCKS-214を", "ROCKS-214's", '"ROCKS-214"'),
    ],
)
def test_issues(text: str) -> None:
    assert ["J ROCKS-214"] == told(text)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "UTF-8",
            "SHA-256",
            "COVID-19",
            "ISO-8601",
            "GPT-4",
            "HTTP-2",
            "RFC-7231",
            "CVE-2025-1234",
        ),
        *(
            "UTC-8",
            "GMT-5",
            "OCT-27",
            "Q4-2025",
            "H1-2025",
            "FY25-1",
            "WEEK-44",
            "TOP-10",
            "SPRINT-3",
        ),
        *(
            "rocks-214",
            "A-1",
            "X-ROCKS-214",
            "ROCKS-0",
            "ROCKS-",
            "ROCKS-214a",
            "ROCKS-1.5",
            "AB-12-34",
        ),
        *("ROCKS_-", "aROCKS-214", "ROCKS -214", "27-OCT-2025", "BASE-64", "MP-3", "V2-1", "F-16"),
    ],
)
def test_no_issues(text: str) -> None:
    assert [] == told(text)
    assert [] == told(f"a {text} b")


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("see http://x.example/a_(b)?c=1#d, or", ["U http://x.example/a_(b)?c=1#d"]),
        ("<https://x.example>", ["U https://x.example"]),
        ("(https://x.example/a).", ["U https://x.example/a"]),
        ("**https://x.example/a**", ["U https://x.example/a"]),
        (
            "[a](https://x.example/a)[b](https://x.example/b)?",
            ["U https://x.example/a", "U https://x.example/b"],
        ),
        ("https://x.example/a。次", ["U https://x.example/a"]),
        ("https:// and http://.", []),
        ("ftp://x.example www.x.example", []),
        (
            "https://github.com/acme/app/pull/395/files",
            ["U https://github.com/acme/app/pull/395/files", "P 395"],
        ),
        (
            "https://gitlab.com/a/b/-/merge_requests/7",
            ["U https://gitlab.com/a/b/-/merge_requests/7", "P 7"],
        ),
        (
            "https://x.atlassian.net/browse/TC-363?a=b",
            ["U https://x.atlassian.net/browse/TC-363?a=b", "J TC-363"],
        ),
        (
            "https://x.net/board?selectedIssue=TC-3",
            ["U https://x.net/board?selectedIssue=TC-3", "J TC-3"],
        ),
        ("https://x.example/UTF-8/ROCKS-2/#482", ["U https://x.example/UTF-8/ROCKS-2/#482"]),
        ("[PR 2](https://x.example/pr/2)?", ["P 2", "U https://x.example/pr/2"]),
        ("[TC-3: it](https://x.net/browse/TC-3)", ["J TC-3", "U https://x.net/browse/TC-3"]),
        ("[here](https://x.net/browse/TC-3)", ["U https://x.net/browse/TC-3", "J TC-3"]),
        (
            "TC-3 [x](https://x.net/browse/TC-3)",
            ["J TC-3", "U https://x.net/browse/TC-3", "J TC-3"],
        ),
        ("https://x.example/" + "a" * 2000, []),
    ],
)
def test_urls(text: str, mentions: list[str]) -> None:
    assert mentions == told(text)


def test_every_reference_of_the_example_is_found() -> None:
    count = 0
    for path in sorted(Path(EXAMPLE, "daily-reports").rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        mentions = parse_mentions(text)
        assert text.count("(#") + text.count("(PR ") == len(mentions)
        assert {PULL} == {mention.ref_kind for mention in mentions}
        count += len(mentions)
    assert count > 300


REFS = {
    "PR 395": "P 395",
    "(#482)": "P 482",
    "ROCKS-214": "J ROCKS-214",
    "http://x.example/a": "U http://x.example/a",
}
WORDS = ["UTF-8", "wörd", "C#8", "10:30", "2025-10-27", "&#39;", "(a)", "day #3", "[b](c)", "it's"]


@given(st.lists(st.sampled_from([*REFS, *WORDS])), st.sampled_from([" ", "\n", ", ", " - "]))
def test_each_reference_counts_once_and_words_do_not(parts: list[str], between: str) -> None:
    assert [REFS[part] for part in parts if part in REFS] == told(between.join(parts))


PARTS = st.lists(st.sampled_from([*REFS, *WORDS, "PRs 1, 2", "day", "[a](https://x.example)"]))


@given(st.lists(PARTS.map(" ".join)))
def test_each_part_has_the_references_that_it_has_alone(parts: list[str]) -> None:
    alone = ["\n".join(f"{each.ref_kind} {each.ref}" for each in parse_mentions(p)) for p in parts]
    assert [lines or None for lines in alone] == references_of_parts(parts)


@given(st.text() | st.binary() | st.text(alphabet="ABpr#-/:.[]()0123 https"))
def test_any_text_is_parsed(text: str | bytes) -> None:
    mentions = parse_mentions(text)
    assert list(range(1, len(mentions) + 1)) == [mention.position for mention in mentions]
