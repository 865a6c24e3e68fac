"""The orchestrator's settings for a team: three JSON files, merged, and the weeks they name."""

import json
import re
from dataclasses import dataclass
from datetime import date
from typing import Any

from loader.parsing.dates import ImpossibleDateError, iso_date
from loader.parsing.decoding import decode
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.weekly import Week
from loader.workspace import Workspace

JIRA_WEEK = ("jira.start_date", "jira.end_date")
SLACK_WEEK = ("slack.dateFilter.start_date", "slack.dateFilter.end_date")

# Hand-written: json-with-comments 1.3 is quadratic (120 kB of "/*" take 106 s), json5 0.17 needs a
# second for 20 kB, and both json5 and pyjson5 accept single quotes and bare names.
# Each alternative matches to the end where nothing closes it: trying again would be quadratic.
_STRING = r'"(?:\\.|[^"\\])*+(?:"|\\?\Z)'
_STRING_OR_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
_STRING_OR_TRAILING_COMMA = re.compile(rf"{_STRING}|,(?=\s*+[}}\]])", re.DOTALL)


class ConfigError(Exception):
    """A config file cannot be used; the message names the file and the key."""

    def __init__(self, path: str, detail: str, line_number: int | None = None) -> None:
        super().__init__(f"{path}: {detail}")
        self.path = path
        self.rejection = Rejection(Reason.BAD_CONFIG, detail, line_number)


@dataclass(frozen=True, slots=True)
class TeamConfig:
    """A team's settings.

    Args:
        layers: Path and contents of each config file, the most general first.
    """

    layers: list[tuple[str, dict[str, Any]]]

    def week(self, keys: tuple[str, str]) -> Week | None:
        """The week that two dotted keys name; None where neither is set.

        Raises:
            ConfigError: One is missing or no date, or the start is after the end.
        """
        (start, start_path), (end, end_path) = map(self._find, keys)
        if not start and not end:
            return None
        for value, key, path in ((start, keys[0], end_path), (end, keys[1], start_path)):
            if not value:
                raise ConfigError(path, f"{key} is missing")
        week = Week(_date(start, keys[0], start_path), _date(end, keys[1], end_path))
        if week.start > week.end:
            detail = f"{keys[0]} ({week.start}) is after {keys[1]} ({week.end})"
            raise ConfigError(start_path, detail)
        return week

    def _find(self, key: str) -> tuple[Any, str]:
        """A value as a deep merge of the layers has it, and the file that it comes from."""
        for path, layer in reversed(self.layers):
            value: Any = layer
            for part in key.split("."):
                if not isinstance(value, dict):
                    return None, path  # a plain value replaces the object of a more general layer
                if part not in value:
                    break
                value = value[part]
            else:
                return value, path
        return None, ""


def load_config(workspace: Workspace, team: str, report: str) -> TeamConfig:
    """Read a team's settings: shared defaults, then the team's, then those of the report type.

    Args:
        workspace: The workspace.
        team: The team's folder.
        report: Which `config.{report}.json`.

    Raises:
        ConfigError: A file cannot be read or is no JSON object.
    """
    layers = []
    for path in (
        "configs/shared/defaults.json",
        f"configs/{team}/config.json",
        f"configs/{team}/config.{report}.json",
    ):
        try:
            data = workspace.read_bytes(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise ConfigError(path, error.strerror or type(error).__name__) from error
        layers.append((path, _parsed(path, data)))
    return TeamConfig(layers)


def _date(value: object, key: str, path: str) -> date:
    try:
        return iso_date(value if isinstance(value, str) else _shown(value))
    except ImpossibleDateError as error:
        raise ConfigError(path, f"{key}: {error}") from error


def _shown(value: object) -> str:
    """A value that is no text; `repr` has no depth enough for every list."""
    return f"a {type(value).__name__}" if isinstance(value, list | dict) else repr(value)


def _parsed(path: str, data: bytes) -> dict[str, Any]:
    """JSON with `//` and `/* */` comments and trailing commas."""
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
    """A string as it is; a comment or comma as blanks, so that line numbers stay."""
    found = match[0]
    return found if found.startswith('"') else re.sub(r"[^\n]", " ", found)
