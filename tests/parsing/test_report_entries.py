import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.report_entries import Entry, parse_entries
from loader.parsing.report_sections import SectionKind, section_kind
from tests.support.project import ROOT

DONE, TODO, BLOCKER, OTHER = SectionKind
EXAMPLE = ROOT / "examples/orchestrator/daily-reports/md-output"


def test_a_report_of_the_orchestrator() -> None:
    content = (
        "## October 28, 2025\n\n**Employee**: Ana Reyes  \n**Project**: Rocks\n\n"
        "### Tasks Done\n\n- Reviewed **#482**\n- Fixed\n  two lines\n\n  - below\n\n"
        "### To Do\n\n- (none)\n\n### Blockers\n\nQA is out.\nUntil Friday.\n\n- N/A\n\n"
        "### Details\n\n- Project ID: 7\n"
    )
    assert [
        Entry("Rocks", "Tasks Done", DONE, 1, "Reviewed **#482**"),
        Entry("Rocks", "Tasks Done", DONE, 2, "Fixed\ntwo lines\n\n- below"),
        Entry("Rocks", "Blockers", BLOCKER, 3, "QA is out.\nUntil Friday."),
        Entry("Rocks", "Details", OTHER, 4, "Project ID: 7"),
    ] == parse_entries(content)
    assert parse_entries(content) == parse_entries(content.replace("\n", "\r\n").encode())


def test_entry_headings_give_the_project() -> None:
    content = (
        "## October 28, 2025\n\n### Ana Reyes — Tc\n\n### Done\n- a\n\n"
        "### Ana Reyes — Tc Mobile\n\n- b\n\n### Tasks — next\n\n- c"
    )
    assert [
        ("Tc", "Done", DONE, "a"),
        ("Tc Mobile", None, OTHER, "b"),
        ("next", None, OTHER, "c"),
    ] == told(content)


def test_a_dash_in_a_heading_is_not_a_project_if_the_employee_is_named() -> None:
    content = "## 2025-10-28\n**Employee**: Ana\n**Project**: Tc\n### Done — Tc Mobile\n- a"
    assert [("Tc", "Done — Tc Mobile", DONE, "a")] == told(content)


def test_project_lines_apply_from_their_position() -> None:
    content = "## 2025-10-28\nProject: A\n\n- a\n\n**Project:** B\n- b\n**Project**:\n- c"
    assert [("A", "a"), ("B", "b"), (None, "c")] == [
        (entry.project, entry.text) for entry in parse_entries(content)
    ]


def test_a_day_of_two_sections_begins_again() -> None:
    content = "## 2025-10-28\n**Project**: A\n### Done\n- a\n\n## 2025-10-28\n- b"
    assert [("A", "Done", DONE, "a"), (None, None, OTHER, "b")] == told(content)


@pytest.mark.parametrize(
    "heading",
    ["# 2025-10-28", "## Oct 28, 2025 - half day", "2025-10-28", "2025-10-28\n===", "### 10/28/25"],
)
def test_sections_are_deeper_than_the_day(heading: str) -> None:
    mark = "#" * (heading.partition(" ")[0].count("#") + 1)
    assert [(None, "Done", DONE, "a"), (None, "Log", OTHER, "b")] == told(
        f"{heading}\n\n{mark} Done\n- a\n{mark} Log\nb"
    )


def test_a_day_from_the_file_name() -> None:
    content = "# Daily Reports\n\n**Employee**: Ana\n**Generated**: x\n\n# Done\n\n- a\n# Log\nb"
    assert [(None, "Done", DONE, "a"), (None, "Log", OTHER, "b")] == told(content)


def test_lines_that_name_a_section() -> None:
    content = (
        "## 2025-10-28\n\nYesterday: fixed it\n**Today**\n- a\n**Blockers:** none\n**Notes**\nb\n\n"
        "### Tasks Done\nToday: c\n- d\n"
    )
    assert [
        (None, "Yesterday", DONE, "fixed it"),
        (None, "Today", TODO, "a"),
        (None, "Notes", OTHER, "b"),
        (None, "Tasks Done", DONE, "Today: c"),
        (None, "Tasks Done", DONE, "d"),
    ] == told(content)


def test_a_subsection_is_of_the_kind_around_it_unless_it_has_its_own() -> None:
    content = (
        "## 2025-10-28\n### Done\n#### Backend\n- a\n#### Issues\n- b\n### Rocks\n#### Plan\n- c"
    )
    assert [
        (None, "Backend", DONE, "a"),
        (None, "Issues", BLOCKER, "b"),
        (None, None, OTHER, "Rocks"),
        (None, "Plan", TODO, "c"),
    ] == told(content)


def test_a_heading_without_text_is_an_entry() -> None:
    content = "## 2025-10-28\n### Done: the login\n### To Do\n### Rocks\n### Log\n- N/A\n"
    assert [
        (None, None, DONE, "Done: the login"),
        (None, None, OTHER, "Rocks"),
    ] == told(content)


@pytest.mark.parametrize(
    "text",
    ["(none)", "N/A", "-", "None.", "n/a", "**none**", "—", "...", "<!-- write here -->", "[]", ""],
)
def test_no_entry(text: str) -> None:
    assert [] == parse_entries(f"## 2025-10-28\n### Done\n- {text}\n")
    assert [] == parse_entries(f"## 2025-10-28\n### Done\n\n{text}\n")


@pytest.mark.parametrize(
    ("block", "texts"),
    [
        ("- a\n  - b\n    c\n- d", ["a\n- b\n  c", "d"]),
        ("  * a\n  * b", ["a", "b"]),
        ("1. a\n2) b\n   - c\n\t- d", ["a", "b\n- c\n - d"]),
        ("• a\n• b", ["a", "b"]),
        ("- a\nlazy\n\nb", ["a\nlazy", "b"]),
        ("- a\n\n  b\n\n c", ["a\n\nb", "c"]),
        ("- [x] a\n- [ ] b", ["[x] a", "[ ] b"]),
        ("a\n- b\nc", ["a", "b\nc"]),
        ("> a\n> b", ["> a\n> b"]),
        ("| a | b |\n|---|---|\n| c | d |", ["| a | b |\n|---|---|\n| c | d |"]),
        ("```\n- a\n# b\n\nc\n```\nd", ["```\n- a\n# b\n\nc\n```", "d"]),
        ("- a\n  ```\n- b\n  ```\n- c", ["a\n```\n- b\n```", "c"]),
        ("- ```\n  x\n  ```", ["```\nx\n```"]),
        ("```\n- a", ["a"]),
        ("a\n***\nb\n\n---\n\nc", ["a", "b", "c"]),
        ("#482 is open", ["#482 is open"]),
        ("-a\n*b*", ["-a\n*b*"]),
        ("- a <!-- b -->", ["a <!-- b -->"]),
        ("-\u00a0a", ["a"]),
    ],
)
def test_texts_that_are_one_entry(block: str, texts: list[str]) -> None:
    assert texts == [entry.text for entry in parse_entries(f"## 2025-10-28\n### Done\n{block}\n")]


def test_no_fence_swallows_a_section() -> None:
    content = "## 2025-10-28\n### Done\n- a\n```\nb\n### To Do\n- c\n```sh\nd\n"
    assert [(DONE, "a\n```\nb"), (TODO, "c\n```sh\nd")] == [
        (entry.section_kind, entry.text) for entry in parse_entries(content)
    ]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (
            DONE,
            ["Tasks Done", "Done", "Yesterday", "Completed", "✅ Done:", "What I did yesterday"],
        ),
        (DONE, ["1. Done today", "Done - backend", "**DONE** (Rocks)", "Finished this week"]),
        (
            TODO,
            ["To Do", "Today", "Next", "Plan", "TODO", "To-Do's", "Plan for today", "Next steps"],
        ),
        (TODO, ["Tomorrow", "What's next?", "Today’s plan", "to do / next"]),
        (
            BLOCKER,
            ["Blockers", "Blocked", "Issues", "Impediments", "Blockers & risks", "🚧 Blocker"],
        ),
        (
            None,
            ["Details", "Not done", "Issues completed", "Abandoned", "", "12", "Plants", "x" * 999],
        ),
    ],
)
def test_kinds_of_sections(kind: SectionKind | None, names: list[str]) -> None:
    assert dict.fromkeys(names, kind) == {name: section_kind(name) for name in names}


def test_each_list_item_of_the_example_is_an_entry() -> None:
    count = 0
    for path in sorted(Path(EXAMPLE).rglob("*.md")):
        for report in parse_daily_reports(path.read_bytes(), path.name)[0]:
            items = re.findall(r"^- (?!\(none\))(.*)$", report.content.decode(), re.MULTILINE)
            assert items == [entry.text for entry in parse_entries(report.content)]
            count += len(items)
    assert count > 500


LINES = st.sampled_from(
    [
        *(
            "- {}",
            "  - {}",
            "* {}",
            "{}",
            "  {}",
            "    {}",
            "\t{}",
            "1. {}",
            "> {}",
            "{}: {}",
            "| {} |",
        ),
        *("# {}", "## {}", "### {}", "#### {}", "**{}**", "**{}:** {}", "Done: {}", "**Blockers**"),
        *(
            "",
            "",
            "---",
            "***",
            "===",
            "```",
            "~~~",
            "<!-- x -->",
            "### To Do",
            "- (none)",
            "\u00a0",
        ),
        *("## 2025-10-28", "### Ana — {}", "**Project**: {}", "- ```", "  {}: {}", "·{}", "{}  \r"),
    ]
)


@given(st.lists(LINES), st.booleans())
def test_no_text_is_lost_or_duplicated(forms: list[str], has_day: bool) -> None:  # noqa: FBT001
    words = iter(f"wörd{number}" for number in range(10_000))
    lines = [re.sub(r"\{\}", lambda _: next(words), form) for form in forms]
    content = "\n".join(["## October 28, 2025", "", "first"] * has_day + lines)
    entries = parse_entries(content)
    assert list(range(1, len(entries) + 1)) == [entry.position for entry in entries]
    assert all(entry.text.strip() == entry.text != "" for entry in entries)
    found = re.findall(r"wörd\d+", "\n".join(entry.text for entry in entries))
    assert sorted(set(found), key=found.index) == found
    assert sorted(found, key=content.index) == found
    names = {f"{entry.section} {entry.project}" for entry in entries}
    named = set(re.findall(r"wörd\d+", " ".join(names)))
    # Not entries: the title of a text without a day, a section that says "none", and a project
    # without a text.
    lost = [line for line in lines if not {*re.findall(r"wörd\d+", line)} <= {*found, *named}]
    titles = [line for line in lost if not re.match(r"### Ana|\*\*Project", line)]
    if not {"<!-- x -->", "- (none)"} & set(forms):
        assert len(titles) <= (0 if has_day else 1), titles


@given(st.text() | st.binary())
def test_any_text_is_parsed(content: str | bytes) -> None:
    for entry in parse_entries(content):
        assert entry.text


def told(content: str) -> list[tuple[str | None, str | None, SectionKind, str]]:
    return [
        (entry.project, entry.section, entry.section_kind, entry.text)
        for entry in parse_entries(content)
    ]
