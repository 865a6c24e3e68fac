"""What a text refers to: Jira issues, pull requests and URLs.

What counts, and what only looks like it: docs/workspace.md, "What the texts say".
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from loader.parsing.references import ISSUE_KEY, is_issue_key

_LONGEST_URL = 2000
_LONGEST_LINK_TEXT = 300
_LONGEST_REPOSITORY = 140
_LONGEST_WORD = 20
_NUMBER = r"[1-9][0-9]{0,6}(?![A-Za-z0-9_%]|[.:][0-9]|-[0-9]{2}-[0-9]{2})"
_START = r"(?<![A-Za-z0-9_])"  # other letters may touch: some scripts write without spaces
_PATHS = "pull|pulls|pull-requests|pullrequest|merge_requests|pr|prs"
_REFERENCE = re.compile(
    r"(?P<url>[Hh]ttps?://(?:[^\s<>\"`()\[\]{}|\\^\u3000-\u303f\uff00-\uffef]"
    r"|\([^\s()<>]{0,200}\))++)"
    rf"|{_START}(?P<word>[Pp][Rr]s?|PRS|MRs?|[Pp]ull[ -][Rr]equests?|[Mm]erge[ -][Rr]equests?)"
    rf"(?:[ ]?[#!]|[ :-]{{0,2}})(?P<request>{_NUMBER})"
    rf"|{_START}(?i:{_PATHS})/(?P<path>{_NUMBER})"
    rf"|#(?P<hash>{_NUMBER})"
    rf"|(?<![A-Za-z0-9_-])(?P<issue>{ISSUE_KEY})(?![A-Za-z0-9_]|[-.][0-9])"
)
# "PRs 395, 396 and 397"
_MORE = re.compile(rf"[ ]?(?:,|&|/|and|or|und|y|et)(?:[ ](?:and|or))?[ ]?#?(?P<request>{_NUMBER})")
_URL_OF_REQUEST = re.compile(rf"/(?i:{_PATHS})/(?P<number>[1-9][0-9]{{0,6}})(?![A-Za-z0-9_])")
_URL_OF_ISSUE = re.compile(
    rf"(?:/browse/|/issues?/|[?&](?:selectedIssue|issueKey|key)=)(?P<issue>{ISSUE_KEY})(?![A-Za-z0-9_])"
)
_BEHIND_URL = ".,;:!?'*_~\u2019\u201d\u2026"  # what is no part of it at its end
# A number with one of these before it counts something else: "Day #2".
_COUNTED = re.compile(
    r"(?:day|week|month|sprint|step|phase|part|round|room|line|page|chapter|slide|question|option"
    r"|number|version|level|item|no\.?|top|rank|place)[ ]?\Z",
    re.IGNORECASE,
)
_RANKED = re.compile(r"(?:the|our|my|a)[ ]\Z", re.IGNORECASE)  # "the #1 reason", not "the #482 fix"
_REPOSITORY = re.compile(r"(?<![\w./-])[A-Za-z0-9][\w.-]{0,38}/[\w.-]{1,100}\Z")


class RefKind(StrEnum):
    """What a mention refers to."""

    JIRA_ISSUE = "jira_issue"
    PULL_REQUEST = "pull_request"
    URL = "url"


class Mention(NamedTuple):
    """A reference in a text.

    Args:
        position: Its place among the text's references, from 1.
        ref_kind: What it refers to.
        ref: The issue's key, the pull request's number, or the URL.
    """

    position: int
    ref_kind: RefKind
    ref: str


def parse_mentions(text: bytes | str) -> list[Mention]:
    """Find what a text refers to.

    Args:
        text: Any text.

    Returns:
        Each reference, in order, as often as it is there. The URL of an issue or a pull request is
        two references, unless the text of its link is the other one. Never raises.
    """
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    found: list[tuple[int, RefKind, str]] = []
    position = 0
    while match := _REFERENCE.search(text, position):
        position = match.end()
        start = match.start()
        if match["url"]:
            url = match["url"].rstrip(_BEHIND_URL)
            position = start + len(url)
            shown = _shown(text, start, found)
            found += [(start, *each) for each in _of_url(url) if each not in shown]
        elif match["issue"]:
            if is_issue_key(match["issue"]):
                found.append((start, RefKind.JIRA_ISSUE, match["issue"]))
        elif not match["hash"] or _is_request(text, start, match["hash"]):
            number = match["request"] or match["path"] or match["hash"]
            found.append((start, RefKind.PULL_REQUEST, number))
            is_list = (match["word"] or "").lower().endswith("s")
            while is_list and (more := _MORE.match(text, position)):
                found.append((more.start(), RefKind.PULL_REQUEST, more["request"]))
                position = more.end()
    return [Mention(place, kind, ref) for place, (_, kind, ref) in enumerate(found, 1)]


def _of_url(url: str) -> Iterator[tuple[RefKind, str]]:
    """Yield a URL, and the issue or pull request that it is of."""
    if not len("https://") < len(url) <= _LONGEST_URL:
        return
    yield RefKind.URL, url
    if request := _URL_OF_REQUEST.search(url):
        yield RefKind.PULL_REQUEST, request["number"]
    if issue := _URL_OF_ISSUE.search(url):
        yield RefKind.JIRA_ISSUE, issue["issue"]


def _shown(
    text: str, start: int, found: list[tuple[int, RefKind, str]]
) -> set[tuple[RefKind, str]]:
    """Return the references in the text of the Markdown link that a URL is the target of."""
    if text[max(start - 2, 0) : start] != "](":
        return set()
    begin = text.rfind("[", max(start - _LONGEST_LINK_TEXT, 0), start - 2)
    shown = set()
    for at, kind, ref in reversed(found):
        if at < begin or begin < 0:
            break
        shown.add((kind, ref))
    return shown


def _is_request(text: str, start: int, number: str) -> bool:
    """Return whether `#482` is a pull request: not in `&#482;`, `C#8`, `/#4` or `Day #2`."""
    before = text[max(start - _LONGEST_WORD, 0) : start]
    if not before:
        return True
    last = before[-1]
    if last.isascii() and (last.isalnum() or last in "_.-"):
        return _REPOSITORY.search(text, max(start - _LONGEST_REPOSITORY, 0), start) is not None
    is_counted = _COUNTED.search(before) or (len(number) == 1 and _RANKED.search(before))
    return last not in "&/#" and not is_counted
