"""Parse a generated datasource: a Python file that is read as text and never executed."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from loader.parsing.datasource_blocks import Block, find_blocks
from loader.parsing.datasource_contents import Contents, names_in, read_contents
from loader.parsing.dates import DateOrder, ImpossibleDateError
from loader.parsing.moments import readings
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import WHITE_SPACE
from loader.parsing.values import AuthorName
from loader.parsing.weekly import Week, parse_week

# `block_sizes` has 0 for a missing block.
_WEEKLY_BLOCKS = ("JIRA_DATA", "DAILY_REPORTS_DATA", "TRANSCRIPT_DATA")
# The generator's comments, above the blocks.
_COMMENTS = re.compile(r"(?:[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n))*+(?:[ \t]*+#[^\r\n]*+)?")
_PROJECT = re.compile(r"datasource for[ \t]++(?P<found>\S[^\r\n]*)", re.IGNORECASE)
_GENERATED = re.compile(r"generated(?: on| at|:)[ \t]++(?P<found>\S[^\r\n]*)", re.IGNORECASE)
# A literal ends at quotes after which its line or dictionary continues: the generator does not
# escape them.
_LITERAL = re.compile(
    r"[\"'](?P<key>name|generated_date|date_range|project)[\"'][ \t]*+:[ \t]*+(?P<quote>[\"'])"
    r"(?P<text>[^\r\n]{0,200}?)(?P=quote)(?=[ \t]*+(?:[,}\])#\r\n]|\Z))"
)
_MEMBERS = re.compile(r"[\"']members[\"'][ \t]*+:\s*+\[(?P<list>[^\]]*+)\]")
_ELEMENT = re.compile(
    r"(?P<quote>[\"'])(?P<text>[^\r\n]{0,200}?)(?P=quote)(?=[ \t]*+(?:[,#\r\n]|\Z))"
)
_ESCAPED_QUOTE = re.compile(r"\\([\"'])")
# Characters that neither database can store.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DATE_RANGE = re.compile(r"(\S+) (?:to|-|\N{EN DASH}|\N{EM DASH}|\N{RIGHTWARDS ARROW}|->) (\S+)")


@dataclass(frozen=True, slots=True)
class Datasource:
    """The metadata of a generated datasource.

    Args:
        generated_at: The possible times of generation, in UTC: none if it is missing, two if the
            order of day and month is uncertain.
        date_range: The days that it covers; None if missing.
        project: The project's name or key; None if missing.
        person: The person that it is about; None if it names nobody or several people.
        members: The people that it names, sorted.
        days: The author and date of each daily report in it; empty if some are uncertain.
        meetings: The titles of the transcripts in it; empty if some are uncertain.
        sources: The kinds of data for which it has a text.
        block_sizes: Bytes of text in each data block, by name.
    """

    generated_at: list[datetime]
    date_range: Week | None
    project: str | None
    person: str | None
    members: list[AuthorName]
    days: list[tuple[AuthorName, date]]
    meetings: list[str]
    sources: list[str]
    block_sizes: dict[str, int]


def parse_datasource(
    source: str, order: DateOrder | None = None
) -> tuple[Datasource | None, list[Rejection]]:
    """Parse the metadata of a generated datasource.

    Literals come first (`generated_date`, `date_range`, `project`), then the comments above the
    blocks. The members are all people of the blocks and of the literals `name` and `members`.

    Args:
        source: The file, decoded.
        order: The order of day and month in daily reports, if the team's config sets it.

    Returns:
        The datasource, with a note for each unreadable part; None with the reason if the file
        is blank. Never raises.
    """
    source = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", source)
    if not source.strip(WHITE_SPACE):
        return None, [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    blocks, code = find_blocks(source)
    notes = [_problem(block, Reason.BAD_BLOCK) for block in blocks.values() if block.problem]
    contents = read_contents(blocks, order)
    if not contents.sources:
        notes.append(Rejection(Reason.BAD_BLOCK, "no data block with a text: it gets no sources"))
    literals = _literals(code)
    header = _COMMENTS.match(source)
    above = header[0] if header else ""
    project = literals.get("project", [None])[0] or _found(_PROJECT, above)
    names = names_in(name for name in literals.get("name", []) if name != project)
    return Datasource(
        _moments(literals.get("generated_date", []), _found(_GENERATED, above), notes),
        _date_range(literals, notes),
        project,
        _person(names, contents),
        sorted(contents.members | names | names_in(literals.get("members", []))),
        contents.days,
        contents.meetings,
        contents.sources,
        dict.fromkeys(_WEEKLY_BLOCKS, 0)
        | {name: len(block.text.encode()) for name, block in blocks.items()},
    ), notes


def parse_jira_data(source: str, week: Week) -> tuple[str | None, list[Rejection]]:
    """Return the `JIRA_DATA` text of a datasource, if the datasource covers a week.

    Args:
        source: The datasource file, decoded.
        week: The week; a datasource without a `date_range` is assumed to cover it.

    Returns:
        The text, trimmed, or None with the reason if it cannot be read. Only None if the file
        covers another week or has no such text. Never raises.
    """
    blocks, code = find_blocks(source)
    if (_date_range(_literals(code), []) or week) != week:
        return None, []
    block = blocks.get("JIRA_DATA")
    if block and block.problem:
        return None, [_problem(block, Reason.BAD_DATASOURCE)]
    return (block.text or None) if block else None, []


def _problem(block: Block, reason: Reason) -> Rejection:
    return Rejection(reason, f"{block.name}: {block.problem}", block.line_number)


def _literals(code: str) -> dict[str, list[str]]:
    """Return the literals of the code outside of blocks, by key and in order."""
    found: dict[str, list[str]] = {}
    for match in _LITERAL.finditer(code):
        found.setdefault(match["key"], []).append(_ESCAPED_QUOTE.sub(r"\1", match["text"]))
    if members := _MEMBERS.search(code):
        elements = _ELEMENT.finditer(members["list"])
        found["members"] = [_ESCAPED_QUOTE.sub(r"\1", each["text"]) for each in elements]
    return found


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match["found"].rstrip() if match else None


def _person(names: set[AuthorName], contents: Contents) -> AuthorName | None:
    """Return the person of the literal `name`, otherwise the only person in the blocks."""
    people = names or contents.members
    return next(iter(people)) if len(people) == 1 else None


def _moments(literals: list[str], comment: str | None, notes: list[Rejection]) -> list[datetime]:
    """Return the readings of the first literal or comment with one reading, else of the first."""
    found = [(text, readings(text)) for text in filter(None, (*literals[:1], comment))]
    if literals and not readings(literals[0]):
        detail = f"generated_date {literals[0]!r} is no date"
        notes.append(Rejection(Reason.BAD_LITERAL, detail))
    several = [moments for _, moments in found if moments]
    return next((moments for moments in several if len(moments) == 1), [*several, []][0])


def _date_range(literals: dict[str, list[str]], notes: list[Rejection]) -> Week | None:
    """Return the days of the first `date_range`."""
    for text in literals.get("date_range", [])[:1]:
        dates = _DATE_RANGE.fullmatch(text.strip())
        try:
            if dates:
                return parse_week(dates[1], dates[2])
            detail = f"the date range {text!r} is not 'YYYY-MM-DD to YYYY-MM-DD'"
        except ImpossibleDateError as error:
            detail = f"the date range {text!r}: {error}"
        notes.append(Rejection(Reason.BAD_LITERAL, detail))
    return None
