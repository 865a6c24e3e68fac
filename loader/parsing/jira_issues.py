"""Parse the issues in a Jira file: an epic tree, a team report or Jira data."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from loader.parsing.markup import heading, lines_of, unescaped
from loader.parsing.person_names import person_name
from loader.parsing.references import ISSUE_KEY, is_issue_key
from loader.parsing.text import SPACES, WHITE_SPACE

_LONGEST = 4000  # characters of a line that are parsed
# `[ROCKS-214] Title`, `[ROCKS-214](https://…) Title`
_BRACKETS = re.compile(
    rf"[^\w\[]{{0,10}}\[(?P<key>{ISSUE_KEY})\](?:\((?P<url>[^()\s]{{1,2000}})\))?"
    r"[*_`]{0,3}[ :\u2013\u2014-]{0,5}(?P<summary>.*)",
    re.DOTALL,
)
# `ROCKS-214: Title`, `ROCKS-214`
_BARE = re.compile(
    rf"[^\w\[]{{0,10}}(?P<key>{ISSUE_KEY})[*_`]{{0,3}}"
    r"(?:[ ]{0,3}[:\u2013\u2014-][ ](?P<summary>.*))?",
    re.DOTALL,
)
_FIELD = re.compile(
    r"[ \t]{0,3}(?:[-*+][ ]{1,4})?(?:\*\*|__)(?P<name>[^*_:\n]{1,40})"
    r"(?::[ ]?(?:\*\*|__)|(?:\*\*|__)[ ]?:)(?P<value>.*)",
    re.DOTALL,
)
_LONG_TEXTS = frozenset({"description", "comments", "changelog", "history", "acceptance criteria"})
_RULE = re.compile(r"[ ]{0,3}-{3,}[ \t]*")
_KEY = re.compile(rf"(?<![A-Za-z0-9_-]){ISSUE_KEY}(?![A-Za-z0-9_])")
_LINK = re.compile(r"\[(?P<text>[^\[\]]{0,500})\]\((?P<url>[^()\s]{1,2000})\)")
_URL = re.compile(r"https?://[^\s<>()]{1,2000}")
_DISPLAY_NAME = re.compile(
    r"""["'](?:displayName|name)["'][ ]{0,3}:[ ]{0,3}(?P<quote>["'])(?P<name>.{1,300}?)(?P=quote)"""
)
_NAME_KEYS = ("displayName", "name", "emailAddress")
_NOTHING = frozenset({"", "none", "null", "undefined", "n/a", "na", "-", "unassigned", "unset"})


class Issue(NamedTuple):
    """An issue of a snapshot. Missing fields are None.

    Args:
        issue_key: The key, such as `ROCKS-214`.
        parent_key: The issue above it in the tree, or its stated parent.
        issue_type: The type as written, such as `Story`.
        status: The status as written.
        priority: The priority as written.
        assignee: The person's name, even if it is in JSON.
        summary: The title.
        url: The address of the issue.
    """

    issue_key: str
    parent_key: str | None = None
    issue_type: str | None = None
    status: str | None = None
    priority: str | None = None
    assignee: str | None = None
    summary: str | None = None
    url: str | None = None


def parse_issues(text: bytes | str) -> list[Issue]:
    """Parse a Jira file.

    Args:
        text: The file, or the text of `JIRA_DATA`.

    Returns:
        Each issue once, in order. If an issue occurs several times, the first value of each field
        wins. Never raises.
    """
    issues: dict[str, Issue] = {}
    for found in _File(lines_of(text)).issues():
        known = issues.get(found.issue_key)
        issues[found.issue_key] = _merged(known, found) if known else found
    return list(issues.values())


class _File:
    """A Jira file that is parsed line by line.

    Args:
        lines: The lines of the file.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._above: list[tuple[int, str]] = []  # level and key of the issues that are open
        self._fields: dict[str, str] = {}
        self._parent: str | None = None  # the parent issue in the tree
        self._is_read = False  # fields come before the issue's long texts
        self._has_text = False  # headings in a description are not part of the tree

    def issues(self) -> Iterator[Issue]:
        """Yield the issues, repeated ones included."""
        # Descriptions may be cut inside a fence, so fences must not hide an issue.
        for line in self._lines:
            if title := heading(line):
                if begun := _title(title.text):
                    yield from self._issue()
                    self._begin(title.level, begun)
                elif not self._has_text:
                    self._close(title.level)
                    self._is_read = False
            elif _RULE.fullmatch(line):
                self._is_read = self._has_text = False
            elif self._is_read:
                self._read(line)
        yield from self._issue()

    def _issue(self) -> Iterator[Issue]:
        """Yield the current issue."""
        if self._fields:
            issue = Issue(**self._fields)
            parent = issue.parent_key or self._parent
            yield issue._replace(parent_key=None if parent == issue.issue_key else parent)

    def _begin(self, level: int, fields: dict[str, str]) -> None:
        self._close(level)
        self._parent = self._above[-1][1] if self._above else None
        self._above.append((level, fields["issue_key"]))
        self._fields = fields
        self._is_read, self._has_text = True, False

    def _close(self, level: int) -> None:
        """Close the issues of a level and those below it."""
        while self._above and self._above[-1][0] >= level:
            self._above.pop()

    def _read(self, line: str) -> None:
        """Read a field, if the line is one; the first field of a name wins."""
        found = _FIELD.fullmatch(line[:_LONGEST])
        if not found:
            return
        name = found["name"].strip(WHITE_SPACE).lower()
        if name in _LONG_TEXTS:
            self._is_read, self._has_text = False, True
        elif name in _FIELDS:
            key, read = _FIELDS[name]
            if value := read(found["value"].strip(WHITE_SPACE)):
                self._fields.setdefault(key, value)


def _merged(first: Issue, second: Issue) -> Issue:
    """Return the first version of an issue, with its missing fields from the second one."""
    pairs = zip(first, second, strict=True)
    return Issue(*(known if known is not None else added for known, added in pairs))  # type: ignore[arg-type]


def _title(text: str) -> dict[str, str] | None:
    """Return the fields in the heading of an issue; None for another heading."""
    found = _BRACKETS.fullmatch(text[:_LONGEST]) or _BARE.fullmatch(text[:_LONGEST])
    if not found or (found.re is _BARE and not is_issue_key(found["key"])):
        return None
    summary = found["summary"] or ""
    if text.startswith(("*", "_")):  # the whole heading is bold
        summary = summary.rstrip("*_")
    fields = {"issue_key": found["key"], "summary": _plain(summary)}
    fields["url"] = found.groupdict().get("url")
    return {name: value for name, value in fields.items() if value}


def _plain(text: str) -> str | None:
    """Return a value without markup; None for a text such as `N/A`."""
    text = SPACES.sub(" ", unescaped(text)).strip(WHITE_SPACE)
    return None if text.strip("*_`()[]").lower() in _NOTHING else text


def _name(text: str) -> str | None:
    """Return a person's name, which may be in JSON."""
    text = text.replace('\\"', '"') if text.startswith('{\\"') else text
    if text.startswith("{"):
        text = _json_name(text)
    return person_name(text) if _plain(text) else None


def _json_name(text: str) -> str:
    try:
        person = json.loads(text)
    except (ValueError, RecursionError):
        found = _DISPLAY_NAME.search(text)
        return found["name"] if found else text
    names = [person.get(key) for key in _NAME_KEYS] if isinstance(person, dict) else []
    return next((name for name in names if isinstance(name, str)), "")


def _key(text: str) -> str | None:
    found = _KEY.search(text)
    return found[0] if found else None


def _url(text: str) -> str | None:
    if link := _LINK.search(text):
        return link["url"]
    found = _URL.search(text)
    return found[0] if found else None


# Each field by its names in files, with the function that parses its value.
_FIELDS: dict[str, tuple[str, Callable[[str], str | None]]] = {
    "status": ("status", _plain),
    "type": ("issue_type", _plain),
    "issue type": ("issue_type", _plain),
    "priority": ("priority", _plain),
    "assignee": ("assignee", _name),
    "assigned to": ("assignee", _name),
    "parent": ("parent_key", _key),
    "parent key": ("parent_key", _key),
    "epic": ("parent_key", _key),
    "epic link": ("parent_key", _key),
    "issue url": ("url", _url),
    "url": ("url", _url),
    "link": ("url", _url),
    "summary": ("summary", _plain),
}
