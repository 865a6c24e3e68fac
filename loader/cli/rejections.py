"""Tables of rejections, for `run` and `status`."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from loader.cli.output import line, listing
from loader.parsing.rejections import OpenRejection, Reason

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing

_MOST = 20


def rejection_tables(rejections: Sequence[OpenRejection], none: str) -> "Iterator[Listing | Text]":
    """Yield a table of rejections and a table of their reasons; the line `none` without any."""
    if not rejections:
        yield line(none)
        return
    where = (
        (r.severity, r.reason, r.path + (f":{r.line_number}" if r.line_number else ""), r.detail)
        for r in rejections[:_MOST]
    )
    yield listing("Rejections", ("severity", "reason", "where", "detail"), where)
    if len(rejections) > _MOST:
        rest = len(rejections) - _MOST
        yield line(f"… and {rest:,} more; all of them: python -m loader status --json")
    counts = Counter((each.severity, each.reason) for each in rejections)
    reasons = (
        (reason, severity, f"{count:,}", line(Reason(reason).hint))
        for (severity, reason), count in sorted(counts.items())
    )
    columns = ("reason", "severity", "count", "hint")
    yield listing("Rejections by reason", columns, reasons, right=("count",))
