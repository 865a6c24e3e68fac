"""The configs of the teams of a run, each read once."""

from loader.extract.options import RunOptions
from loader.parsing.weekly import Week
from loader.workspace.kinds import Kind
from loader.workspace.team_config import JIRA_WEEK, SLACK_WEEK, TeamConfig, load_config
from loader.workspace.teams import other_names


class TeamConfigs:
    """Reads configs when they are asked for.

    Args:
        options: The options of the run.
    """

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self._configs: dict[str, TeamConfig] = {}

    def of(self, team: str) -> TeamConfig:
        """Return the config of a team, by its folder.

        Raises:
            ConfigError: A config file cannot be used.
        """
        if team not in self._configs:
            options = self.options
            others = other_names(team, options.teams)
            self._configs[team] = load_config(
                options.workspace, team, options.report, others, options.config_file
            )
        return self._configs[team]

    def week(self, kind: Kind, team: str) -> Week | None:
        """Return the week to load: that of the options, else the configured one; None without any.

        Raises:
            ConfigError: A config file cannot be used.
        """
        if self.options.week:
            return self.options.week
        config = self.of(team)
        week = config.week(SLACK_WEEK) if kind is Kind.SLACK_CAPTURES else None
        return week or config.week(JIRA_WEEK)

    def looked_at(self, team: str) -> str:
        """Return which files were looked for, for messages."""
        return self._configs[team].looked_at if team in self._configs else "the config"
