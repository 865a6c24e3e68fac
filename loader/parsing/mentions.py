"""Find the references in a text: Jira issues, pull requests and URLs.

The rules are in docs/workspace.md, "What the texts say".
"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple

from loader.parsing.references import ISSUE_KEY, is_issue_key
from loader.parsing.values import References

_BETWEEN = "\n\0\n"  # no reference crosses it
_LONGEST_URL = 2000
_LONGEST_LINK_TEXT = 300
_LONGEST_REPOSITORY = 140
_LONGEST_WORD = 20
_PATHS = "pull|pulls|pull-requests|pullrequest|merge_requests|pr|prs"
_END = r"(?![A-Za-z0-9_%]|[.:][0-9]|-[0-9]{2}-[0-9]{2})"  # digits of a number
_NUMBER = rf"[1-9][0-9]{{0,6}}{_END}"
# The pattern begins with a set of characters, and each alternative with a reference's second one.
# This rules out most places before the match enters a group. Other letters may touch a reference,
# because some scripts write without spaces.
_REFERENCE = re.compile(
    r"[#hPpMmA-Z](?:"
    rf"[1-9](?P<hash>(?<=#.)[0-9]{{0,6}}{_END})"
    r"|t(?P<url>(?<=ht)tps?://"
    r"(?:[^\s<>\"`()\[\]{}|\\^\u3000-\u303f\uff00-\uffef]|\([^\s()<>]{0,200}\))++)"
    r"|[RrUuEe](?<=[PpMm].)(?<![A-Za-z0-9_]..)(?:"
    r"(?P<word>(?<=[Pp][Rr])s?|(?<=PR)S|(?<=MR)s?|(?<=[Pp]u)ll[ -][Rr]equests?"
    rf"|(?<=[Mm]e)rge[ -][Rr]equests?)(?:[ ]?[#!]|[ :-]{{0,2}})(?P<request>{_NUMBER})"
    r"|(?:(?<=[Pp]u)ll(?:s|-requests|request)?|(?<=[Pp][Rr])s?|(?<=[Mm]e)rge_requests)"
    rf"/(?P<path>{_NUMBER}))"
    r"|[A-Z0-9_](?P<issue>(?<=[A-Z].)(?<![A-Za-z0-9_-]..)[A-Z0-9_]{0,18}-[1-9][0-9]{0,8}"
    r"(?![A-Za-z0-9_]|[-.][0-9]))"
    r")"
)
_HAS_DIGIT = re.compile(r"[1-9]").search
# "PRs 395, 396 and 397"
_MORE = re.compile(rf"[ ]?(?:,|&|/|and|or|und|y|et)(?:[ ](?:and|or))?[ ]?#?(?P<request>{_NUMBER})")
_URL_OF_REQUEST = re.compile(rf"/(?i:{_PATHS})/(?P<number>[1-9][0-9]{{0,6}})(?![A-Za-z0-9_])")
_URL_OF_ISSUE = re.compile(
    rf"(?:/browse/|/issues?/|[?&](?:selectedIssue|issueKey|key)=)(?P<issue>{ISSUE_KEY})(?![A-Za-z0-9_])"
)
_BEHIND_URL = ".,;:!?'*_~\u2019\u201d\u2026"  # trailing characters that are not part of it
# A number after one of these words counts something else: "Day #2".
_COUNTED_WORDS = (
    *("day", "week", "month", "sprint", "step", "phase", "part", "round", "room", "line", "page"),
    *("chapter", "slide", "question", "option", "number", "version", "level", "item", "no", "no."),
    *("top", "rank", "place"),
)
_COUNTED = re.compile(rf"(?:{'|'.join(map(re.escape, _COUNTED_WORDS))})[ ]?\Z", re.IGNORECASE)
_RANKED = re.compile(r"(?:the|our|my|a)[ ]\Z", re.IGNORECASE)  # "the #1 reason", not "the #482 fix"
_REPOSITORY = re.compile(r"(?<![\w./-])[A-Za-z0-9][\w.-]{0,38}/[\w.-]{1,100}\Z")


class RefKind(StrEnum):
    """The kinds of references."""

    JIRA_ISSUE = "jira_issue"
    PULL_REQUEST = "pull_request"
    URL = "url"


class Mention(NamedTuple):
    """A reference in a text.

    Args:
        position: Its place among the text's references, from 1.
        ref_kind: The kind of the reference.
        ref: The issue's key, the pull request's number, or the URL.
    """

    position: int
    ref_kind: RefKind
    ref: str


def parse_mentions(text: bytes | str) -> list[Mention]:
    """Find the references in a text.

    Args:
        text: Any text.

    Returns:
        The references in order, repeated ones included. The URL of an issue or a pull request is
        two references, unless the text of its link is the other one. Never raises.
    """
    if isinstance(text, bytes):
        text = text.decode(errors="replace")
    return [Mention(place, kind, ref) for place, (_, kind, ref) in enumerate(_found(text), 1)]


def references_of_parts(parts: Sequence[str]) -> list[References | None]:
    """Find the references in each part of a text, in one pass over all parts.

    Args:
        parts: The parts; most have no references.

    Returns:
        The references of each part, one per line (kind, space, reference); None without any.
    """
    found = _found(_BETWEEN.join(parts))
    lines: dict[int, list[str]] = {}
    index, end = -1, 0
    for start, kind, ref in found:
        while start >= end:
            index += 1
            end += len(parts[index]) + len(_BETWEEN)
        lines.setdefault(index, []).append(f"{kind} {ref}")
    return [
        References("\n".join(lines[index])) if index in lines else None
        for index in range(len(parts))
    ]


def issue_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of issue keys in a text, outside of URLs."""
    return [
        (start, start + len(ref))
        for start, kind, ref in _found(text)
        if kind is RefKind.JIRA_ISSUE and text.startswith(ref, start)
    ]


def _found(text: str) -> list[tuple[int, RefKind, str]]:
    """Return the references of a text: position, kind and value."""
    found: list[tuple[int, RefKind, str]] = []
    if "://" not in text and not _HAS_DIGIT(text):
        return found
    end = 0  # end of the last reference: the numbers of `PRs 1, #2` are read together
    for match in _REFERENCE.finditer(text):
        start = match.start()
        if start < end:
            continue
        end, written = match.end(), match[0]
        match match.lastgroup:
            case "hash":
                if _is_request(text, start, written[1:]):
                    found.append((start, RefKind.PULL_REQUEST, written[1:]))
            case "url":
                url = written.rstrip(_BEHIND_URL)
                shown = _in_link_text(text, start, found)
                found += [(start, *each) for each in _of_url(url) if each not in shown]
            case "issue":
                if is_issue_key(written):
                    found.append((start, RefKind.JIRA_ISSUE, written))
            case _:
                found.append((start, RefKind.PULL_REQUEST, match["request"] or match["path"]))
                is_list = (match["word"] or "").endswith(("s", "S"))
                while is_list and (more := _MORE.match(text, end)):
                    found.append((more.start(), RefKind.PULL_REQUEST, more["request"]))
                    end = more.end()
    return found


def _of_url(url: str) -> Iterator[tuple[RefKind, str]]:
    """Yield a URL, and the issue or pull request to which it leads."""
    if not len("https://") < len(url) <= _LONGEST_URL:
        return
    yield RefKind.URL, url
    if request := _URL_OF_REQUEST.search(url):
        yield RefKind.PULL_REQUEST, request["number"]
    if issue := _URL_OF_ISSUE.search(url):
        yield RefKind.JIRA_ISSUE, issue["issue"]


def _in_link_text(
    text: str, start: int, found: list[tuple[int, RefKind, str]]
) -> set[tuple[RefKind, str]]:
    """Return the references in the text of the Markdown link around a URL."""
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
    if start == 0:
        return True
    last = text[start - 1]
    if last.isascii() and last != " ":
        if last.isalnum() or last in "_.-":
            return _REPOSITORY.search(text, max(start - _LONGEST_REPOSITORY, 0), start) is not None
        return last not in "&/#"
    before = text[max(start - _LONGEST_WORD, 0) : start]
    return not _is_counted(before) and not (len(number) == 1 and _RANKED.search(before))


def _is_counted(before: str) -> bool:
    """Return whether a number counts days, steps and the like."""
    if before.isascii():  # ten times faster
        return before.removesuffix(" ").lower().endswith(_COUNTED_WORDS)
    return _COUNTED.search(before) is not None
