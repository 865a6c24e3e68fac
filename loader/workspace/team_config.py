"""Read and merge the orchestrator's JSON settings for a team.

From the most general to the most specific:

1. `configs/shared/defaults.json`
2. `config.json`, `config.{team}.json` and the file that CONFIG_FILE names
3. `configs/{team}/config.json`, then `configs/{team}/config.{report}.json`

A team may have several names: its folder, its other names in the seeds, and the `projectFolder`
of its mapping file. The folder wins.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePath
from typing import Any

from loader.parsing.dates import DateOrder, ImpossibleDateError, iso_date
from loader.parsing.rejections import Rejection
from loader.parsing.weekly import Week
from loader.workspace import Workspace
from loader.workspace.config_keys import misspelled_keys
from loader.workspace.json_files import ConfigError, read_json
from loader.workspace.name_mapping import NameMapping, read_mapping

JIRA_WEEK = ("jira.start_date", "jira.end_date")
SLACK_WEEK = ("slack.dateFilter.start_date", "slack.dateFilter.end_date")
DATE_ORDER = "dates.order"
# The report types of the orchestrator.
REPORTS = ("weekly", "1on1", "team", "dashboard")
_DEFAULTS = "configs/shared/defaults.json"


@dataclass(frozen=True, slots=True)
class TeamConfig:
    """A team's settings.

    Args:
        layers: Path and contents of each config file, the most general first.
        looked_at: A short form of all candidate files, for messages.
        mapping: The team's mapping file.
    """

    layers: list[tuple[str, dict[str, Any]]]
    looked_at: str
    mapping: NameMapping

    def week(self, keys: tuple[str, str]) -> Week | None:
        """Return the week given by two dotted keys; None if neither is set.

        Raises:
            ConfigError: A key is missing or not a date, or the start is after the end.
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

    def date_order(self) -> DateOrder | None:
        """Return the order of day and month in the team's dates; None if it is not configured.

        Raises:
            ConfigError: The value is not one of the two orders.
        """
        value, path = self._find(DATE_ORDER)
        if value is None:
            return None
        try:
            return DateOrder(value.strip().upper() if isinstance(value, str) else value)
        except ValueError as error:
            known = " or ".join(DateOrder)
            raise ConfigError(path, f"{DATE_ORDER}: {_displayed(value)} is not {known}") from error

    def notes(self) -> Iterator[tuple[str, Rejection]]:
        """Yield path and note for each problem of the files that does not stop the loader."""
        for rejection in self.mapping.rejections:
            yield self.mapping.path or "", rejection
        try:
            self.date_order()
        except ConfigError as error:
            yield error.path, error.rejection
        for path, layer in self.layers:
            for note in misspelled_keys(layer):
                yield path, note

    def _find(self, key: str) -> tuple[Any, str]:
        """Return a value from the deep merge of the layers, and its file."""
        for path, layer in reversed(self.layers):
            value: Any = layer
            for part in key.split("."):
                if not isinstance(value, dict):
                    return None, path  # a plain value replaces an object of a more general layer
                if part not in value:
                    break
                value = value[part]
            else:
                return value, path
        return None, ""


def load_config(
    workspace: Workspace,
    team: str,
    report: str,
    others: Sequence[str] = (),
    config_file: str | None = None,
) -> TeamConfig:
    """Read a team's settings.

    Args:
        workspace: The workspace to read.
        team: The team's folder.
        report: Which `config.{report}.json`.
        others: Other names of the team.
        config_file: CONFIG_FILE: a path below the workspace, or an absolute one into it.

    Raises:
        ConfigError: A file cannot be read or is not a JSON object, or CONFIG_FILE does not exist.
    """
    mapping = read_mapping(workspace, team, others)
    names = [*dict.fromkeys(filter(None, [team, *others, mapping.project_folder]))]
    paths = [_DEFAULTS, "config.json", *(f"config.{name}.json" for name in reversed(names))]
    named = _relative_path(workspace, config_file) if config_file else None
    paths += [named] if named else []
    for name in reversed(names):
        paths += [f"configs/{name}/config.json", f"configs/{name}/config.{report}.json"]
    layers = []
    for path in dict.fromkeys(paths):
        layer = read_json(workspace, path)
        if layer is not None:
            layers.append((path, layer))
        elif path == named:
            raise ConfigError("CONFIG_FILE", f"there is no {path!r} in the workspace")
    return TeamConfig(layers, _candidates(names, report, config_file), mapping)


def has_report(workspace: Workspace, names: Sequence[str], report: str) -> bool:
    """Return whether a config of the report type exists under any of the team's names."""
    return any(workspace.exists(f"configs/{name}/config.{report}.json") for name in names)


def _relative_path(workspace: Workspace, path: str) -> str:
    """Return a path relative to the workspace.

    Raises:
        ConfigError: The path leads out of the workspace.
    """
    root = workspace.url
    if "://" not in root and PurePath(path).is_absolute():
        path = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
    relative = os.path.normpath(path.removeprefix(f"{root}/"))
    if "://" in path.removeprefix(f"{root}/") or relative.startswith(("..", "/")):
        raise ConfigError("CONFIG_FILE", f"{path!r} is not inside the workspace")
    return relative


def _candidates(names: list[str], report: str, config_file: str | None) -> str:
    """Return a team's config files as a shell pattern."""
    team = "{" + ",".join(names) + "}" if len(names) > 1 else names[0]
    files = [
        f"configs/{team}/config{{.{report},}}.json",
        *([config_file] if config_file else []),
        "config{" + "".join(f".{name}," for name in names) + "}.json",
        _DEFAULTS,
    ]
    return ", ".join(files)


def _date(value: object, key: str, path: str) -> date:
    try:
        return iso_date(value if isinstance(value, str) else _displayed(value))
    except ImpossibleDateError as error:
        raise ConfigError(path, f"{key}: {error}") from error


def _displayed(value: object) -> str:
    """Return a value that is not text for a message; `repr` fails on deeply nested lists."""
    return f"a {type(value).__name__}" if isinstance(value, list | dict) else repr(value)
