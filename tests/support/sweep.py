"""Many tries of one case, each compared with a clean run of the same input."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.support.finals import WEEKLY, snapshot
from tests.support.project import Project
from tests.support.rows import Rows, finished_loads


def finals(project: Project) -> Rows:
    """Return the rows of the nine tables with ids and contents; for weekly tables those of one run.

    A weekly row that some finished run lacks is returned as often as it exists.
    """
    found = {table: Counter(map(str, rows[1:])) for table, rows in snapshot(project).items()}
    runs = len(finished_loads(project))
    for table in WEEKLY:
        for row, times in found[table].items():
            found[table][row] = 1 if times == runs else times
    return found


@dataclass
class Sweep:
    """The tries of a case, and their results.

    Args:
        case: The name of the case.
        clean: The final rows of a clean run.
        most: The number of tries.
        seed: The seed of the random numbers.
        exact: Tries with exactly the rows of the clean run.
        lost: Tries with a missing row.
        doubled: Tries with an extra row.
        stuck: Tries after which the next plain command failed.
        differences: The different rows of the tries that were not exact.
    """

    case: str
    clean: Rows
    most: int
    seed: int
    tries: int = 0
    exact: int = 0
    lost: int = 0
    doubled: int = 0
    stuck: int = 0
    differences: list[str] = field(default_factory=list)
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        self.random = Random(f"{self.seed} {self.case}")

    def each(self) -> Iterator[int]:
        for number in range(self.most):
            self.tries += 1
            yield number

    def compare(self, project: Project) -> None:
        """Count a try by its final rows."""
        found = finals(project)
        lost = any(self.clean[table] - found[table] for table in found)
        doubled = any(found[table] - self.clean[table] for table in found)
        self.differences += [
            f"try {self.tries}, {table}: lost {self.clean[table] - found[table]},"
            f" doubled {found[table] - self.clean[table]}"
            for table in found
            if found[table] != self.clean[table]
        ]
        self.lost += lost
        self.doubled += doubled
        self.exact += not (lost or doubled)

    @property
    def figures(self) -> dict[str, int]:
        names = ("tries", "exact", "lost", "doubled", "stuck")
        return {name: getattr(self, name) for name in names}


NewSweep = Callable[..., Sweep]
