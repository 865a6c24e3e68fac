"""The orchestrator's settings for a team: three JSON files, merged, and the weeks they name."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from loader.parsing.dates import ImpossibleDateError, iso_date
from loader.parsing.weekly import Week
from loader.workspace import Workspace
from loader.workspace.json_files import ConfigError, read_json

JIRA_WEEK = ("jira.start_date", "jira.end_date")
SLACK_WEEK = ("slack.dateFilter.start_date", "slack.dateFilter.end_date")


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
        layer = read_json(workspace, path)
        if layer is not None:
            layers.append((path, layer))
    return TeamConfig(layers)


def _date(value: object, key: str, path: str) -> date:
    try:
        return iso_date(value if isinstance(value, str) else _shown(value))
    except ImpossibleDateError as error:
        raise ConfigError(path, f"{key}: {error}") from error


def _shown(value: object) -> str:
    """A value that is no text; `repr` has no depth enough for every list."""
    return f"a {type(value).__name__}" if isinstance(value, list | dict) else repr(value)
