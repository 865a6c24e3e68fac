"""One line of the benchmark's table."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One line of the table.

    Args:
        what: The measured case.
        measured: The measured value, as text.
        baseline: The value that it is compared with, as text.
        ratio: Our cost divided by the baseline, or our cost if there is no baseline.
        goal: The maximum of the ratio; if negative, its absolute value is the minimum.
    """

    what: str
    measured: str
    baseline: str = ""
    ratio: float | None = None
    goal: float | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the goal is met; None without a goal."""
        if self.ratio is None or self.goal is None:
            return None
        return self.ratio >= -self.goal if self.goal < 0 else self.ratio <= self.goal

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of its line."""
        ratio = "" if self.ratio is None else f"{self.ratio:,.2f}"
        sign = "≥" if (self.goal or 0) < 0 else "≤"
        goal = "" if self.goal is None else f"{sign} {abs(self.goal):,g}"
        met = {None: "", True: "yes", False: "**no**"}[self.is_met]
        return self.what, self.measured, self.baseline, ratio, goal, met


def table(figures: Iterable[Figure]) -> str:
    """Return the table in Markdown, to paste into docs/performance.md."""
    head = ("what", "measured", "baseline", "ratio", "goal", "met")
    rows = [head, ("---",) * len(head), *(figure.cells for figure in figures)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)
