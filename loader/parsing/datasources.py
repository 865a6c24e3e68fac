"""A generated datasource: a Python file that is read and never run.

`ast` only finds where a data block stands. Its text is the source between the triple quotes: the
generator escapes nothing but triple quotes, so Python's reading would damage `C:\\temp`.
"""

import ast
import warnings

from loader.parsing.text import WHITE_SPACE
from loader.rejections import Reason, Rejection

LARGEST_SOURCE = 64 * 1024 * 1024  # bytes

_QUOTES = '"""'


def parse_data_block(source: str, name: str) -> tuple[str | None, list[Rejection]]:
    """The text of a data block.

    Args:
        source: The datasource file, decoded.
        name: The block's variable, such as `JIRA_DATA`.

    Returns:
        The text, trimmed, or None with the reason where it cannot be read; None alone where the
        file has no such block, or an empty one. Never raises.
    """
    if len(source) > LARGEST_SOURCE:
        detail = f"larger than {LARGEST_SOURCE} characters"
        return None, [Rejection(Reason.BAD_DATASOURCE, detail)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # "invalid escape sequence" in C:\temp
            module = ast.parse(source)
    except SyntaxError as error:
        detail = f"not Python: {error.msg}"
        return None, [Rejection(Reason.BAD_DATASOURCE, detail, error.lineno)]
    except (ValueError, RecursionError, MemoryError) as error:
        return None, [Rejection(Reason.BAD_DATASOURCE, f"not Python: {type(error).__name__}")]
    for statement in module.body:
        if not _assigns(statement, name):
            continue
        block = ast.get_source_segment(source, statement.value) or ""  # type: ignore[attr-defined]
        if len(block) < 2 * len(_QUOTES) or not block.startswith(_QUOTES):
            detail = f"{name} is no text in triple double quotes"
            return None, [Rejection(Reason.BAD_DATASOURCE, detail, statement.lineno)]
        text = block[len(_QUOTES) : -len(_QUOTES)].replace(f"\\{_QUOTES}", _QUOTES)
        return text.strip(WHITE_SPACE) or None, []
    return None, []


def _assigns(statement: ast.stmt, name: str) -> bool:
    return isinstance(statement, ast.Assign) and any(
        isinstance(target, ast.Name) and target.id == name for target in statement.targets
    )
