import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.parsing.jira_issues import Issue, parse_issues
from tests.support.project import ROOT

EXAMPLE = ROOT / "examples/orchestrator/jira/md_output"
TREE = """# Epic Tree - ROCKS

**Project**: ROCKS
**Date Range**: 2025-10-27 to 2025-11-02

## [ROCKS-214](https://example.atlassian.net/browse/ROCKS-214) Epic &amp; more

**Status**: In Progress
**Assignee**: Ana Reyes

### Children

#### [ROCKS-538] Child: \\[draft\\]

**Type**: Story
**Status**: Done

**Description**:
## Goal
**Status**: not this one
```
open

---

##### [ROCKS-539] Subtask

**Type**: Sub-task

#### [ROCKS-176] Child

**Status**: To Do
**Assignee**: Unassigned
```

---

## Without an epic

#### [ROCKS-900] Orphan

**Parent**: [ROCKS-1](https://example.atlassian.net/browse/ROCKS-1)

## [ROCKS-553] Epic

### Children

#### [ROCKS-538] Child

**Priority**: High
**Status**: To Do
"""


def test_the_tree_gives_the_parents() -> None:
    assert [
        Issue(
            "ROCKS-214",
            status="In Progress",
            assignee="Ana Reyes",
            summary="Epic & more",
            url="https://example.atlassian.net/browse/ROCKS-214",
        ),
        Issue("ROCKS-538", "ROCKS-214", "Story", "Done", "High", None, "Child: [draft]"),
        Issue("ROCKS-539", "ROCKS-538", "Sub-task", summary="Subtask"),
        Issue("ROCKS-176", "ROCKS-214", status="To Do", summary="Child"),
        Issue("ROCKS-900", "ROCKS-1", summary="Orphan"),
        Issue("ROCKS-553", summary="Epic"),
    ] == parse_issues(TREE)
    assert parse_issues(TREE) == parse_issues(TREE.replace("\n", "\r\n").encode())


REPORT = """# Team Report - timeclock

### By Team Member

- **{"displayName": "小龍 李"}**: 3 tickets (50.0%)

## Tickets by Status

### To Do (1)

**{"displayName": "Ana Dela Cruz"}** (1 tickets)

#### [TC-363] Investigated login redirect

**Issue URL**: [TC-363](https://example.atlassian.net/browse/TC-363)
**Type**: Bug
**Status**: To Do
**Priority**: High
**Assignee**: {"displayName": "Ana Dela Cruz"}
**Reporter**: {"displayName": "PM"}

---
"""


def test_a_team_report_names_the_assignee_in_json() -> None:
    assert [
        Issue(
            *("TC-363", None, "Bug", "To Do", "High", "Ana Dela Cruz"),
            *("Investigated login redirect", "https://example.atlassian.net/browse/TC-363"),
        )
    ] == parse_issues(REPORT)


@pytest.mark.parametrize(
    ("written", "assignee"),
    [
        ("Ana Reyes  ", "Ana Reyes"),
        ("**Ana Reyes**", "Ana Reyes"),
        ("[Ana Reyes](https://example.atlassian.net/people/1)", "Ana Reyes"),
        ("O&#39;Neil", "O'Neil"),
        ('{"displayName": "Jérôme D\'Angelo", "accountId": "1"}', "Jérôme D'Angelo"),
        ('{"name": "ana", "active": true}', "ana"),
        ('{"emailAddress": "ana@example.com"}', "ana@example.com"),
        ("{'displayName': \"O'Neil\"}", "O'Neil"),
        ('{"displayName": "Ana Re', '{"displayName": "Ana Re'),
        ('{"displayName": null}', None),
        ("{}", None),
        ("Unassigned", None),
        ("(none)", None),
        ("", None),
        ("undefined", None),
        ('{"a": ' * 3000, None),
        ("1" * 300, None),
    ],
)
def test_assignees(written: str, assignee: str | None) -> None:
    (issue,) = parse_issues(f"## [A-1] x\n**Assignee**: {written}\n".replace("A-1", "AB-1"))
    assert assignee == issue.assignee


@pytest.mark.parametrize(
    ("heading", "issues"),
    [
        ("## [ROCKS-1] Title ##", [("ROCKS-1", "Title")]),
        ("# **[ROCKS-1]** Title", [("ROCKS-1", "Title")]),
        ("# **[ROCKS-1] Title**", [("ROCKS-1", "Title")]),
        ("###### ROCKS-1: Title", [("ROCKS-1", "Title")]),
        ("## 🐛 ROCKS-1 - Title", [("ROCKS-1", "Title")]),
        ("## `ROCKS-1`", [("ROCKS-1", None)]),
        ("## [UTF-8] Title", [("UTF-8", "Title")]),
        ("## UTF-8: Title", []),
        ("## ROCKS-1 is late", []),
        ("## About [ROCKS-1]", []),
        ("## [rocks-1] Title", []),
        (
            "## [ROCKS-1](https://x.example/a b) Title",
            [("ROCKS-1", "(https://x.example/a b) Title")],
        ),
        ("[ROCKS-1] Title", []),
    ],
)
def test_headings_of_issues(heading: str, issues: list[tuple[str, str | None]]) -> None:
    found = parse_issues(f"{heading}\n\n**Status**: Done\n")
    assert issues == [(issue.issue_key, issue.summary) for issue in found]


def test_each_issue_of_the_example_is_there_with_its_fields() -> None:
    count = 0
    for path in sorted(Path(EXAMPLE).rglob("*.md")):
        text = path.read_text(encoding="utf-8")
        issues = parse_issues(text)
        keys = re.findall(r"^#+ \[([A-Z]+-\d+)\]", text, re.MULTILINE)
        assert list(dict.fromkeys(keys)) == [issue.issue_key for issue in issues]
        assert all(issue.status and issue.summary for issue in issues)
        is_tree = path.name.startswith("epic_tree")
        assert all(
            (issue.parent_key is not None) == (is_tree and "Child" in str(issue.summary))
            for issue in issues
        )
        assert is_tree or all(issue.assignee and issue.priority and issue.url for issue in issues)
        count += len(issues)
    assert count == 24


FIELDS = st.lists(
    st.sampled_from(["Status", "Type", "Priority", "Assignee", "Reporter", "Description"]),
    unique=True,
)


@given(st.lists(st.tuples(st.integers(2, 6), FIELDS), max_size=6))
def test_fields_of_an_issue_are_not_anothers(written: list[tuple[int, list[str]]]) -> None:
    names = {
        "Status": "status",
        "Type": "issue_type",
        "Priority": "priority",
        "Assignee": "assignee",
    }
    text, expected, above = "# Epic Tree\n", [], list[tuple[int, str]]()
    for number, (level, fields) in enumerate(written, 1):
        key = f"ROCKS-{number}"
        text += f"{'#' * level} [{key}] Title {key}\n\n"
        text += "".join(f"**{field}**: {field} of {key}  \n" for field in fields) + "\n---\n"
        above = [each for each in above if each[0] < level]
        told = fields[: fields.index("Description")] if "Description" in fields else fields
        values = {names[field]: f"{field} of {key}" for field in told if field in names}
        parent = above[-1][1] if above else None
        expected.append(Issue(key, parent, summary=f"Title {key}", **values))
        above.append((level, key))
    assert expected == parse_issues(text)


@given(st.text() | st.binary() | st.lists(st.sampled_from(TREE.splitlines())).map("\n".join))
def test_any_text_is_parsed(text: str | bytes) -> None:
    keys = [issue.issue_key for issue in parse_issues(text)]
    assert sorted(set(keys)) == sorted(keys)
