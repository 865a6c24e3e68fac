"""Filters and pages of a query."""

from dataclasses import dataclass
from datetime import date

from loader.questions.names import Person, Team


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a query; None filters nothing.

    Args:
        team: Only this team.
        person: Only this person.
        since: The first day.
        until: The last day.
    """

    team: Team | None = None
    person: Person | None = None
    since: date | None = None
    until: date | None = None

    @property
    def team_id(self) -> str | None:
        """The team's id, as a parameter."""
        return str(self.team.id) if self.team else None

    @property
    def person_id(self) -> str | None:
        """The person's id, as a parameter."""
        return self.person.id if self.person else None


@dataclass(frozen=True, slots=True)
class Part:
    """A page of the results.

    Args:
        limit: The maximum number of items.
        offset: The number of items to skip.
    """

    limit: int
    offset: int = 0

    @property
    def params(self) -> list[object]:
        """Parameters of PAGE: one row more than the limit shows that there are more."""
        return [self.limit + 1, self.offset]
