r"""A generated datasource: a Python file that is read and never run.

`ast` only finds where a data block stands. Its text is the source between the triple quotes: the
generator escapes nothing but triple quotes, so Python's reading would damage `C:\temp`.
"""

import ast
import re
import warnings
from dataclasses import dataclass
from datetime import UTC, datetime, time
from itertools import islice

from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.dates import ImpossibleDateError
from loader.parsing.headings import heading_date
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.text import WHITE_SPACE
from loader.parsing.weekly import Week, parse_week

LARGEST_SOURCE = 64 * 1024 * 1024  # characters
LARGEST_CODE = 128 * 1024  # likewise; the tree of each may take a kilobyte
BLOCKS = ("JIRA_DATA", "DAILY_REPORTS_DATA", "TRANSCRIPT_DATA")

_QUOTES = '"""'
_BLOCK = re.compile(rf"{_QUOTES}(?P<text>(?:\\.|(?!{_QUOTES})[^\\])*+){_QUOTES}", re.DOTALL)
# Each alternative matches to the end where nothing closes it: trying again would be quadratic.
_COMMENT_OR_STRING = re.compile(
    rf"#[^\n]*|{_QUOTES}(?:\\.|(?!{_QUOTES})[^\\])*+(?:{_QUOTES})?|'''(?:\\.|(?!''')[^\\])*+(?:''')?"
    r"|\"(?:\\.|[^\"\\\n])*+\"?|'(?:\\.|[^'\\\n])*+'?",
    re.DOTALL,
)
_LINE_END = re.compile(r"\r\n|\r|\n")
# The generator's comments, above the blocks.
_COMMENTS = re.compile(r"(?:[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*+")
_PROJECT = re.compile(r"datasource for[ \t]++(?P<found>\S[^\r\n]*)", re.IGNORECASE)
_GENERATED = re.compile(r"generated on[ \t]++(?P<found>\S[^\r\n]*)", re.IGNORECASE)
_MOMENTS = ("%m/%d/%Y, %I:%M:%S %p", "%m/%d/%Y, %H:%M:%S")
# What an escape in a literal can name, and neither database can store.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_DATE_RANGE = re.compile(r"(\S+) to (\S+)")


@dataclass(frozen=True, slots=True)
class Datasource:
    """What a generated datasource says of itself.

    Args:
        generated_at: When it was generated, read as UTC; None where it does not say.
        date_range: The days that it covers; likewise.
        project: Its project's name or key; likewise.
        members: The team members whom it is about, sorted.
        block_sizes: Bytes of text in each data block, by name; 0 where there is none.
    """

    generated_at: datetime | None
    date_range: Week | None
    project: str | None
    members: list[str]
    block_sizes: dict[str, int]


def parse_datasource(source: str) -> tuple[Datasource | None, list[Rejection]]:
    """What a generated datasource says of itself.

    Literals of its dictionaries come first (`generated_date`, `date_range`, `project`, `members`),
    then the comments above the blocks, and for the members the employees of the daily reports.

    Args:
        source: The file, decoded.

    Returns:
        What it says, or None with the reason where it cannot be read. Never raises.
    """
    if not source.strip(WHITE_SPACE):
        return None, [Rejection(Reason.EMPTY_FILE, "the file holds nothing but white space")]
    try:
        module = _parsed(source)
        texts = {name: _block_text(source, module, name) or "" for name in BLOCKS}
    except _BadSourceError as error:
        return None, [Rejection(Reason.BAD_DATASOURCE, str(error), error.line_number)]
    literals = _literals(module)
    comments = _COMMENTS.match(source)
    above = comments[0] if comments else ""
    try:
        generated_at = _moment(_text(literals, "generated_date") or _found(_GENERATED, above))
        date_range = _week(_text(literals, "date_range"))
    except ImpossibleDateError as error:
        return None, [Rejection(Reason.IMPOSSIBLE_DATE, str(error))]
    members = literals.get("members")
    if not isinstance(members, list) or not all(isinstance(name, str) for name in members):
        days, _ = parse_daily_reports(texts["DAILY_REPORTS_DATA"].encode())
        members = [day.author_name for day in days]
    return Datasource(
        generated_at,
        date_range,
        _text(literals, "project") or _found(_PROJECT, above),
        sorted(set(members)),
        {name: len(text.encode()) for name, text in texts.items()},
    ), []


def parse_jira_data(source: str, week: Week) -> tuple[str | None, list[Rejection]]:
    """The `JIRA_DATA` text of a datasource, where the datasource is of a week.

    Args:
        source: The datasource file, decoded.
        week: The week; a datasource without a `date_range` is taken to be of it.

    Returns:
        The text, trimmed, or None with the reason where it cannot be read; None alone where the
        file is of another week, or has no such text. Never raises.
    """
    try:
        module = _parsed(source)
        date_range = _text(_literals(module), "date_range")
        if date_range and date_range != f"{week.start} to {week.end}":
            return None, []
        return _block_text(source, module, "JIRA_DATA") or None, []
    except _BadSourceError as error:
        return None, [Rejection(Reason.BAD_DATASOURCE, str(error), error.line_number)]


class _BadSourceError(Exception):
    """The source, or a data block of it, cannot be read."""

    def __init__(self, detail: str, line_number: int | None = None) -> None:
        super().__init__(detail)
        self.line_number = line_number


def _parsed(source: str) -> ast.Module:
    if len(source) > LARGEST_SOURCE:
        raise _BadSourceError(f"larger than {LARGEST_SOURCE:,} characters")
    beside = (each for each in _COMMENT_OR_STRING.finditer(source) if not _is_evaluated(each))
    # A text is a node of the tree, however short; a comment is none.
    if len(source) - sum(len(each[0]) - (each[0][0] != "#") for each in beside) > LARGEST_CODE:
        raise _BadSourceError(f"more than {LARGEST_CODE:,} characters of code beside its texts")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" in C:\temp
            return ast.parse(source)
    except SyntaxError as error:
        raise _BadSourceError(f"not Python: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _BadSourceError(f"not Python: {type(error).__name__}") from error


def _is_evaluated(string: re.Match[str]) -> bool:
    """Whether the tree goes into a string: an f-string or a template."""
    prefix = string.string[max(string.start() - 2, 0) : string.start()].lower()
    return prefix[-1:] in {"f", "t"} or prefix in {"fr", "tr"}


def _block_text(source: str, module: ast.Module, name: str) -> str | None:
    """The text of a data block, trimmed; None where the source has no such block."""
    for statement in module.body:
        value = _assigned(statement, name)
        if value is None or (isinstance(value, ast.Constant) and value.value in ("", None)):
            continue
        start = _offset(source, value.lineno, value.col_offset)
        end = _offset(source, value.end_lineno or 0, value.end_col_offset or 0)
        block = _BLOCK.fullmatch(source, start, end)
        if not block:
            raise _BadSourceError(f"{name} is no text in triple double quotes", statement.lineno)
        return block["text"].replace(f"\\{_QUOTES}", _QUOTES).strip(WHITE_SPACE)
    return None


def _offset(source: str, line_number: int, bytes_before: int) -> int:
    """Where a place of the tree is in the source; `ast.get_source_segment` takes seconds."""
    ends = islice(_LINE_END.finditer(source), line_number - 2, None) if line_number > 1 else None
    start = next(ends).end() if ends else 0
    return start + len(source[start : start + bytes_before].encode()[:bytes_before].decode())


def _assigned(statement: ast.stmt, name: str) -> ast.expr | None:
    """What a statement assigns to a name, if it does."""
    match statement:
        case ast.Assign(targets=targets, value=value):
            pass
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            targets = [target]
        case _:
            return None
    is_it = any(isinstance(item, ast.Name) and item.id == name for item in targets)
    return value if is_it else None


def _literals(module: ast.Module) -> dict[str, object]:
    """The texts, and lists of them, in the module's dictionaries; of equal keys the first."""
    found: dict[str, object] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    found.setdefault(key.value, _literal(value))
    return found


def _literal(value: ast.expr) -> object:
    if isinstance(value, ast.List):
        return [_literal(element) for element in value.elts]
    text = value.value if isinstance(value, ast.Constant) else None
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text) if isinstance(text, str) else None


def _text(literals: dict[str, object], key: str) -> str | None:
    value = literals.get(key)
    return value if isinstance(value, str) else None


def _found(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return match["found"].rstrip() if match else None


def _moment(text: str | None) -> datetime | None:
    """A moment as generators write it: American, ISO 8601, or a date as in a heading."""
    if not text:
        return None
    for form in _MOMENTS:
        try:
            return datetime.strptime(text.strip(), form).replace(tzinfo=UTC)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        day = heading_date(text.strip())
    if not day:
        raise ImpossibleDateError(f"generated on {text[:100]!r}, which is no date")
    return datetime.combine(day, time(), UTC)


def _week(text: str | None) -> Week | None:
    if not text:
        return None
    dates = _DATE_RANGE.fullmatch(text.strip())
    if not dates:
        raise ImpossibleDateError(
            f"the date range {text[:100]!r} is not 'YYYY-MM-DD to YYYY-MM-DD'"
        )
    return parse_week(dates[1], dates[2])
