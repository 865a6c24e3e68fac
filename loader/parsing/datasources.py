r"""A generated datasource: a Python file that is read and never run.

`ast` only finds where a data block stands. Its text is the source between the triple quotes: the
generator escapes nothing but triple quotes, so Python's reading would damage `C:\temp`.
"""

import ast
import re
import warnings

from loader.parsing.text import WHITE_SPACE
from loader.parsing.weekly import Week
from loader.rejections import Reason, Rejection

LARGEST_SOURCE = 64 * 1024 * 1024  # characters

_QUOTES = '"""'
_BLOCK = re.compile(rf"{_QUOTES}(?P<text>(?:\\.|(?!{_QUOTES})[^\\])*+){_QUOTES}", re.DOTALL)


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
    except _NotPythonError as error:
        return None, [Rejection(Reason.BAD_DATASOURCE, str(error), error.line_number)]
    date_range = _date_range(module)
    if date_range and date_range != f"{week.start} to {week.end}":
        return None, []
    for statement in module.body:
        value = _assigned(statement, "JIRA_DATA")
        if value is None:
            continue
        block = _BLOCK.fullmatch(ast.get_source_segment(source, value) or "")
        if not block:
            detail = "JIRA_DATA is no text in triple double quotes"
            return None, [Rejection(Reason.BAD_DATASOURCE, detail, statement.lineno)]
        text = block["text"].replace(f"\\{_QUOTES}", _QUOTES)
        return text.strip(WHITE_SPACE) or None, []
    return None, []


class _NotPythonError(Exception):
    """The source cannot be parsed."""

    def __init__(self, detail: str, line_number: int | None = None) -> None:
        super().__init__(detail)
        self.line_number = line_number


def _parsed(source: str) -> ast.Module:
    if len(source) > LARGEST_SOURCE:
        raise _NotPythonError(f"larger than {LARGEST_SOURCE} characters")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" in C:\temp
            return ast.parse(source)
    except SyntaxError as error:
        raise _NotPythonError(f"not Python: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise _NotPythonError(f"not Python: {type(error).__name__}") from error


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


def _date_range(module: ast.Module) -> str | None:
    """The first literal `"date_range": "…"` of a dictionary."""
    for node in ast.walk(module):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "date_range":
                    found = value.value if isinstance(value, ast.Constant) else None
                    return found if isinstance(found, str) else None
    return None
