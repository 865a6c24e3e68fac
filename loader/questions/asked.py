"""What a caller asks for."""

from dataclasses import dataclass
from datetime import date

from loader.questions.names import Person, Team


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters of a question; None takes nothing away.

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
    """A part of the items that there are.

    Args:
        limit: The most items to return.
        offset: How many to skip.
    """

    limit: int
    offset: int = 0

    @property
    def params(self) -> list[object]:
        """Parameters of PAGE: one more than the limit shows whether there are more."""
        return [self.limit + 1, self.offset]
