"""Small JSON files that people edit by hand: with `//` and `/* */` comments and trailing commas."""

import json
import re
from typing import Any

from loader.parsing.decoding import decode
from loader.parsing.rejections import Reason, Rejection
from loader.workspace import Workspace

# Hand-written: json-with-comments 1.3 is quadratic (120 kB of "/*" take 106 s), json5 0.17 needs a
# second for 20 kB, and both json5 and pyjson5 accept single quotes and bare names.
# An unclosed string or comment matches to the end: backtracking would be quadratic.
_STRING = r'"(?:\\.|[^"\\])*+(?:"|\\?\Z)'
_STRING_OR_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=\s*+[}}\]])", re.DOTALL)


class ConfigError(Exception):
    """A JSON file is invalid; the message names the file and the key."""

    def __init__(self, path: str, detail: str, line_number: int | None = None) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.rejection = Rejection(Reason.BAD_CONFIG, detail, line_number)


def read_json(workspace: Workspace, path: str) -> dict[str, Any] | None:
    """Read a JSON object of at most 1 MB.

    Args:
        workspace: The workspace to read.
        path: The file, relative to the workspace.

    Returns:
        The object, or None if there is no such file.

    Raises:
        ConfigError: The file cannot be read, is not a regular file inside the workspace, or does
            not hold a JSON object.
    """
    try:
        data = workspace.read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(path, error.strerror or type(error).__name__) from error
    return _parsed(path, data)


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    text, _ = decode(data)
    text = _STRING_OR_COMMENT.sub(_kept_string, text)
    text = _STRING_OR_TRAILING_COMMA.sub(_kept_string, text)
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ConfigError(path, f"not JSON: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError) as error:
        raise ConfigError(path, f"not JSON: {type(error).__name__}") from error
    if not isinstance(value, dict):
        raise ConfigError(path, "not a JSON object")
    return value


def _kept_string(match: re.Match[str]) -> str:
    """Return a string unchanged, and a comment or comma as blanks, so that line numbers stay."""
    found = match[0]
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)
