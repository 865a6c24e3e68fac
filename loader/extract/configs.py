"""The configs and people of a run's teams, each read once."""

from collections.abc import Callable
from functools import cached_property, partial

from loader.extract.options import RunOptions
from loader.parsing.dates import DateOrder
from loader.parsing.people import People, Person
from loader.parsing.weekly import Week
from loader.workspace.json_files import ConfigError
from loader.workspace.kinds import Kind
from loader.workspace.people import load_people
from loader.workspace.team_config import JIRA_WEEK, SLACK_WEEK, TeamConfig, load_config
from loader.workspace.teams import other_names


class TeamConfigs:
    """Configs that are read on first use.

    Args:
        options: The options of the run.
    """

    def __init__(self, options: RunOptions) -> None:
        self.options = options
        self._configs: dict[str, TeamConfig] = {}
        self._people: dict[str, People] = {}

    def of(self, team: str) -> TeamConfig:
        """Return the config of a team, by its folder.

        Raises:
            ConfigError: A config file is invalid.
        """
        if team not in self._configs:
            options = self.options
            others = other_names(team, options.teams)
            self._configs[team] = load_config(
                options.workspace, team, options.report, others, options.config_file
            )
        return self._configs[team]

    def week(self, kind: Kind, team: str) -> Week | None:
        """Return the week to load: from the options, else from the config; None if neither has one.

        Raises:
            ConfigError: A config file is invalid.
        """
        if self.options.week:
            return self.options.week
        config = self.of(team)
        week = config.week(SLACK_WEEK) if kind is Kind.SLACK_CAPTURES else None
        return week or config.week(JIRA_WEEK)

    def looked_at(self, team: str) -> str:
        """Return the candidate config files, for messages."""
        return self._configs[team].looked_at if team in self._configs else "the config"

    def date_order(self, team: str) -> DateOrder | None:
        """Return the order of day and month; None if no valid config sets it."""
        try:
            return self.of(team).date_order()
        except ConfigError:  # recorded when the week is read
            return None

    def find_person(self, team: str) -> Callable[[str], str | None]:
        """Return a function that maps a spelling to the full name of a team's known person."""
        return partial(self._full_name, team)

    def version(self, team: str) -> str:
        """Return a text that changes whenever the same bytes of the team may give other rows."""
        return repr((self.date_order(team), self._seeded, self._mapped(team)))

    @cached_property
    def _seeded(self) -> list[Person]:
        return load_people()

    def _mapped(self, team: str) -> list[Person]:
        try:
            mapping = self.of(team).mapping
        except ConfigError:
            return []
        return [Person(each.full_name, each.aliases) for each in mapping.people]

    def _full_name(self, team: str, spelling: str) -> str | None:
        if team not in self._people:
            name = self.options.teams.get(team, team)
            self._people[team] = People(self._seeded, {name: self._mapped(team)})
        person = self._people[team].find(self.options.teams.get(team, team), spelling)
        return person.full_name if person else None
