from collections.abc import Callable, Iterator

import pytest

from tests.support.project import Project
from tests.support.rows import Rows
from tests.support.sweep import NewSweep, Sweep, finals


@pytest.fixture
def sweep(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Iterator[NewSweep]:
    """Return a function that makes the sweep of a test: the number of tries, more with --chaos.

    Give it a built project, or no rows if the test compares by itself.
    """
    made: list[Sweep] = []

    def new(case: str, clean: Project | Rows, tries: int, with_chaos: int) -> Sweep:
        is_chaos = request.config.getoption("--chaos")
        seed = request.config.getoption("--seed")
        rows = finals(clean) if isinstance(clean, Project) else clean
        made.append(Sweep(case, rows, with_chaos if is_chaos else tries, seed))
        return made[0]

    yield new
    for each in made:
        record_property("sweep", {"case": each.case, **each.figures})
        exact = dict.fromkeys(each.figures, 0) | dict.fromkeys(("tries", "exact"), each.most)
        assert exact == each.figures, "\n".join(["", *each.differences])
