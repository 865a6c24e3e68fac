"""What a text refers to: Jira issues, pull requests and URLs.

What counts, and what only looks like it: docs/workspace.md, "What the texts say".
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from loader.parsing.references import ISSUE_KEY, is_issue_key

_BETWEEN = "\n\0\n"  # no reference goes over it
_LONGEST_URL = 2000
_LONGEST_LINK_TEXT = 300
_LONGEST_REPOSITORY = 140
_LONGEST_WORD = 20
_NUMBER = r"[1-9][0-9]{0,6}(?![A-Za-z0-9_%]|[.:][0-9]|-[0-9]{2}-[0-9]{2})"
_START = r"(?<![A-Za-z0-9_])"  # other letters may touch: some scripts write without spaces
_PATHS = "pull|pulls|pull-requests|pullrequest|merge_requests|pr|prs"
# One expression for each, as each has another beginning that is quick to look for.
_URL = re.compile(
    r"(?P<url>https?://(?:[^\s<>\"`()\[\]{}|\\^\u3000-\u303f\uff00-\uffef]|\([^\s()<>]{0,200}\))++)"
)
_REQUEST = re.compile(
    rf"[PpMm](?<![A-Za-z0-9_].)(?:"
    rf"(?P<word>(?<=[Pp])[Rr]s?|(?<=P)RS|(?<=M)Rs?|(?<=[Pp])ull[ -][Rr]equests?"
    rf"|(?<=[Mm])erge[ -][Rr]equests?)(?:[ ]?[#!]|[ :-]{{0,2}})(?P<request>{_NUMBER})"
    rf"|(?:(?<=[Pp])(?:ull|ulls|ull-requests|ullrequest|[Rr]|[Rr]s)|(?<=[Mm])erge_requests)"
    rf"/(?P<path>{_NUMBER}))"
)
_HASH = re.compile(rf"#(?P<hash>{_NUMBER})")
_ISSUE_NUMBER = re.compile(r"-[1-9]")
_ISSUE = re.compile(rf"(?<![A-Za-z0-9_-])(?P<issue>{ISSUE_KEY})(?![A-Za-z0-9_]|[-.][0-9])")
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
    return [Mention(place, kind, ref) for place, (_, kind, ref) in enumerate(_found(text), 1)]


def mentions_of_parts(parts: Sequence[str]) -> Iterator[tuple[int, Mention]]:
    """Find what the parts of a text refer to, each by itself, in one look.

    Args:
        parts: The parts, of which most refer to nothing.

    Yields:
        The index of a part and a reference in it, whose position is its place in the part.
    """
    found = _found(_BETWEEN.join(parts))
    if not found:
        return
    ends = [*accumulate(len(part) + len(_BETWEEN) for part in parts)]
    index = place = 0
    for start, kind, ref in found:
        if start >= ends[index]:
            index, place = bisect_right(ends, start), 0
        place += 1
        yield index, Mention(place, kind, ref)


def _found(text: str) -> list[tuple[int, RefKind, str]]:
    """Return where the references of a text are, of which kind, and what they are."""
    found: list[tuple[int, RefKind, str]] = []
    end = 0  # of the latest reference: `#482` in a URL, and in `PR #482`, is part of it
    for start, match in _matches(text):
        if start < end:
            continue
        end = match.end()
        if match.re is _URL:
            url = match["url"].rstrip(_BEHIND_URL)
            end = start + len(url)
            shown = _shown(text, start, found)
            found += [(start, *each) for each in _of_url(url) if each not in shown]
        elif match.re is _ISSUE and is_issue_key(match["issue"]):
            found.append((start, RefKind.JIRA_ISSUE, match["issue"]))
        elif match.re is _HASH and _is_request(text, start, match["hash"]):
            found.append((start, RefKind.PULL_REQUEST, match["hash"]))
        elif match.re is _REQUEST:
            found.append((start, RefKind.PULL_REQUEST, match["request"] or match["path"]))
            is_list = (match["word"] or "").lower().endswith("s")
            while is_list and (more := _MORE.match(text, end)):
                found.append((more.start(), RefKind.PULL_REQUEST, more["request"]))
                end = more.end()
    return found


def _matches(text: str) -> list[tuple[int, re.Match[str]]]:
    """Return what is shaped like a reference, in order."""
    found = [*_REQUEST.finditer(text)]
    if "://" in text:
        found += _URL.finditer(text)
    if "#" in text:
        found += _HASH.finditer(text)
    if _ISSUE_NUMBER.search(text):
        found += _ISSUE.finditer(text)
    return sorted(((match.start(), match) for match in found), key=_start)


def _start(found: tuple[int, re.Match[str]]) -> int:
    return found[0]


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
